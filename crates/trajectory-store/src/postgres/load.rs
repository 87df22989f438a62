//! What is stored of the attempts that a write changes, locked until the write is through.

use std::collections::{BTreeMap, HashSet};

use offseeker_trajectory::{Grade, NodeId, Question, Trajectory, TrajectoryId};
use tokio_postgres::Row;

use super::change::Change;
use super::failure::Failure;
use super::packed::unpack_json;
use super::session::{Parameters, Session, TO_WRITE};
use super::split::{self, Hash};
use crate::StoreError;
use crate::in_memory::attempt::Attempt;

/// The work of a claim, locked: a worker that would take it over waits.
const CLAIM: &str = "SELECT 1 FROM @work WHERE id = $1 AND fence = $2 AND worker = $3 FOR NO KEY UPDATE";

/// Attempts, locked one after the other. What was known at their beginning is read only where it is asked for.
const ATTEMPTS: &str = "SELECT id, ending, CASE WHEN id = ANY ($2::bytea[]) THEN beginning END FROM @attempt \
    WHERE id = ANY ($1::bytea[]) ORDER BY id FOR NO KEY UPDATE";

const NODES: &str = "SELECT a.id, n.place, n.body, n.content, c.body, n.reasoning, r.body \
    FROM unnest($1::bytea[], $2::bigint[]) AS wanted (id, place) JOIN @attempt a ON a.id = wanted.id \
    JOIN @node n ON n.attempt = a.key AND n.place = wanted.place \
    LEFT JOIN @blob c ON c.hash = n.content LEFT JOIN @blob r ON r.hash = n.reasoning";

const GRADES: &str = "SELECT a.id, g.body FROM @attempt a JOIN @grade g ON g.attempt = a.key \
    WHERE a.id = ANY ($1::bytea[]) ORDER BY g.attempt, g.place";

const BLOBS: &str = "SELECT hash FROM @blob WHERE hash = ANY ($1::bytea[])";

/// What is stored of the attempts that a write changes: of their messages only those in the places that it fills.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) attempts: BTreeMap<TrajectoryId, Attempt>,
    /// The long texts that are there already.
    pub(super) blobs: HashSet<Hash>,
}

impl Loaded {
    /// Locks and reads what a change is about.
    pub(super) async fn of(session: &mut Session, change: &Change) -> Result<Self, Failure> {
        let mut questions = Vec::new();
        if let Some(claim) = &change.claim {
            questions.push((CLAIM, held(claim)));
        }
        questions.push((ATTEMPTS, parameters([bytes(&change.attempts), bytes(&change.begun)])));
        if !change.nodes.is_empty() {
            questions.push((NODES, places(change)));
        }
        if !change.graded.is_empty() {
            questions.push((GRADES, parameters([bytes(&change.graded)])));
        }
        if !change.blobs.is_empty() {
            questions.push((BLOBS, parameters([change.blobs.keys().map(|hash| &hash[..]).collect()])));
        }
        let asked: Vec<&str> = questions.iter().map(|(sql, _)| *sql).collect();
        let answers = session.ask(TO_WRITE, questions).await?;
        let mut loaded = Self::default();
        for (sql, rows) in asked.into_iter().zip(answers) {
            match (sql, &change.claim) {
                (CLAIM, Some(claim)) if rows.is_empty() => {
                    return Err(StoreError::ClaimLost { attempt: claim.id() }.into());
                }
                (ATTEMPTS, _) => loaded.take_attempts(&rows)?,
                (NODES, _) => loaded.take_nodes(&rows)?,
                (GRADES, _) => loaded.take_grades(&rows)?,
                (BLOBS, _) => {
                    loaded.blobs = rows.iter().filter_map(|row| row.get::<_, &[u8]>(0).try_into().ok()).collect();
                }
                _ => {}
            }
        }
        Ok(loaded)
    }

    fn take_attempts(&mut self, rows: &[Row]) -> Result<(), Failure> {
        for row in rows {
            let id = id_of(row.try_get(0)?)?;
            let damaged = |what: String| damaged(&id, "its beginning or its end", &what);
            let end = row.try_get::<_, Option<&[u8]>>(1)?.map(unpack_json).transpose().map_err(damaged)?;
            let beginning = match row.try_get::<_, Option<&[u8]>>(2)? {
                Some(packed) => unpack_json(packed).map_err(damaged)?,
                // Nothing in the change asks for it.
                None => Trajectory::new(Question::new("", [""; 0]), 0),
            };
            let attempt = Attempt { beginning, nodes: BTreeMap::new(), end, grades: Vec::new() };
            self.attempts.insert(id, attempt);
        }
        Ok(())
    }

    fn take_nodes(&mut self, rows: &[Row]) -> Result<(), Failure> {
        for row in rows {
            let (id, place) = (id_of(row.try_get(0)?)?, place_of(row.try_get(1)?)?);
            let text = |hash: usize| -> Result<Option<String>, Failure> {
                let packed: Option<&[u8]> = row.try_get(hash + 1)?;
                let Some(hash) = row.try_get::<_, Option<&[u8]>>(hash)? else { return Ok(None) };
                let text = packed.ok_or_else(|| "a text is missing".to_owned());
                let text = text.and_then(|packed| split::text_of(hash, packed));
                Ok(Some(text.map_err(|what| damaged(&id, &format!("message {place}"), &what))?))
            };
            let node = split::join(row.try_get(2)?, text(3)?, text(5)?)
                .map_err(|what| damaged(&id, &format!("message {place}"), &what))?;
            if let Some(attempt) = self.attempts.get_mut(&id) {
                attempt.nodes.insert(place, node);
            }
        }
        Ok(())
    }

    fn take_grades(&mut self, rows: &[Row]) -> Result<(), Failure> {
        for row in rows {
            let id = id_of(row.try_get(0)?)?;
            let grade: Grade = unpack_json(row.try_get(1)?).map_err(|what| damaged(&id, "a grade", &what))?;
            if let Some(attempt) = self.attempts.get_mut(&id) {
                attempt.grades.push(grade);
            }
        }
        Ok(())
    }
}

/// The lists of bytes that a question is about.
pub(super) fn parameters<'a, const N: usize>(lists: [Vec<&'a [u8]>; N]) -> Parameters<'a> {
    lists.into_iter().map(|list| Box::new(list) as _).collect()
}

/// Ids as the tables hold them.
pub(super) fn bytes<'a>(ids: impl IntoIterator<Item = &'a TrajectoryId>) -> Vec<&'a [u8]> {
    ids.into_iter().map(|id| id.as_str().as_bytes()).collect()
}

fn places(change: &Change) -> Parameters<'_> {
    let ids = bytes(change.nodes.keys().map(|(id, _)| id));
    let places: Vec<i64> = change.nodes.keys().map(|(_, place)| number_of(*place)).collect();
    vec![Box::new(ids), Box::new(places)]
}

fn held(claim: &crate::Claim) -> Parameters<'_> {
    let id = claim.id().as_str().as_bytes().to_vec();
    vec![Box::new(id), Box::new(claim.fence.cast_signed()), Box::new(claim.worker.name.as_bytes())]
}

/// A place as a number in a table.
pub(super) fn number_of(place: NodeId) -> i64 {
    i64::try_from(place.index()).unwrap_or(i64::MAX)
}

/// The place with a number.
pub(super) fn place_of(number: i64) -> Result<NodeId, Failure> {
    let number = u32::try_from(number).map_err(|_| Failure::Damaged(format!("{number} is no place of a message")))?;
    Ok(NodeId::new(number))
}

/// The id in a column.
pub(super) fn id_of(bytes: &[u8]) -> Result<TrajectoryId, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::Damaged("an id is no text".to_owned()))?;
    Ok(TrajectoryId::new(text))
}

/// A part of an attempt that cannot be read.
pub(super) fn damaged(id: &TrajectoryId, part: &str, what: &str) -> Failure {
    Failure::Damaged(format!("{part} of attempt {id}: {what}"))
}
