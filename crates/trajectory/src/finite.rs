//! Refuses a number that JSON cannot say, to write it as to read it: `#[serde(with = "finite")]`.
//!
//! `serde_json` would write such a number as `null`, and some readers round one that is too large to infinity.

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that is read and written only if it is finite.
struct Finite<T>(T);

impl<T: Copy + Into<f64> + Serialize> Serialize for Finite<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, to)
    }
}

impl<'de, T: Copy + Into<f64> + Deserialize<'de>> Deserialize<'de> for Finite<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        deserialize(from).map(Self)
    }
}

pub(crate) fn serialize<T: Copy + Into<f64> + Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    check(*value).map_err(serde::ser::Error::custom)?.serialize(to)
}

pub(crate) fn deserialize<'de, T: Copy + Into<f64> + Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    check(T::deserialize(from)?).map_err(serde::de::Error::custom)
}

/// Passes a finite number on, and says of any other why it is refused.
pub(crate) fn check<T: Copy + Into<f64>>(value: T) -> Result<T, impl Display> {
    let number: f64 = value.into();
    if number.is_finite() { Ok(value) } else { Err(format!("{number} is not a number that JSON can say")) }
}

pub(crate) mod option {
    //! The same for a number that may be absent.

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Finite;

    // By reference because serde's `with` hands over one.
    #[allow(clippy::ref_option)]
    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        value.map(Finite).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Finite<f64>>::deserialize(from)?.map(|finite| finite.0))
    }
}

pub(crate) mod map {
    //! The same for numbers with names.

    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Finite;

    pub(crate) fn serialize<K: Serialize, T: Copy + Into<f64> + Serialize, S: Serializer>(
        values: &BTreeMap<K, T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_map(values.iter().map(|(name, value)| (name, Finite(*value))))
    }

    pub(crate) fn deserialize<'de, K, T, D>(from: D) -> Result<BTreeMap<K, T>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        T: Copy + Into<f64> + Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let finite = BTreeMap::<K, Finite<T>>::deserialize(from)?;
        Ok(finite.into_iter().map(|(name, value)| (name, value.0)).collect())
    }
}
