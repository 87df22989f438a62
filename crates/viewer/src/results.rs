//! Figures of contestants with their intervals, by category, and how two of them compare.

use serde::{Deserialize, Serialize};

/// One measure of several contestants, by category: a table with an interval in each row.
///
/// ```
/// use offseeker_viewer::{Cell, Compared, Results};
///
/// let results = Results::shares("Right answers, greedy")
///     .cell(Cell::new("SFT", "two hops", 0.688).within(0.62, 0.75).out_of(96))
///     .cell(Cell::new("DPO", "two hops", 0.712).within(0.65, 0.77).out_of(96))
///     .comparison(Compared::new("SFT", "DPO", 0.024).within(-0.02, 0.07).changing(52, 36).by_chance(0.11));
/// assert_eq!(results.cells.len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Results {
    /// What is measured, and how.
    pub name: String,
    /// Whether figures are shares from 0 to 1, shown in percent; else they are plain numbers.
    pub shares: bool,
    /// The figures.
    pub cells: Vec<Cell>,
    /// How pairs of contestants compare.
    pub comparisons: Vec<Compared>,
    /// What else is to be said.
    pub note: String,
}

/// The figure of a contestant in a category.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// The contestant.
    pub contestant: String,
    /// The category; `all` for all of them.
    pub category: String,
    /// The figure.
    pub value: f64,
    /// Where it lies with 95 % confidence: the lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// How many questions it rests on.
    pub questions: Option<u64>,
}

/// How the second of two contestants differs from the first, question by question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Compared {
    /// The first contestant.
    pub from: String,
    /// The second one.
    pub to: String,
    /// The category, where it is not all of them.
    pub category: Option<String>,
    /// By how much the second is higher.
    pub difference: f64,
    /// Where that lies with 95 % confidence: the lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// How many questions the second gained.
    pub gained: Option<u64>,
    /// How many it lost.
    pub lost: Option<u64>,
    /// How likely such a difference is by chance alone.
    pub p_value: Option<f64>,
}

impl Results {
    /// A measure that is a share from 0 to 1.
    pub fn shares(name: impl Into<String>) -> Self {
        Self { name: name.into(), shares: true, ..Self::default() }
    }

    /// A measure that is a number, such as calls per attempt.
    pub fn numbers(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Adds a figure. Contestants and categories are shown in the order in which they first come.
    #[must_use]
    pub fn cell(mut self, cell: Cell) -> Self {
        self.cells.push(cell);
        self
    }

    /// Adds a comparison.
    #[must_use]
    pub fn comparison(mut self, compared: Compared) -> Self {
        self.comparisons.push(compared);
        self
    }

    /// Says something else.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }
}

impl Cell {
    /// A figure.
    pub fn new(contestant: impl Into<String>, category: impl Into<String>, value: f64) -> Self {
        Self { contestant: contestant.into(), category: category.into(), value, ..Self::default() }
    }

    /// Says where it lies with 95 % confidence.
    #[must_use]
    pub fn within(self, low: f64, high: f64) -> Self {
        Self { low: Some(low), high: Some(high), ..self }
    }

    /// Says how many questions it rests on.
    #[must_use]
    pub fn out_of(self, questions: u64) -> Self {
        Self { questions: Some(questions), ..self }
    }
}

impl Compared {
    /// By how much the second is higher than the first.
    pub fn new(from: impl Into<String>, to: impl Into<String>, difference: f64) -> Self {
        Self { from: from.into(), to: to.into(), difference, ..Self::default() }
    }

    /// Says in which category.
    #[must_use]
    pub fn in_category(self, category: impl Into<String>) -> Self {
        Self { category: Some(category.into()), ..self }
    }

    /// Says where the difference lies with 95 % confidence.
    #[must_use]
    pub fn within(self, low: f64, high: f64) -> Self {
        Self { low: Some(low), high: Some(high), ..self }
    }

    /// Says how many questions were gained and lost.
    #[must_use]
    pub fn changing(self, gained: u64, lost: u64) -> Self {
        Self { gained: Some(gained), lost: Some(lost), ..self }
    }

    /// Says how likely such a difference is by chance alone.
    #[must_use]
    pub fn by_chance(self, p_value: f64) -> Self {
        Self { p_value: Some(p_value), ..self }
    }
}
