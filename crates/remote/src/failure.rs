//! What a failure says about asking again.

use std::error::Error;
use std::time::Duration;

/// What a failure says about asking again; the errors of every port to something remote say it.
pub trait Failure: Error {
    /// What kind of failure it is, as it is written: `rate_limited`.
    fn kind(&self) -> &'static str;

    /// Whether the same request may succeed when it is made again.
    fn is_transient(&self) -> bool;

    /// Whether the server is well and asks to come back later; such a failure is also transient.
    fn is_rate_limit(&self) -> bool;

    /// How long the server asks to wait.
    fn retry_after(&self) -> Option<Duration>;

    /// Whether the same request would fail the same way for what it asks, whoever makes it and whenever.
    ///
    /// Such a failure is as good as an answer: a recording keeps it.
    fn is_verdict(&self) -> bool;
}
