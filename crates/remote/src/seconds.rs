//! Writes a duration as a number of seconds: `#[serde(with = "offseeker_remote::seconds")]`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a duration as a number of seconds.
///
/// # Errors
///
/// When the format cannot hold the number.
// By reference because serde's `with` hands over one.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(duration.as_secs_f64())
}

/// Reads a number of seconds.
///
/// # Errors
///
/// When there is no number, or it is negative, no number of seconds, or too large.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(D::Error::custom)
}

pub mod option {
    //! The same for a duration that may be absent.

    use std::time::Duration;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a duration as a number of seconds, and none as nothing.
    ///
    /// # Errors
    ///
    /// When the format cannot hold the number.
    // By reference because serde's `with` hands over one.
    #[allow(clippy::ref_option)]
    pub fn serialize<S: Serializer>(duration: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        duration.map(|duration| duration.as_secs_f64()).serialize(to)
    }

    /// Reads a number of seconds, or nothing.
    ///
    /// # Errors
    ///
    /// When the number is negative, no number of seconds, or too large.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
        Option::<f64>::deserialize(from)?.map(Duration::try_from_secs_f64).transpose().map_err(D::Error::custom)
    }
}
