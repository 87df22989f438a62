//! A connection for the time of one call, and the transaction on it.

use deadpool_postgres::Object;
use futures::future::join_all;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::failure::Failure;

/// What a statement is given.
pub(super) type Parameters<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

/// Begins a transaction that writes.
///
/// What is acknowledged is on the disk, whatever the server is set to. A connection plans each statement once, and a plan
/// that is made while the tables are small would read whole tables later, so it is always the indexes that are used.
pub(super) const TO_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL jit = off; \
    SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan; SELECT set_config('synchronous_commit', 'on', true) \
    WHERE current_setting('synchronous_commit') = 'off'";

/// Begins a transaction that sees everything as it is at one moment.
pub(super) const TO_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; \
    SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan";

/// A connection for the time of one call. Where the call ends in the middle of a transaction, it is closed.
pub(super) struct Session {
    client: Option<Object>,
    schema: String,
    within: bool,
}

impl Session {
    /// A connection to the tables in a schema, whose name is quoted.
    pub(super) fn new(client: Object, schema: String) -> Self {
        Self { client: Some(client), schema, within: false }
    }

    pub(super) fn client(&self) -> &Object {
        self.client.as_ref().expect("a session has its connection until it is dropped")
    }

    /// A text with the names of tables filled in.
    pub(super) fn filled(&self, sql: &str) -> String {
        sql.replace('@', &format!("{}.", self.schema))
    }

    /// A statement, which the connection remembers.
    pub(super) async fn statement(&self, sql: &str) -> Result<Statement, Failure> {
        Ok(self.client().prepare_cached(&self.filled(sql)).await?)
    }

    /// Begins a transaction and asks some questions in it, in one go.
    pub(super) async fn ask(
        &mut self,
        begin: &str,
        questions: Vec<(&str, Parameters<'_>)>,
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let questions = self.prepared(questions).await?;
        self.within = true;
        let client: &Client = self.client();
        let asked = join_all(questions.iter().map(|(statement, parameters)| rows(client, statement, parameters)));
        let (begun, asked) = futures::join!(client.batch_execute(begin), asked);
        begun?;
        first_failure(asked)
    }

    /// Changes things in the transaction and commits it, in one go.
    pub(super) async fn change(&mut self, changes: Vec<(&str, Parameters<'_>)>) -> Result<(), Failure> {
        let changes = self.prepared(changes).await?;
        let client: &Client = self.client();
        let changed = join_all(changes.iter().map(|(statement, parameters)| rows(client, statement, parameters)));
        // Where a change fails, the server makes nothing of the commit but the end of the transaction.
        let (changed, committed) = futures::join!(changed, client.batch_execute("COMMIT"));
        first_failure(changed)?;
        committed?;
        self.within = false;
        Ok(())
    }

    /// Ends the transaction without a change.
    pub(super) async fn leave(&mut self) -> Result<(), Failure> {
        if self.within {
            self.client().batch_execute("ROLLBACK").await?;
            self.within = false;
        }
        Ok(())
    }

    async fn prepared<'a>(
        &self,
        statements: Vec<(&str, Parameters<'a>)>,
    ) -> Result<Vec<(Statement, Parameters<'a>)>, Failure> {
        let mut prepared = Vec::with_capacity(statements.len());
        for (sql, parameters) in statements {
            prepared.push((self.statement(sql).await?, parameters));
        }
        Ok(prepared)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take_if(|_| self.within) {
            drop(Object::take(client));
        }
    }
}

async fn rows(
    client: &Client,
    statement: &Statement,
    parameters: &Parameters<'_>,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|one| &**one as &(dyn ToSql + Sync)).collect();
    client.query(statement, &parameters).await
}

/// All results, or the failure that the others follow from.
fn first_failure<T>(results: Vec<Result<T, tokio_postgres::Error>>) -> Result<Vec<T>, Failure> {
    let mut done = Vec::with_capacity(results.len());
    let mut echo = None;
    for result in results {
        match result.map_err(Failure::from) {
            Ok(one) => done.push(one),
            Err(failure) if failure.is_echo() => echo = echo.or(Some(failure)),
            Err(failure) => return Err(failure),
        }
    }
    echo.map_or(Ok(done), Err)
}
