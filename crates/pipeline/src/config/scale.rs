//! The miniature at three scales. What is not said here is as its field says it.

use std::str::FromStr;

use super::{Config, Counts};

/// How large the miniature is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    /// A quarter of an hour on two cores.
    #[default]
    Small,
    /// About an hour.
    Medium,
    /// About half a day.
    Large,
}

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "small" => Ok(Self::Small),
            "medium" => Ok(Self::Medium),
            "large" => Ok(Self::Large),
            other => Err(format!("{other:?} is no scale; there are small, medium and large")),
        }
    }
}

impl Config {
    /// The miniature: made-up encyclopedias, a scripted teacher, a model that begins with nothing.
    #[must_use]
    pub fn miniature(scale: Scale) -> Self {
        let small = Self::default();
        match scale {
            Scale::Small => small,
            Scale::Medium => small.grown(3, 160),
            Scale::Large => small.grown(10, 256),
        }
    }

    /// So many times the data, from so many times the worlds, for a wider model.
    fn grown(mut self, times: usize, width: usize) -> Self {
        let train = &self.questions.train;
        self.questions.train = Counts {
            one_hop: train.one_hop * times,
            two_hops: train.two_hops * times,
            three_hops: train.three_hops * times,
            clue_two_hops: train.clue_two_hops * times,
            clue_three_hops: train.clue_three_hops * times,
        };
        self.corpus.world.worlds *= times as u64;
        self.student.fresh.width = width;
        self.rollouts.questions *= times;
        self.questions.test = Counts::each(200);
        self.questions.fresh = Counts::each(200);
        self
    }

    /// The same in other worlds.
    #[must_use]
    pub fn in_world(mut self, seed: u64) -> Self {
        self.corpus.world.seed = seed;
        self
    }
}
