//! Tables whose every row carries a seal, so that a row that was damaged is known, in place or found on a stray page.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};

use super::fault::{Fault, Maybe};

/// A table: a key, so many values, and a seal over both.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    pub(super) name: &'static str,
    /// Inserts a row. It replaces none: SQLite would keep a journal for each such statement, which grows.
    pub(super) insert: &'static str,
}

pub(super) const RUNS: Table<2> = Table { name: "run", insert: "INSERT INTO run VALUES (?, ?, ?, ?)" };
pub(super) const QUESTIONS: Table<4> =
    Table { name: "question", insert: "INSERT INTO question VALUES (?, ?, ?, ?, ?, ?)" };
pub(super) const TEXTS: Table<3> = Table { name: "text", insert: "INSERT INTO text VALUES (?, ?, ?, ?, ?)" };
pub(super) const ATTEMPTS: Table<12> =
    Table { name: "attempt", insert: "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" };
pub(super) const NODES: Table<4> = Table { name: "node", insert: "INSERT INTO node VALUES (?, ?, ?, ?, ?, ?)" };
pub(super) const GRADES: Table<6> =
    Table { name: "grade", insert: "INSERT INTO grade VALUES (?, ?, ?, ?, ?, ?, ?, ?)" };
pub(super) const PLANNED: Table<4> = Table { name: "planned", insert: "INSERT INTO planned VALUES (?, ?, ?, ?, ?, ?)" };
pub(super) const WORK: Table<11> =
    Table { name: "work", insert: "INSERT INTO work VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" };

impl<const N: usize> Table<N> {
    /// Inserts a row in the place of another one with the same key.
    pub(super) fn replace(&self, db: &Connection, key: i64, values: [ValueRef<'_>; N]) -> Maybe<()> {
        db.prepare_cached(&format!("DELETE FROM {} WHERE key = ?", self.name))?.execute([key])?;
        self.insert(db, key, values)
    }

    /// Inserts a row.
    pub(super) fn insert(&self, db: &Connection, key: i64, values: [ValueRef<'_>; N]) -> Maybe<()> {
        let seal = ValueRef::Integer(self.seal(key, &values));
        let row = [ValueRef::Integer(key)].into_iter().chain(values).chain([seal]);
        db.prepare_cached(self.insert)?.execute(params_from_iter(row.map(ToSqlOutput::Borrowed)))?;
        Ok(())
    }

    /// The key and the values of a row of `SELECT *`.
    ///
    /// # Errors
    ///
    /// When the row is not what was written.
    pub(super) fn open<'r>(&self, row: &'r Row<'_>) -> Maybe<(i64, [ValueRef<'r>; N])> {
        let key = row.get_ref(0)?.as_i64()?;
        let mut values = [ValueRef::Null; N];
        for (at, value) in values.iter_mut().enumerate() {
            *value = row.get_ref(at + 1)?;
        }
        if row.get_ref(N + 1)? == ValueRef::Integer(self.seal(key, &values)) {
            Ok((key, values))
        } else {
            Err(Fault::damage(format!("row {key} of the table `{}` is not what was written", self.name)))
        }
    }

    /// The values of a row that was found somewhere, if it is one of this table and whole.
    pub(super) fn recognise<'r>(&self, key: i64, record: &[ValueRef<'r>]) -> Option<[ValueRef<'r>; N]> {
        // SQLite writes nothing where the key is.
        let [ValueRef::Null, values @ .., ValueRef::Integer(seal)] = record else { return None };
        let values: [ValueRef<'r>; N] = values.try_into().ok()?;
        (self.seal(key, &values) == *seal).then_some(values)
    }

    /// The key after the last one.
    pub(super) fn next_key(&self, db: &Connection) -> Maybe<i64> {
        let last: Option<i64> =
            db.prepare_cached(&format!("SELECT max(key) FROM {}", self.name))?.query_row([], |row| row.get(0))?;
        Ok(last.unwrap_or(0) + 1)
    }

    /// What vouches for a row.
    pub(super) fn seal(&self, key: i64, values: &[ValueRef<'_>]) -> i64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.name.as_bytes()).update(&key.to_le_bytes());
        for value in values {
            seal_value(&mut hasher, *value);
        }
        first_of(hasher.finalize().as_bytes())
    }
}

fn seal_value(hasher: &mut blake3::Hasher, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => hasher.update(&[0]),
        ValueRef::Integer(number) => hasher.update(&[1]).update(&number.to_le_bytes()),
        ValueRef::Real(number) => hasher.update(&[2]).update(&number.to_le_bytes()),
        ValueRef::Text(bytes) => hasher.update(&[3]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes),
        ValueRef::Blob(bytes) => hasher.update(&[4]).update(&(bytes.len() as u64).to_le_bytes()).update(bytes),
    };
}

/// A number that may be absent.
pub(super) fn integer<'v>(number: Option<i64>) -> ValueRef<'v> {
    number.map_or(ValueRef::Null, ValueRef::Integer)
}

/// The first eight bytes of a hash as a number.
pub(super) fn first_of(hash: &[u8; 32]) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *hash;
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}
