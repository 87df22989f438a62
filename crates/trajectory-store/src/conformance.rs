//! What every store must fulfil.
//!
//! ```
//! use offseeker_trajectory_store::{InMemory, conformance};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), conformance::Violation> {
//! conformance::check_store(&InMemory::new()).await?;
//! conformance::check_queue(&InMemory::new()).await?;
//! # Ok(())
//! # }
//! ```

mod made;
mod queue;
mod store;

use std::fmt::Debug;

pub use made::attempt;
pub use queue::check_queue;
pub use store::check_store;

use crate::StoreError;

/// A law that a store broke.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store breaks the law \"{law}\": {found}")]
pub struct Violation {
    /// The law.
    pub law: &'static str,
    /// What was found instead.
    pub found: String,
}

/// Checks one law after the other, and knows which one it is at.
#[derive(Debug, Clone, Copy)]
struct Law(&'static str);

impl Law {
    fn holds(self, holds: bool, found: impl Into<String>) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(Violation { law: self.0, found: found.into() }) }
    }

    fn same<T: PartialEq + Debug>(self, found: &T, expected: &T) -> Result<(), Violation> {
        self.holds(found == expected, format!("{} in the place of {}", shown(found), shown(expected)))
    }

    fn done<T>(self, result: Result<T, StoreError>) -> Result<T, Violation> {
        result.map_err(|error| Violation { law: self.0, found: error.to_string() })
    }

    fn fails<T: Debug>(
        self,
        result: Result<T, StoreError>,
        expected: impl FnOnce(&StoreError) -> bool,
    ) -> Result<(), Violation> {
        match result {
            Err(error) => self.holds(expected(&error), format!("another error: {error}")),
            Ok(value) => self.holds(false, format!("no error but {}", shown(&value))),
        }
    }
}

/// The value, cut where it would fill the screen.
fn shown<T: Debug>(value: &T) -> String {
    const MOST: usize = 600;
    let text = format!("{value:?}");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}
