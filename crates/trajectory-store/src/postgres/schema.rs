//! The tables, made by whoever comes first.

use tokio_postgres::error::SqlState;

use super::failure::Failure;
use super::session::Session;
use crate::StoreError;

/// The version of the tables.
const VERSION: i64 = 1;

/// The longest name that Postgres does not cut.
const LONGEST: usize = 63;

/// The name of a schema in quotes.
pub(super) fn quoted(schema: &str) -> Result<String, StoreError> {
    if schema.is_empty() || schema.len() > LONGEST || schema.contains(['\0', '@']) {
        let reason = format!("{schema:?} is no name for a schema; take one of 1 to {LONGEST} bytes without `@`");
        return Err(StoreError::invalid(reason));
    }
    Ok(format!("\"{}\"", schema.replace('"', "\"\"")))
}

/// Makes the tables where they are not there, and checks that they are of this version.
pub(super) async fn make(session: &mut Session) -> Result<(), Failure> {
    if !is_there(session, TABLE).await? {
        session.ask("BEGIN ISOLATION LEVEL READ COMMITTED", Vec::new()).await?;
        let made = make_in_turn(session).await;
        match made {
            Ok(()) => session.change(Vec::new()).await?,
            Err(failure) => {
                session.leave().await?;
                return Err(failure);
            }
        }
    }
    check_version(session).await
}

/// Asked of the catalogue, because `to_regclass` may remember that a table was not there before another one made it.
const TABLE: &str = "SELECT count(*) > 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1::text AND c.relname = 'store'";

const SCHEMA: &str = "SELECT count(*) > 0 FROM pg_namespace WHERE nspname = $1::text";

async fn is_there(session: &Session, what: &str) -> Result<bool, Failure> {
    let name = session.filled("@").trim_end_matches("\".").replacen('"', "", 1).replace("\"\"", "\"");
    Ok(session.client().query_one(what, &[&name]).await?.try_get(0)?)
}

/// One program after the other: whoever waits finds what the first one made.
async fn make_in_turn(session: &Session) -> Result<(), Failure> {
    let schema = session.filled("@");
    let hash = blake3::hash(schema.as_bytes());
    let (number, _) = hash.as_bytes().split_first_chunk().expect("a hash has more than eight bytes");
    session.client().query("SELECT pg_advisory_xact_lock($1)", &[&i64::from_le_bytes(*number)]).await?;
    if is_there(session, TABLE).await? {
        return Ok(());
    }
    if !is_there(session, SCHEMA).await? {
        session.client().batch_execute(&format!("CREATE SCHEMA {}", schema.trim_end_matches('.'))).await?;
    }
    let tables = session.client().batch_execute(&session.filled(include_str!("schema.sql"))).await;
    tables.map_err(|error| match error.code() {
        Some(&SqlState::DUPLICATE_TABLE) => {
            Failure::Foreign("there are other tables in the schema; give the store a schema of its own".to_owned())
        }
        _ => error.into(),
    })?;
    session.client().execute(&session.filled("INSERT INTO @store VALUES ($1)"), &[&VERSION]).await?;
    Ok(())
}

async fn check_version(session: &Session) -> Result<(), Failure> {
    let rows = session.client().query(&session.filled("SELECT version FROM @store"), &[]).await;
    let rows = rows.map_err(|error| match error.code() {
        Some(&SqlState::UNDEFINED_COLUMN) => Failure::Foreign("its table `store` is another program's".to_owned()),
        _ => error.into(),
    })?;
    let version = rows.first().and_then(|row| row.try_get::<_, i64>(0).ok());
    match version {
        Some(VERSION) => Ok(()),
        Some(version) if version > VERSION => Err(Failure::Foreign(format!(
            "its tables are of version {version} and this program knows {VERSION}; use a newer program"
        ))),
        _ => Err(Failure::Foreign("its table `store` names no version".to_owned())),
    }
}
