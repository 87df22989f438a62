//! A token of a sample, in memory and as two or three numbers on disk.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::finite;

/// A token, how much it counts, and how likely it was when it was sampled.
///
/// Written as `[id, weight]` or `[id, weight, logprob]`, because there are very many of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedToken {
    /// The token.
    pub id: u32,
    /// How much it counts; nought for what is only read.
    pub weight: f32,
    /// Its log-probability under the model that sampled it, where that is known.
    pub logprob: Option<f32>,
}

impl Serialize for WeightedToken {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let weight = finite::check(self.weight).map_err(S::Error::custom)?;
        match self.logprob.map(finite::check).transpose().map_err(S::Error::custom)? {
            Some(logprob) => (self.id, weight, logprob).serialize(to),
            None => (self.id, weight).serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for WeightedToken {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Numbers)
    }
}

struct Numbers;

impl<'de> Visitor<'de> for Numbers {
    type Value = WeightedToken;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token as [id, weight] or [id, weight, logprob]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<WeightedToken, A::Error> {
        let id = numbers.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let weight = numbers.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        let logprob = numbers.next_element()?;
        Ok(WeightedToken {
            id,
            weight: finite::check(weight).map_err(A::Error::custom)?,
            logprob: logprob.map(finite::check).transpose().map_err(A::Error::custom)?,
        })
    }
}
