//! Why a dialect is none, or a turn cannot be written in one.

/// Why a dialect is none, or a turn cannot be written in one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DialectError {
    /// The description of the dialect is no JSON, or has a field that does not belong there.
    #[error("the dialect cannot be read: {reason}")]
    Unreadable {
        /// What is wrong, with the line.
        reason: String,
    },
    /// A tag in the description of the dialect is no use.
    #[error("{field} of the dialect is {tag:?}: {reason}")]
    Tag {
        /// The field.
        field: String,
        /// The tag in it.
        tag: String,
        /// What is wrong with it and what to do.
        reason: &'static str,
    },
    /// A part of the turn holds what the dialect would take for something else.
    #[error("the {part} holds {found:?}, which ends it or begins something else in this dialect")]
    Unsayable {
        /// The part.
        part: &'static str,
        /// What it holds.
        found: String,
    },
    /// A part of the turn begins or ends with white space, which reading drops.
    #[error("the {part} begins or ends with white space; trim it")]
    Untrimmed {
        /// The part.
        part: &'static str,
    },
    /// The dialect has no place for a part of the turn.
    #[error("the dialect has no place for {what}")]
    NoPlace {
        /// What there is no place for.
        what: String,
    },
    /// The arguments of a call are not spelled as the dialect would spell them.
    #[error("the arguments of call {call} cannot be written in this dialect: {reason}")]
    Arguments {
        /// The number of the call, from nought.
        call: usize,
        /// What is wrong with them and what to do.
        reason: String,
    },
}
