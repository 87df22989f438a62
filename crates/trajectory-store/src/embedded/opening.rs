//! Opens the file, or makes it: what it is, which version it has, how it is kept.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::fault::{Fault, Maybe};
use super::options::Durability;
use super::workers::folder_of;
use crate::StoreError;

/// What SQLite keeps in the header of a store: `OffT`.
const APPLICATION: i32 = 0x4f66_6654;

/// What makes each version out of the one before; the version of a file is how many of them were made.
const VERSIONS: [&str; 1] = [include_str!("schema.sql")];

/// The size of a page of the file. `recover` relies on it.
pub(super) const PAGE: usize = 4096;

/// What a file says that it is, and how much is in it.
const IDENTITY: &str = "SELECT (SELECT application_id FROM pragma_application_id), \
    (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)";

/// With what a file of SQLite begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Pages in the log after which they are copied into the file.
const PAGES_OF_LOG: u32 = 4000;

/// How much of the file a connection keeps at hand at most: in kilobytes, as a negative number.
const CACHE: i32 = -32_000;

/// Statements that a connection keeps ready: all that there are.
const STATEMENTS: usize = 64;

/// The place of a store, whatever the current folder is from now on.
pub(super) fn place(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path).map_err(|error| io_error(path, &error))
}

pub(super) fn io_error(place: &Path, error: &io::Error) -> StoreError {
    StoreError::Io { place: place.display().to_string(), reason: error.to_string() }
}

/// Opens the file to write, and makes it where there is none.
pub(super) fn to_write(path: &Path, durability: Durability, patience: Duration) -> Result<Connection, StoreError> {
    let is_new = check_before(path)?;
    let deadline = Instant::now() + patience;
    let db = loop {
        match opened(path, durability, patience).map_err(|fault| fault.at(path)) {
            // Some steps of opening do not wait for another process.
            Err(StoreError::Unavailable { .. }) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => break opened?,
        }
    };
    if is_new && let Some(folder) = path.parent() {
        offseeker_durable::sync_folder(folder).map_err(|error| io_error(folder, &error))?;
    }
    Ok(db)
}

/// Opens the file to read.
pub(super) fn to_read(path: &Path, patience: Duration) -> Maybe<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    settle(&db, patience)?;
    db.pragma_update(None, "query_only", true)?;
    Ok(db)
}

fn opened(path: &Path, durability: Durability, patience: Duration) -> Maybe<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags)?;
    settle(&db, patience)?;
    check(&db, path)?;
    db.pragma_update(None, "page_size", i64::try_from(PAGE).expect("a page is small"))?;
    db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
    let synchronous = match durability {
        Durability::Full => "full",
        Durability::Normal => "normal",
    };
    db.pragma_update(None, "synchronous", synchronous)?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", PAGES_OF_LOG, |_| Ok(()))?;
    db.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))?;
    // What was overwritten is nowhere in the file, so `recover` never finds it.
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    migrate(&mut db, path)?;
    Ok(db)
}

fn settle(db: &Connection, patience: Duration) -> Maybe<()> {
    db.busy_timeout(patience)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "cache_size", CACHE)?;
    Ok(())
}

/// Whether there is no file yet; an error where there is one that is no store.
pub(super) fn check_before(path: &Path) -> Result<bool, StoreError> {
    let folder = path.parent().unwrap_or(path);
    if !folder.is_dir() {
        let reason = format!("the folder {} is not there; make it first", folder.display());
        return Err(StoreError::Io { place: path.display().to_string(), reason });
    }
    if path.is_dir() {
        let reason = "it is a folder; name a file in it".to_owned();
        return Err(StoreError::Foreign { path: path.to_owned(), reason });
    }
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        opened => opened.map_err(|error| io_error(path, &error))?,
    };
    let mut start = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(|error| io_error(path, &error))?;
    if start.is_empty() || start == MAGIC {
        return Ok(false);
    }
    if folder_of(path).is_dir() {
        let what = "its first page is not that of a store".to_owned();
        return Err(StoreError::Damaged { path: path.to_owned(), what });
    }
    Err(StoreError::Foreign { path: path.to_owned(), reason: "it is no file of SQLite".to_owned() })
}

/// Checks what the file says that it is: nothing yet, or a store of a known version.
pub(super) fn check(db: &Connection, path: &Path) -> Maybe<usize> {
    let foreign = |reason: String| Fault::Store(StoreError::Foreign { path: path.to_owned(), reason });
    // In one look: another process may be making the store just now.
    let (application, version, tables): (i32, i64, i64) =
        db.query_row(IDENTITY, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if application == APPLICATION {
        let newest = VERSIONS.len();
        return usize::try_from(version)
            .ok()
            .filter(|version| *version <= newest)
            .ok_or_else(|| foreign(format!("it has version {version}, and {newest} is the newest known")));
    }
    if application == 0 && version == 0 && tables == 0 {
        Ok(0)
    } else {
        Err(foreign("it is a file of SQLite that another program made".to_owned()))
    }
}

/// Brings the file to the newest version.
fn migrate(db: &mut Connection, path: &Path) -> Maybe<()> {
    if check(db, path)? == VERSIONS.len() {
        return Ok(());
    }
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it meanwhile.
    for version in &VERSIONS[check(&transaction, path)?..] {
        transaction.execute_batch(version)?;
    }
    transaction.pragma_update(None, "user_version", i64::try_from(VERSIONS.len()).expect("few versions"))?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()?;
    Ok(())
}
