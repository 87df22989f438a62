//! A piece of JSON in a column: in the row while it is short, among the texts where it is long.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::{Fault, Maybe};
use super::packed::{pack, unpack};
use super::text::{Text, Texts};
use crate::StoreError;

/// What is packed into more bytes than this is stored among the texts.
const SHORT: usize = 512;

/// A piece that is ready to be stored.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Short(Vec<u8>),
    Long(Text),
}

/// A piece as it stands in its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    Here(Vec<u8>),
    There(i64),
}

impl Piece {
    pub(super) fn of<T: Serialize>(value: &T) -> Result<Self, StoreError> {
        json(value).map(|plain| Self::of_bytes(&plain))
    }

    pub(super) fn of_bytes(plain: &[u8]) -> Self {
        let packed = pack(plain);
        if packed.len() <= SHORT { Self::Short(packed) } else { Self::Long(Text::of(plain)) }
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Short(packed) => packed.len(),
            Self::Long(text) => text.weight(),
        }
    }

    pub(super) fn keep(&self, db: &Connection) -> Maybe<Column> {
        match self {
            Self::Short(packed) => Ok(Column::Here(packed.clone())),
            Self::Long(text) => text.keep(db).map(Column::There),
        }
    }
}

impl Column {
    pub(super) fn of(value: ValueRef<'_>) -> Maybe<Self> {
        match value {
            ValueRef::Blob(packed) => Ok(Self::Here(packed.to_vec())),
            ValueRef::Integer(key) => Ok(Self::There(key)),
            _ => Err(Fault::damage("a column holds no piece of JSON")),
        }
    }

    pub(super) fn of_option(value: ValueRef<'_>) -> Maybe<Option<Self>> {
        if value == ValueRef::Null { Ok(None) } else { Self::of(value).map(Some) }
    }

    pub(super) fn value(&self) -> ValueRef<'_> {
        match self {
            Self::Here(packed) => ValueRef::Blob(packed),
            Self::There(key) => ValueRef::Integer(*key),
        }
    }

    pub(super) fn plain(&self, texts: &dyn Texts) -> Maybe<Vec<u8>> {
        match self {
            Self::Here(packed) => unpack(packed),
            Self::There(key) => texts.text(*key),
        }
    }

    pub(super) fn read<T: DeserializeOwned>(&self, texts: &dyn Texts) -> Maybe<T> {
        Ok(serde_json::from_slice(&self.plain(texts)?)?)
    }
}

/// The value as JSON.
///
/// # Errors
///
/// When JSON cannot say it.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::invalid(format!("JSON cannot say it: {error}")))
}
