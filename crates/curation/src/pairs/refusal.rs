//! Why two attempts are no pair.

use offseeker_trajectory::{QuestionId, TrajectoryId};
use serde::{Deserialize, Serialize};

/// Something that is in no pair: a question where no attempt is named, an attempt where one is, else a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The question.
    pub question: QuestionId,
    /// The attempt that would have been the better one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<TrajectoryId>,
    /// The attempt that would have been the worse one, or either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<TrajectoryId>,
    /// Why.
    pub reason: Refusal,
}

/// Why a question, an attempt or two attempts are in no pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// A question has too few scored attempts.
    #[error("the question has too few scored attempts")]
    FewAttempts,
    /// All scored attempts at a question are right.
    #[error("all scored attempts at the question are right")]
    AllRight,
    /// All scored attempts at a question are wrong.
    #[error("all scored attempts at the question are wrong")]
    AllWrong,
    /// An attempt ended through no fault of its own.
    #[error("the attempt ended through no fault of its own")]
    Infrastructure,
    /// An attempt is still under way.
    #[error("the attempt is still under way")]
    Unfinished,
    /// An attempt is unscored.
    #[error("the attempt is unscored")]
    Unscored,
    /// An attempt has too many tokens.
    #[error("the attempt has too many tokens")]
    TooLong,
    /// The better one is wrong.
    #[error("the better attempt is wrong")]
    ChosenWrong,
    /// No tool showed the answer of the better one.
    #[error("no tool showed the answer of the better attempt")]
    ChosenUngrounded,
    /// The better one is not much better.
    #[error("the better attempt is not much better")]
    SmallMargin,
    /// One is too many times as long as the other.
    #[error("one attempt is too many times as long as the other")]
    LengthRatio,
    /// The model says nothing in one of them that counts.
    #[error("the model says nothing in one of the attempts that counts")]
    NothingSaid,
    /// Where they part, nothing of one of them is left that counts.
    #[error("nothing that counts is left of one of the attempts where they part")]
    NothingApart,
    /// They part before it is the model's turn in both.
    #[error("the attempts part before it is the model's turn in both; leave out requests for more")]
    NoTurn,
    /// The question is of a sealed benchmark.
    #[error("the question is of a sealed benchmark, from which nothing is learnt unless the rules of the cut say so")]
    Sealed,
    /// Their models were told of different tools.
    #[error("the models were told of different tools")]
    OtherTools,
    /// An attempt is not the one that was planned.
    #[error("the attempt is not the one that was planned; read the attempts that the plan names")]
    OtherAttempt,
}

impl Refusal {
    /// The code by which it is counted: `small_margin`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FewAttempts => "few_attempts",
            Self::AllRight => "all_right",
            Self::AllWrong => "all_wrong",
            Self::Infrastructure => "infrastructure",
            Self::Unfinished => "unfinished",
            Self::Unscored => "unscored",
            Self::TooLong => "too_long",
            Self::ChosenWrong => "chosen_wrong",
            Self::ChosenUngrounded => "chosen_ungrounded",
            Self::SmallMargin => "small_margin",
            Self::LengthRatio => "length_ratio",
            Self::NothingSaid => "nothing_said",
            Self::NothingApart => "nothing_apart",
            Self::NoTurn => "no_turn",
            Self::Sealed => "sealed",
            Self::OtherTools => "other_tools",
            Self::OtherAttempt => "other_attempt",
        }
    }

    /// What it is a refusal of: a `question`, an `attempt` or a `pair`.
    #[must_use]
    pub fn of(self) -> &'static str {
        match self {
            Self::FewAttempts | Self::AllRight | Self::AllWrong => "question",
            Self::Infrastructure | Self::Unfinished | Self::Unscored | Self::TooLong => "attempt",
            _ => "pair",
        }
    }
}
