//! What every backend must fulfil, as checks that any implementation and any wrapper can run in its tests.
//!
//! - [`check_port`] holds for every backend, a remote one that costs money included, and [`check_library`] for every
//!   library.
//! - [`check_transparent`] and [`check_transparent_library`] hold for a wrapper around [`echo`] that changes nothing of
//!   what passes through it.
//!
//! Each stops at the first law that is broken and says which, so a test needs no more than a question mark.
//!
//! ```
//! use offseeker_search::Concurrency;
//! use offseeker_search::conformance::{self, Violation};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Violation> {
//! let wrapped = Concurrency::new(conformance::echo(), 4);
//! conformance::check_port(&wrapped).await?;
//! conformance::check_transparent(&wrapped).await?;
//! conformance::check_library(&wrapped, "https://echo.example/mill").await?;
//! conformance::check_transparent_library(&wrapped).await?;
//! # Ok(())
//! # }
//! ```

mod echo;
mod library;
mod port;
mod transparent;

#[cfg(test)]
mod tests;

pub use echo::{Echo, echo};
pub use library::check_library;
pub use port::check_port;
pub use transparent::{check_transparent, check_transparent_library};

/// How many requests are made at once.
const AT_ONCE: usize = 8;

/// Text that careless code breaks: scripts, joined emoji, decomposed letters, every kind of white space, controls.
const UNICODE: &str = "naïve 検索 поиск \u{5e9}\u{5dc}\u{5d5}\u{5dd} 👩\u{200d}🔬 e\u{301}\u{323} \u{feff}\u{202e}x\u{202c}\u{2028}\
     \t\r\n \u{a0}\u{3000}\u{10ffff} \"quoted\" \\back\\ {\"json\": [1]} <tag/> a:b^2~ (x OR [1 TO %00 &amp; 'x' `y`";

/// A law that a backend or a library breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} breaks a law: {law}; {found}")]
pub struct Violation {
    /// What the backend or the library calls itself.
    pub name: String,
    /// The law.
    pub law: &'static str,
    /// What it did instead.
    pub found: String,
}

impl Violation {
    fn of(name: &str, law: &'static str, found: impl Into<String>) -> Self {
        Self { name: name.to_owned(), law, found: found.into() }
    }
}

/// Checks that a name is there and stays.
fn check_name(before: &str, now: &str) -> Result<(), Violation> {
    if before.is_empty() {
        return Err(Violation::of(before, "it has a name", "its name is empty"));
    }
    if before != now {
        return Err(Violation::of(before, "it keeps its name", format!("its name became {now:?}")));
    }
    Ok(())
}
