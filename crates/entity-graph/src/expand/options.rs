//! How an expansion goes.

use std::time::Duration;

use offseeker_chat::Sampling;
use serde::{Deserialize, Serialize};

use super::{ExpandError, Noun, Prompts, Quota};

/// How entities are explored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// From each entity along one path: the next is any that the last one is related to, all of them alike.
    Walk {
        /// How likely paths of one step, two steps and so on are, beside each other. OffSeeker's are 10, 40, 40, 10.
        weights: Vec<u32>,
    },
    /// Around each entity in all directions.
    Graph {
        /// From each entity on by so many at least, where there are so many. 1.
        least_branches: usize,
        /// From each entity on by so many at most. 3.
        most_branches: usize,
        /// So many entities at most, the first included. 12.
        nodes: usize,
        /// So many steps from the first at most. 4.
        reach: usize,
    },
}

impl Mode {
    /// Paths as long as OffSeeker's.
    #[must_use]
    pub fn walk() -> Self {
        Self::Walk { weights: vec![10, 40, 40, 10] }
    }

    /// Graphs of twelve entities.
    #[must_use]
    pub fn graph() -> Self {
        Self::Graph { least_branches: 1, most_branches: 3, nodes: 12, reach: 4 }
    }
}

/// How an expansion goes. A folder is begun with options and goes on with the same; the last four fields are those that
/// change nothing about the result, and may be others at every run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpandOptions {
    /// What all randomness comes from. 0.
    pub seed: u64,
    /// How many nouns of which domain and language a model thinks of. Ten in English and ten in Chinese, from each of
    /// [`DOMAINS`](super::DOMAINS).
    pub quotas: Vec<Quota>,
    /// Nouns to begin with besides those, or instead of them.
    pub nouns: Vec<Noun>,
    /// How many nouns are asked for at once. 100, and not more.
    pub batch: usize,
    /// How many hits of each noun are taken. 10.
    pub hits: usize,
    /// How many of all the pages found are read, chosen at random; all, where nothing is said.
    pub urls: Option<usize>,
    /// Pages of fewer characters are passed over. 100.
    pub shortest_page: usize,
    /// Of longer pages so many characters are read. 400,000.
    pub longest_page: usize,
    /// How many characters a model is shown at once to find names in. 3,000.
    pub window: usize,
    /// Each window begins so many characters after the one before. 2,700.
    pub stride: usize,
    /// How many windows of a page are shown. 4.
    pub windows: usize,
    /// How many names of a page are taken. 10.
    pub names: usize,
    /// The least score of what is explored, see [`Pooled`](super::Pooled). 0.5.
    pub least_score: f64,
    /// How many hits are asked for to see how well known a name is. 50.
    pub log_hits: usize,
    /// How many entities of the pool are explored, chosen at random; all, where nothing is said.
    pub roots: Option<usize>,
    /// How they are explored.
    pub mode: Mode,
    /// Whether facts and relations whose quotes no page says are kept, as claims without evidence. They are not.
    pub keep_unsupported: bool,
    /// How often an item is attempted whose answers cannot be used. 3.
    pub attempts: usize,
    /// How models sample; each attempt has a seed of its own. A temperature of 0.7.
    pub sampling: Sampling,
    /// What models are asked.
    pub prompts: Prompts,
    /// How many items are worked on at once. 8.
    #[serde(skip, default = "eight")]
    pub parallel: usize,
    /// After so many outages in a row, with no result between them, the run ends. 8.
    #[serde(skip, default = "outages")]
    pub most_outages: u32,
    /// Whether a page that cannot be reached just now is passed over for good, instead of being waited for: with pages of
    /// the web there is always a server that is gone. It is not.
    #[serde(skip)]
    pub leave_out_unreachable: bool,
    /// How long the exploration of one entity may take; longer counts as an attempt. 20 minutes.
    #[serde(skip, default = "wall")]
    pub wall: Duration,
}

fn eight() -> usize {
    8
}

fn outages() -> u32 {
    8
}

fn wall() -> Duration {
    Duration::from_secs(1_200)
}

impl Default for ExpandOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            quotas: Quota::evenly(&["en", "zh"], 10),
            nouns: Vec::new(),
            batch: 100,
            hits: 10,
            urls: None,
            shortest_page: 100,
            longest_page: 400_000,
            window: 3_000,
            stride: 2_700,
            windows: 4,
            names: 10,
            least_score: crate::LONG_TAIL,
            log_hits: 50,
            roots: None,
            mode: Mode::graph(),
            keep_unsupported: false,
            attempts: 3,
            sampling: Sampling { temperature: Some(0.7), ..Sampling::default() },
            prompts: Prompts::default(),
            parallel: eight(),
            most_outages: outages(),
            leave_out_unreachable: false,
            wall: wall(),
        }
    }
}

impl ExpandOptions {
    /// As OffSeeker does it: names from the beginning of each page alone, and paths.
    #[must_use]
    pub fn compat() -> Self {
        Self { windows: 1, mode: Mode::walk(), ..Self::default() }
    }

    /// Whether they make sense.
    ///
    /// # Errors
    ///
    /// The first that does not.
    pub fn check(&self) -> Result<(), ExpandError> {
        let between = |option, value: usize, least: usize, most: usize| {
            if (least..=most).contains(&value) {
                return Ok(());
            }
            let reason = format!("is {value}; it may be from {least} to {most}");
            Err(ExpandError::Options { option, reason })
        };
        between("batch", self.batch, 1, 100)?;
        between("hits", self.hits, 1, 100)?;
        between("longest_page", self.longest_page, 1, 400_000)?;
        between("window", self.window, 100, 100_000)?;
        between("stride", self.stride, 1, self.window)?;
        between("windows", self.windows, 1, 1_000)?;
        between("names", self.names, 1, 1_000)?;
        between("log_hits", self.log_hits, 1, 1_000)?;
        between("attempts", self.attempts, 1, 3)?;
        between("parallel", self.parallel, 1, 100_000)?;
        between("most_outages", self.most_outages as usize, 1, 1_000_000)?;
        if !(0.0..=1.0).contains(&self.least_score) {
            let reason = format!("is {}; it may be from 0 to 1", self.least_score);
            return Err(ExpandError::Options { option: "least_score", reason });
        }
        match &self.mode {
            Mode::Walk { weights } => {
                between("mode.weights", weights.len(), 1, 64)?;
                between("mode.weights", weights.iter().filter(|weight| **weight > 0).count(), 1, 64)?;
            }
            Mode::Graph { least_branches, most_branches, nodes, reach } => {
                between("mode.nodes", *nodes, 1, 10_000)?;
                between("mode.most_branches", *most_branches, 1, 1_000)?;
                between("mode.least_branches", *least_branches, 0, *most_branches)?;
                between("mode.reach", *reach, 0, 64)?;
            }
        }
        self.prompts.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_make_no_sense_are_refused() {
        let good = ExpandOptions::default;
        check(&good(), None);
        check(&ExpandOptions::compat(), None);
        check(&ExpandOptions { batch: 101, ..good() }, Some("batch"));
        check(&ExpandOptions { stride: 3_001, ..good() }, Some("stride"));
        check(&ExpandOptions { attempts: 4, ..good() }, Some("attempts"));
        check(&ExpandOptions { least_score: f64::NAN, ..good() }, Some("least_score"));
        check(&ExpandOptions { mode: Mode::Walk { weights: vec![0, 0] }, ..good() }, Some("mode.weights"));
        let mode = Mode::Graph { least_branches: 3, most_branches: 2, nodes: 12, reach: 4 };
        check(&ExpandOptions { mode, ..good() }, Some("mode.least_branches"));
    }

    fn check(options: &ExpandOptions, expected: Option<&str>) {
        match (options.check(), expected) {
            (Ok(()), None) => {}
            (Err(ExpandError::Options { option, .. }), Some(expected)) => assert_eq!(option, expected),
            (found, _) => panic!("{found:?}, not {expected:?}"),
        }
    }
}
