//! Refuses to write a number that JSON would turn into nothing: `#[serde(with = "finite")]`.

use serde::ser::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that is written only if it is finite.
#[derive(Deserialize)]
#[serde(transparent)]
struct Finite<T>(T);

impl<T: Copy + Into<f64> + Serialize> Serialize for Finite<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, to)
    }
}

pub(crate) fn serialize<T: Copy + Into<f64> + Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    let number: f64 = (*value).into();
    if number.is_finite() {
        value.serialize(to)
    } else {
        Err(S::Error::custom(format!("{number} is not a number that JSON can say")))
    }
}

pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    T::deserialize(from)
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

    pub(crate) fn deserialize<'de, K: Deserialize<'de> + Ord, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<K, T>, D::Error> {
        BTreeMap::deserialize(from)
    }
}
