//! Which stages there are, in which order, and what they ask for.

use offseeker_trajectory::{TrajectoryError, content_id};
use serde::{Deserialize, Serialize};

use crate::stage::{Correctness, Diversity, Effort, Grounding, Integrity, Stage};

/// Which stages there are, in which order, and what they ask for. The default is all five in their order.
///
/// OffSeeker's paper names five stages and no criterion; those here are our own definition.
///
/// ```
/// use offseeker_curation::{Recipe, Stage};
///
/// let recipe: Recipe = serde_json::from_str(r#"{"stages": ["integrity", "effort"], "effort": {"least_calls": 4}}"#)?;
/// assert_eq!(recipe.stages, [Stage::Integrity, Stage::Effort]);
/// assert_eq!((recipe.effort.least_calls, recipe.effort.most_calls), (4, 200));
/// assert!(serde_json::from_str::<Recipe>(r#"{"effort": {"minimum": 4}}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// The stages in the order in which attempts pass them; one that is not named is left out.
    pub stages: Vec<Stage>,
    /// Whether an attempt is whole.
    pub integrity: Integrity,
    /// Whether it is right.
    pub correctness: Correctness,
    /// Whether its answer rests on what it saw.
    pub grounding: Grounding,
    /// Whether it took pains, and the right ones.
    pub effort: Effort,
    /// Whether it adds something, and nothing that it should not.
    pub diversity: Diversity,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            stages: Stage::ALL.to_vec(),
            integrity: Integrity::default(),
            correctness: Correctness::default(),
            grounding: Grounding::default(),
            effort: Effort::default(),
            diversity: Diversity::default(),
        }
    }
}

impl Recipe {
    /// OpenSeeker-v2's: attempts are kept for their length, right or wrong. How many calls it asks for was not
    /// published.
    #[must_use]
    pub fn openseeker_v2(least_calls: u32) -> Self {
        let effort = Effort { least_calls, ..Effort::default() };
        Self { stages: vec![Stage::Integrity, Stage::Effort, Stage::Diversity], effort, ..Self::default() }
    }

    /// After rStar2-Agent: of the right attempts at a question, so many that are cleanest.
    #[must_use]
    pub fn cleanest(most_per_question: u32) -> Self {
        let diversity =
            Diversity { most_per_question, prefer: vec![crate::stage::Preference::Cleanest], ..Diversity::default() };
        let stages = vec![Stage::Integrity, Stage::Correctness, Stage::Diversity];
        Self { stages, diversity, ..Self::default() }
    }

    /// Names the recipe by its content.
    ///
    /// # Errors
    ///
    /// When it holds a number that JSON cannot say.
    pub fn id(&self) -> Result<String, TrajectoryError> {
        content_id(self)
    }
}
