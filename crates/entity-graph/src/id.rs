//! What names an entity.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Names an entity: 128 bits, written as 32 hexadecimal digits.
///
/// An id is made of what tells an entity from all others, so that the same entity gets the same id wherever it is met.
/// For a page that is its address; where there is none, a name with whatever tells it from others of that name.
///
/// ```
/// use offseeker_entity_graph::EntityId;
///
/// let mill = EntityId::of(&["https://karlin.example/mill"]);
/// assert_eq!(mill.to_string().parse(), Ok(mill));
/// assert_ne!(EntityId::of(&["Mercury", "planet"]), EntityId::of(&["Mercury", "element"]));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(u128);

impl EntityId {
    /// The id of what these parts name, in this order.
    #[must_use]
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = blake3::Hasher::new();
        for part in parts {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize().as_bytes()[..16]);
        Self(u128::from_be_bytes(bytes))
    }

    /// An id with this value, for those who number entities in a way of their own.
    #[must_use]
    pub fn from_u128(value: u128) -> Self {
        Self(value)
    }

    /// Its value.
    #[must_use]
    pub fn to_u128(self) -> u128 {
        self.0
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id of an entity has 32 hexadecimal digits, in lower case")]
pub struct NotAnId;

impl FromStr for EntityId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 32 || !text.bytes().all(digits) {
            return Err(NotAnId);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| NotAnId)
    }
}

impl Serialize for EntityId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntityId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart_and_only_whole_ids_are_read() {
        assert_ne!(EntityId::of(&["ab", "c"]), EntityId::of(&["a", "bc"]));
        assert_ne!(EntityId::of(&["a"]), EntityId::of(&["a", ""]));
        let id = EntityId::from_u128(0xfe);
        assert_eq!(id.to_string(), "000000000000000000000000000000fe");
        for bad in
            ["", "fe", "000000000000000000000000000000FE", "+00000000000000000000000000000fe", "é00000000000000000"]
        {
            assert_eq!(bad.parse::<EntityId>(), Err(NotAnId), "{bad}");
        }
    }
}
