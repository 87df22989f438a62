//! Identifiers: newtypes over text, so that one kind is never taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes `text` as an identifier, as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

identifier! {
    /// Names a question: what a benchmark calls it, or the content id of its text and answers.
    QuestionId
}
identifier! {
    /// Names a run: the content id of its manifest.
    RunId
}
identifier! {
    /// Names an attempt: the content id of its run, question and number.
    TrajectoryId
}
identifier! {
    /// Names a training sample: the content id of what it was cut from.
    SampleId
}
