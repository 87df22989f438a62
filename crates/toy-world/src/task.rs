//! A question of a world, and the plan that it was made by.

use offseeker_entity_graph::EntityId;
use offseeker_question_synthesis::{Kind, Level, Plan};
use offseeker_trajectory::Question;
use serde::{Deserialize, Serialize};

use crate::{World, WorldError};

/// A question of a world, and the plan that it was made by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The question. Its metadata says `category`, `hops`, `level` and `held_out`.
    pub question: Question,
    /// What it asks and by which clues.
    pub plan: Plan,
}

/// What a question is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Category {
    /// Something is named; what is asked for stands on its page.
    OneHop,
    /// Something is named; two pages lead to the answer.
    TwoHops,
    /// Something is named; three pages lead to the answer.
    ThreeHops,
    /// Somebody is described; what is asked for stands on that person's page.
    ClueTwoHops,
    /// Somebody is described; one more page leads to the answer.
    ClueThreeHops,
    /// As the crate `question-synthesis` plans them.
    Planned {
        /// What kind of question it is.
        kind: Kind,
        /// How much it hides.
        level: Level,
    },
}

/// Which entities questions are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Those to learn from: none that is held out has anything to do with a question.
    Train,
    /// Those that are held out: all that a question has to do with are.
    HeldOut,
    /// All.
    Whole,
}

impl Category {
    /// The categories that are planned and worded here.
    pub const SHORT: [Self; 5] = [Self::OneHop, Self::TwoHops, Self::ThreeHops, Self::ClueTwoHops, Self::ClueThreeHops];

    /// The category in a word: `clue_two_hops`, `intersection`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneHop => "one_hop",
            Self::TwoHops => "two_hops",
            Self::ThreeHops => "three_hops",
            Self::ClueTwoHops => "clue_two_hops",
            Self::ClueThreeHops => "clue_three_hops",
            Self::Planned { kind, .. } => kind.as_str(),
        }
    }

    /// How many relations and values lead from what is named, or described, to the answer.
    pub(crate) fn steps(self) -> usize {
        match self {
            Self::OneHop | Self::ClueTwoHops => 1,
            Self::TwoHops | Self::ClueThreeHops => 2,
            _ => 3,
        }
    }

    /// Whether it begins with somebody who is described.
    pub(crate) fn describes(self) -> bool {
        matches!(self, Self::ClueTwoHops | Self::ClueThreeHops)
    }
}

impl Task {
    /// The entities that it has to do with: those that it names, and those that its plan leads over.
    pub fn entities(&self) -> impl Iterator<Item = EntityId> + '_ {
        self.plan.constants().map(|(id, _)| id).chain(self.plan.bindings.values().copied())
    }
}

impl World {
    /// Questions of a category: different ones, whose entities are of one part, the same ones for the same seed.
    ///
    /// # Errors
    ///
    /// [`WorldError::TooFewQuestions`], when there are not so many.
    pub fn tasks(&self, category: Category, part: Part, count: usize, seed: u64) -> Result<Vec<Task>, WorldError> {
        match category {
            Category::Planned { kind, level } => self.planned_questions((kind, level), part, count, seed),
            short => self.short_questions(short, part, count, seed),
        }
    }
}
