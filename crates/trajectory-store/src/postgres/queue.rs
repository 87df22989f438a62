//! Plans attempts and hands them out: to one worker at a time, by the clock of the server.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use offseeker_trajectory::{Question, RunId, Trajectory, TrajectoryId};
use tokio_postgres::Row;

use super::failure::Failure;
use super::load::id_of;
use super::packed::{pack, unpack, unpack_json};
use super::session::{Parameters, TO_READ, TO_WRITE};
use super::split::{Hash, hash_of};
use super::{Postgres, check_name};
use crate::work::check_same;
use crate::{Claim, Manifest, Progress, StoreError, Worker};

/// How many attempts are planned in one statement.
const AT_ONCE: usize = 5000;

/// The longest lease: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Programs that plan the same run do so one after the other.
const IN_TURN: &str = "SELECT pg_advisory_xact_lock($1)";

/// Those of some questions that are planned, each with its text.
const PLANNED: &str = "SELECT q.id, q.place, q.attempts, b.body FROM @question q \
    JOIN @work w ON w.run = q.run AND w.attempt = 0 AND w.place = q.place \
    LEFT JOIN @blob b ON b.hash = w.question WHERE q.run = $1 AND q.id = ANY($2::bytea[])";

/// The place of the next question, read off the end of an index.
const NEXT: &str = "SELECT coalesce(max(place) + 1, 0) FROM @work WHERE run = $1 AND attempt = 0";

const QUESTIONS: &str = "INSERT INTO @question (run, id, place, attempts) \
    SELECT $1::bytea, * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[]) \
    ON CONFLICT (run, id) DO UPDATE SET attempts = excluded.attempts";

const TEXTS: &str =
    "INSERT INTO @blob (hash, body) SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT (hash) DO NOTHING";

const WORK: &str = "INSERT INTO @work (run, attempt, place, id, question) \
    SELECT $1::bytea, * FROM unnest($2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[])";

/// What others hold locked is passed over, and so is what a worker writes to just now, be its lease over or not.
const CLAIM: &str = "WITH free AS MATERIALIZED ( \
        SELECT w.run, w.attempt, w.place FROM @work w \
        WHERE w.run = $1 AND NOT w.ended AND w.until <= clock_timestamp() \
        AND NOT EXISTS (SELECT 1 FROM @attempt a WHERE a.id = w.id AND a.stop IS NOT NULL) \
        ORDER BY w.attempt, w.place LIMIT $2 FOR NO KEY UPDATE OF w SKIP LOCKED) \
    UPDATE @work w SET fence = w.fence + 1, worker = $3, until = clock_timestamp() + make_interval(secs => $4) \
    FROM free f WHERE w.run = f.run AND w.attempt = f.attempt AND w.place = f.place \
    RETURNING w.attempt, w.place, w.fence, (SELECT b.body FROM @blob b WHERE b.hash = w.question)";

/// Every program locks claims in the same order, so that none waits for one that waits for it.
const RENEW: &str = "WITH held AS MATERIALIZED ( \
        SELECT w.id, c.lease FROM @work w \
        JOIN unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::float8[]) AS c (id, fence, worker, lease) \
        ON w.id = c.id AND w.fence = c.fence AND w.worker = c.worker ORDER BY w.id FOR NO KEY UPDATE OF w) \
    UPDATE @work w SET until = clock_timestamp() + make_interval(secs => h.lease) \
    FROM held h WHERE w.id = h.id RETURNING w.id, w.fence";

const RELEASE: &str = "WITH held AS MATERIALIZED ( \
        SELECT w.id FROM @work w JOIN unnest($1::bytea[], $2::bigint[], $3::bytea[]) AS c (id, fence, worker) \
        ON w.id = c.id AND w.fence = c.fence AND w.worker = c.worker ORDER BY w.id FOR NO KEY UPDATE OF w) \
    UPDATE @work w SET worker = NULL, until = '-infinity' FROM held h WHERE w.id = h.id";

/// Counted in the indexes.
const PROGRESS: &str = "SELECT count(*), count(a.id), count(a.stop) \
    FROM @work w LEFT JOIN @attempt a ON a.id = w.id WHERE w.run = $1";

const MANIFEST: &str = "SELECT manifest FROM @run WHERE id = $1";

/// A question that is planned.
struct Planned {
    place: i64,
    attempts: i64,
    question: Question,
}

/// The work that is new in a plan, column by column.
#[derive(Default)]
struct NewWork {
    questions: BTreeMap<Vec<u8>, (i64, i64)>,
    texts: BTreeMap<Hash, Vec<u8>>,
    rows: Vec<(i64, i64, TrajectoryId, Hash)>,
}

impl Postgres {
    /// Plans so many attempts at each question, and says how many are new.
    pub(super) async fn plan_all(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, Failure> {
        check_name("a run's id", run.as_str())?;
        let mut session = self.session().await?;
        let key = run.as_str().as_bytes();
        let turn: Parameters<'_> = vec![Box::new(lock_of(&session.filled("@"), key))];
        let ids: Vec<&[u8]> = questions.iter().map(|question| question.id.as_str().as_bytes()).collect();
        let planned: Parameters<'_> = vec![Box::new(key), Box::new(ids)];
        let asked = vec![(IN_TURN, turn), (PLANNED, planned), (NEXT, vec![Box::new(key) as _])];
        let known = session.ask(TO_WRITE, asked).await?;
        let new = match new_work(run, &known, questions, attempts) {
            Ok(new) => new,
            Err(failure) => {
                session.leave().await?;
                return Err(failure);
            }
        };
        let planned = new.rows.len() as u64;
        session.change(new.changes(key)).await?;
        Ok(planned)
    }

    /// Claims up to so many attempts that nobody holds.
    pub(super) async fn claim_some(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, Failure> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let parameters: Parameters<'_> = vec![
            Box::new(run.as_str().as_bytes()),
            Box::new(most),
            Box::new(worker.name.as_bytes()),
            Box::new(seconds(worker)),
        ];
        let mut session = self.session().await?;
        let rows = session.ask(TO_WRITE, vec![(CLAIM, parameters)]).await?.remove(0);
        let mut claims = Vec::with_capacity(rows.len());
        for row in &rows {
            claims.push((row.try_get::<_, i64>(0)?, row.try_get::<_, i64>(1)?, claim_of(row, run, worker)?));
        }
        session.change(Vec::new()).await?;
        claims.sort_by_key(|(attempt, place, _)| (*attempt, *place));
        Ok(claims.into_iter().map(|(.., claim)| claim).collect())
    }

    /// Holds claims for another while, and gives back those that are lost.
    pub(super) async fn renew_all(&self, claims: &[Claim]) -> Result<Vec<Claim>, Failure> {
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<TrajectoryId> = claims.iter().map(Claim::id).collect();
        let mut parameters = held(claims, &ids);
        parameters.push(Box::new(claims.iter().map(|claim| seconds(&claim.worker)).collect::<Vec<_>>()));
        let mut session = self.session().await?;
        let rows = session.ask(TO_WRITE, vec![(RENEW, parameters)]).await?.remove(0);
        session.change(Vec::new()).await?;
        let mut renewed = HashSet::new();
        for row in &rows {
            renewed.insert((id_of(row.try_get(0)?)?, row.try_get::<_, i64>(1)?.cast_unsigned()));
        }
        let is_lost = |(claim, id): &(&Claim, TrajectoryId)| !renewed.contains(&(id.clone(), claim.fence));
        Ok(claims.iter().zip(ids).filter(is_lost).map(|(claim, _)| claim.clone()).collect())
    }

    /// Gives up claims.
    pub(super) async fn release_all(&self, claims: &[Claim]) -> Result<(), Failure> {
        if claims.is_empty() {
            return Ok(());
        }
        let ids: Vec<TrajectoryId> = claims.iter().map(Claim::id).collect();
        let mut session = self.session().await?;
        session.ask(TO_WRITE, vec![(RELEASE, held(claims, &ids))]).await?;
        session.change(Vec::new()).await
    }

    /// How far a run is.
    pub(super) async fn count(&self, run: &RunId) -> Result<Progress, Failure> {
        let mut session = self.session().await?;
        let rows = session.ask(TO_READ, vec![(PROGRESS, vec![Box::new(run.as_str().as_bytes())])]).await?.remove(0);
        session.leave().await?;
        let Some(row) = rows.first() else { return Ok(Progress::default()) };
        let count = |column: usize| row.try_get::<_, i64>(column).map(i64::cast_unsigned);
        Ok(Progress { planned: count(0)?, begun: count(1)?, ended: count(2)? })
    }

    /// The manifest of a run.
    pub(super) async fn find_manifest(&self, run: &RunId) -> Result<Option<Manifest>, Failure> {
        let session = self.session().await?;
        let statement = session.statement(MANIFEST).await?;
        let Some(row) = session.client().query_opt(&statement, &[&run.as_str().as_bytes()]).await? else {
            return Ok(None);
        };
        let manifest = unpack_json(row.try_get(0)?);
        manifest.map(Some).map_err(|what| Failure::Damaged(format!("the manifest of run {run}: {what}")))
    }
}

/// What a plan adds to what is planned already.
fn new_work(run: &RunId, known: &[Vec<Row>], questions: &[Question], attempts: u32) -> Result<NewWork, Failure> {
    let [_, planned, next] = known else { return Ok(NewWork::default()) };
    let mut next = next.first().map_or(Ok(0), |row| row.try_get(0))?;
    let mut known: HashMap<Vec<u8>, Planned> = HashMap::new();
    for row in planned {
        let question = question_of(row.try_get(3)?, run)?;
        known.insert(row.try_get(0)?, Planned { place: row.try_get(1)?, attempts: row.try_get(2)?, question });
    }
    let mut new = NewWork::default();
    for question in questions {
        check_name("a question's id", question.id.as_str())?;
        let key = question.id.as_str().as_bytes().to_vec();
        let planned = match known.entry(key.clone()) {
            Entry::Occupied(planned) => planned.into_mut(),
            Entry::Vacant(room) => {
                next += 1;
                room.insert(Planned { place: next - 1, attempts: 0, question: question.clone() })
            }
        };
        check_same(&planned.question, question)?;
        if i64::from(attempts) <= planned.attempts {
            continue;
        }
        // All attempts at a question are at the same one.
        let json = serde_json::to_string(&planned.question).map_err(|error| StoreError::invalid(error.to_string()))?;
        if !serde_json::from_str::<Question>(&json).is_ok_and(|back| back == planned.question) {
            let id = &question.id;
            return Err(StoreError::invalid(format!("question {id} changes when it is written as JSON")).into());
        }
        let hash = hash_of(&json);
        for attempt in u32::try_from(planned.attempts).unwrap_or(u32::MAX)..attempts {
            let id = Trajectory::id_in_run(run, &question.id, attempt);
            new.rows.push((i64::from(attempt), planned.place, id, hash));
        }
        planned.attempts = i64::from(attempts);
        new.questions.insert(key, (planned.place, planned.attempts));
        new.texts.insert(hash, pack(json.as_bytes()));
    }
    Ok(new)
}

impl NewWork {
    /// What inserts it, some rows at a time.
    fn changes(self, run: &[u8]) -> Vec<(&'static str, Parameters<'_>)> {
        let mut changes: Vec<(&'static str, Parameters<'_>)> = Vec::new();
        let questions: Vec<_> = self.questions.into_iter().collect();
        for some in questions.chunks(AT_ONCE) {
            let ids: Vec<Vec<u8>> = some.iter().map(|(id, _)| id.clone()).collect();
            let (places, counts): (Vec<i64>, Vec<i64>) = some.iter().map(|(_, numbers)| *numbers).unzip();
            changes.push((QUESTIONS, vec![Box::new(run), Box::new(ids), Box::new(places), Box::new(counts)]));
        }
        let texts: Vec<_> = self.texts.into_iter().collect();
        for some in texts.chunks(AT_ONCE) {
            let (hashes, bodies): (Vec<Vec<u8>>, Vec<Vec<u8>>) =
                some.iter().map(|(hash, body)| (hash.to_vec(), body.clone())).unzip();
            changes.push((TEXTS, vec![Box::new(hashes), Box::new(bodies)]));
        }
        for some in self.rows.chunks(AT_ONCE) {
            let (attempts, places): (Vec<i64>, Vec<i64>) =
                some.iter().map(|(number, place, ..)| (*number, *place)).unzip();
            let ids: Vec<Vec<u8>> = some.iter().map(|(_, _, id, _)| id.as_str().as_bytes().to_vec()).collect();
            let hashes: Vec<Vec<u8>> = some.iter().map(|(.., hash)| hash.to_vec()).collect();
            let columns: Parameters<'_> =
                vec![Box::new(run), Box::new(attempts), Box::new(places), Box::new(ids), Box::new(hashes)];
            changes.push((WORK, columns));
        }
        changes
    }
}

fn claim_of(row: &Row, run: &RunId, worker: &Worker) -> Result<Claim, Failure> {
    let attempt: i64 = row.try_get(0)?;
    let no_number =
        |_| Failure::Damaged(format!("a planned question of run {run}: {attempt} is no number of an attempt"));
    Ok(Claim {
        run: run.clone(),
        question: question_of(row.try_get(3)?, run)?,
        attempt: u32::try_from(attempt).map_err(no_number)?,
        worker: worker.clone(),
        fence: row.try_get::<_, i64>(2)?.cast_unsigned(),
    })
}

/// A question as it was planned.
fn question_of(packed: Option<&[u8]>, run: &RunId) -> Result<Question, Failure> {
    let damaged = |what: String| Failure::Damaged(format!("a planned question of run {run}: {what}"));
    let json = unpack(packed.ok_or_else(|| damaged("it is missing".to_owned()))?).map_err(damaged)?;
    serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))
}

/// Which claims are meant: their ids, fences and workers.
fn held<'a>(claims: &'a [Claim], ids: &'a [TrajectoryId]) -> Parameters<'a> {
    vec![
        Box::new(ids.iter().map(|id| id.as_str().as_bytes()).collect::<Vec<_>>()),
        Box::new(claims.iter().map(|claim| claim.fence.cast_signed()).collect::<Vec<_>>()),
        Box::new(claims.iter().map(|claim| claim.worker.name.as_bytes()).collect::<Vec<_>>()),
    ]
}

fn seconds(worker: &Worker) -> f64 {
    worker.lease.min(LONGEST).as_secs_f64()
}

/// The number that programs lock which plan the same run.
fn lock_of(schema: &str, run: &[u8]) -> i64 {
    let hash = blake3::hash(&[schema.as_bytes(), run].concat());
    let (number, _) = hash.as_bytes().split_first_chunk().expect("a hash has more than eight bytes");
    i64::from_le_bytes(*number)
}
