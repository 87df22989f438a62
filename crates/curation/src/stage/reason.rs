//! Why an attempt is dropped.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an attempt is dropped: the first thing that is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// It is still under way.
    Unfinished,
    /// It ended through no fault of its own.
    Infrastructure,
    /// It ended in another way than is asked for.
    Ended,
    /// It has no answer.
    NoAnswer,
    /// The arguments of a call had to be mended further than is allowed.
    Repaired,
    /// A turn has neither a call nor an answer.
    SilentTurn,
    /// The roles do not alternate.
    Order,
    /// It has too many tokens.
    TooLong,
    /// Nobody could tell whether it is right.
    Unscored,
    /// It is wrong.
    Wrong,
    /// No tool showed the answer before it was given.
    AnswerUnseen,
    /// Too few pages were opened.
    FewVisits,
    /// Too many addresses were asked for or cited that nobody had shown.
    InventedAddresses,
    /// It made too few calls.
    FewCalls,
    /// It made too many calls.
    ManyCalls,
    /// Too many of its calls failed.
    FailedCalls,
    /// Too many of its calls had been made before.
    RepeatedCalls,
    /// It went in circles.
    Circling,
    /// A turn hardly reasons.
    ShortThoughts,
    /// A turn reasons for too long.
    LongThoughts,
    /// It reasons in several languages.
    SwitchedLanguage,
    /// Its question, or a page that it saw, comes too near to a known text.
    Contaminated,
    /// It holds a key, a password or data of a person.
    Secrets,
    /// It says the answer before it looked for it.
    ClosedBook,
    /// A better attempt made nearly the same calls.
    NearDuplicate,
    /// There are enough better attempts at the question.
    EnoughOfQuestion,
    /// The same attempt is there twice.
    SameAttempt,
}

impl Reason {
    /// The code by which it is counted: `few_calls`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Infrastructure => "infrastructure",
            Self::Ended => "ended",
            Self::NoAnswer => "no_answer",
            Self::Repaired => "repaired",
            Self::SilentTurn => "silent_turn",
            Self::Order => "order",
            Self::TooLong => "too_long",
            Self::Unscored => "unscored",
            Self::Wrong => "wrong",
            Self::AnswerUnseen => "answer_unseen",
            Self::FewVisits => "few_visits",
            Self::InventedAddresses => "invented_addresses",
            Self::FewCalls => "few_calls",
            Self::ManyCalls => "many_calls",
            Self::FailedCalls => "failed_calls",
            Self::RepeatedCalls => "repeated_calls",
            Self::Circling => "circling",
            Self::ShortThoughts => "short_thoughts",
            Self::LongThoughts => "long_thoughts",
            Self::SwitchedLanguage => "switched_language",
            Self::Contaminated => "contaminated",
            Self::Secrets => "secrets",
            Self::ClosedBook => "closed_book",
            Self::NearDuplicate => "near_duplicate",
            Self::EnoughOfQuestion => "enough_of_question",
            Self::SameAttempt => "same_attempt",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says no for a reason, unless what is asked for holds.
pub(super) fn ask(holds: bool, reason: Reason) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(reason) }
}
