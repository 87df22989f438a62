//! Texts that are stored once, whoever said them, and named by their hash.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::fault::{Fault, Maybe};
use super::packed::{pack, unpack};
use super::table::{TEXTS, first_of};

/// A text that is ready to be stored.
#[derive(Debug, Clone)]
pub(super) struct Text {
    hash: [u8; 32],
    packed: Vec<u8>,
}

impl Text {
    pub(super) fn of(plain: &[u8]) -> Self {
        Self { hash: *blake3::hash(plain).as_bytes(), packed: pack(plain) }
    }

    /// How many bytes are to be written.
    pub(super) fn weight(&self) -> usize {
        self.packed.len()
    }

    /// Stores the text unless it is there, and says its key.
    pub(super) fn keep(&self, db: &Connection) -> Maybe<i64> {
        let (mark, rest) = (first_of(&self.hash), &self.hash[8..]);
        let known = db
            .prepare_cached("SELECT key FROM text INDEXED BY text_by_mark WHERE mark = ? AND rest = ?")?
            .query_row((mark, rest), |row| row.get(0));
        match known {
            Err(rusqlite::Error::QueryReturnedNoRows) => {}
            known => return Ok(known?),
        }
        let key = TEXTS.next_key(db)?;
        TEXTS.insert(db, key, [ValueRef::Integer(mark), ValueRef::Blob(rest), ValueRef::Blob(&self.packed)])?;
        Ok(key)
    }
}

/// Where texts are found by their keys.
pub(super) trait Texts {
    fn text(&self, key: i64) -> Maybe<Vec<u8>>;
}

impl Texts for Connection {
    fn text(&self, key: i64) -> Maybe<Vec<u8>> {
        let mut statement = self.prepare_cached("SELECT * FROM text WHERE key = ?")?;
        let mut rows = statement.query([key])?;
        let row = rows.next()?.ok_or_else(|| Fault::damage(format!("text {key} is missing")))?;
        opened(key, TEXTS.open(row)?.1)
    }
}

/// The text in a row, which is the one that its hash names.
pub(super) fn opened(key: i64, [mark, rest, packed]: [ValueRef<'_>; 3]) -> Maybe<Vec<u8>> {
    let plain = unpack(packed.as_blob()?)?;
    let hash = blake3::hash(&plain);
    if mark.as_i64()? == first_of(hash.as_bytes()) && rest.as_blob()? == &hash.as_bytes()[8..] {
        Ok(plain)
    } else {
        Err(Fault::damage(format!("text {key} is not the one that its hash names")))
    }
}
