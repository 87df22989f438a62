//! Numbers that may be none, in JSON, which has no word for those.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number as JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(NotFinite),
}

#[derive(Serialize, Deserialize)]
enum NotFinite {
    #[serde(rename = "NaN")]
    NaN,
    #[serde(rename = "inf")]
    Above,
    #[serde(rename = "-inf")]
    Below,
}

impl From<f64> for Written {
    fn from(number: f64) -> Self {
        match number {
            _ if number.is_finite() => Self::Number(number),
            f64::INFINITY => Self::Text(NotFinite::Above),
            f64::NEG_INFINITY => Self::Text(NotFinite::Below),
            _ => Self::Text(NotFinite::NaN),
        }
    }
}

impl From<Written> for f64 {
    fn from(written: Written) -> Self {
        match written {
            Written::Number(number) => number,
            Written::Text(NotFinite::NaN) => Self::NAN,
            Written::Text(NotFinite::Above) => Self::INFINITY,
            Written::Text(NotFinite::Below) => Self::NEG_INFINITY,
        }
    }
}

pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Written::from(*number).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Written::deserialize(deserializer).map(Into::into)
}

/// Such numbers by name.
pub(super) mod map {
    use super::{BTreeMap, Deserialize, Deserializer, Serializer, Written};

    pub(crate) fn serialize<S: Serializer>(numbers: &BTreeMap<String, f64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(numbers.iter().map(|(name, number)| (name, Written::from(*number))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, f64>, D::Error> {
        let written = BTreeMap::<String, Written>::deserialize(deserializer)?;
        Ok(written.into_iter().map(|(name, number)| (name, number.into())).collect())
    }
}
