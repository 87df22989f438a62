//! Reads attempts, many at once, as they are at one moment.

use std::collections::{BTreeMap, HashMap};

use offseeker_trajectory::{Grade, Node, NodeId, StopReason, Trajectory, TrajectoryId};
use tokio_postgres::Row;

use super::Postgres;
use super::failure::Failure;
use super::load::{bytes, damaged, id_of, parameters, place_of};
use super::packed::unpack_json;
use super::session::TO_READ;
use super::split::{self, Hash};
use crate::{StoreError, Stored};

const ATTEMPTS: &str = "SELECT key, id, beginning, ending FROM @attempt WHERE id = ANY ($1::bytea[])";

const NODES: &str = "SELECT n.attempt, n.place, n.body, n.content, n.reasoning FROM @node n \
    WHERE n.attempt IN (SELECT key FROM @attempt WHERE id = ANY ($1::bytea[]))";

const GRADES: &str = "SELECT g.attempt, g.body FROM @grade g \
    WHERE g.attempt IN (SELECT key FROM @attempt WHERE id = ANY ($1::bytea[])) ORDER BY g.attempt, g.place";

/// Each text once, however many messages have it.
const BLOBS: &str = "SELECT b.hash, b.body FROM @blob b WHERE b.hash IN ( \
    SELECT unnest(ARRAY[n.content, n.reasoning]) FROM @node n \
    WHERE n.attempt IN (SELECT key FROM @attempt WHERE id = ANY ($1::bytea[])))";

/// What was found of an attempt.
struct Found {
    beginning: Trajectory,
    end: Option<(StopReason, Option<String>)>,
    nodes: BTreeMap<NodeId, Node>,
    grades: Vec<Grade>,
}

/// What was found, by the keys of the tables, and the keys by ids.
type Begun = (HashMap<i64, Found>, HashMap<TrajectoryId, i64>);

impl Postgres {
    /// Reads attempts, in the order of their ids here.
    pub(super) async fn read_all(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut session = self.session().await?;
        let questions = [ATTEMPTS, NODES, GRADES, BLOBS].map(|sql| (sql, parameters([bytes(ids)])));
        let answers = session.ask(TO_READ, questions.into()).await?;
        session.leave().await?;
        let [attempts, nodes, grades, blobs] = &answers[..] else {
            unreachable!("each question has an answer");
        };
        let (mut found, keys) = begun(attempts)?;
        add_nodes(&mut found, nodes, &texts(blobs)?)?;
        add_grades(&mut found, grades)?;
        ids.iter().map(|id| Ok(stored(id, keys.get(id).and_then(|key| found.get(key)))?)).collect()
    }
}

fn stored(id: &TrajectoryId, found: Option<&Found>) -> Result<Stored, StoreError> {
    match found {
        Some(Found { beginning, end, nodes, grades }) => {
            Stored::of(beginning.clone(), nodes.clone(), end.clone(), grades.clone())
        }
        None => Err(StoreError::NotFound { attempt: id.clone() }),
    }
}

fn begun(rows: &[Row]) -> Result<Begun, Failure> {
    let (mut found, mut keys) = (HashMap::new(), HashMap::new());
    for row in rows {
        let (key, id) = (row.try_get(0)?, id_of(row.try_get(1)?)?);
        let damaged = |what: String| damaged(&id, "its beginning or its end", &what);
        let beginning = unpack_json(row.try_get(2)?).map_err(damaged)?;
        let end = row.try_get::<_, Option<&[u8]>>(3)?.map(unpack_json).transpose().map_err(damaged)?;
        found.insert(key, Found { beginning, end, nodes: BTreeMap::new(), grades: Vec::new() });
        keys.insert(id, key);
    }
    Ok((found, keys))
}

fn texts(rows: &[Row]) -> Result<HashMap<Hash, String>, Failure> {
    let mut texts = HashMap::new();
    for row in rows {
        let hash: &[u8] = row.try_get(0)?;
        let text = split::text_of(hash, row.try_get(1)?).map_err(|what| Failure::Damaged(format!("a text: {what}")))?;
        texts.insert(split::hash_of(&text), text);
    }
    Ok(texts)
}

fn add_nodes(found: &mut HashMap<i64, Found>, rows: &[Row], texts: &HashMap<Hash, String>) -> Result<(), Failure> {
    for row in rows {
        let Some(attempt) = found.get_mut(&row.try_get(0)?) else { continue };
        let place = place_of(row.try_get(1)?)?;
        let damaged = |what: &str| damaged(&attempt.beginning.id, &format!("message {place}"), what);
        let text = |column: usize| -> Result<Option<String>, Failure> {
            let Some(hash) = row.try_get::<_, Option<&[u8]>>(column)? else { return Ok(None) };
            let known = Hash::try_from(hash).ok().and_then(|hash| texts.get(&hash));
            known.cloned().map(Some).ok_or_else(|| damaged("a text is missing"))
        };
        let node = split::join(row.try_get(2)?, text(3)?, text(4)?).map_err(|what| damaged(&what))?;
        attempt.nodes.insert(place, node);
    }
    Ok(())
}

fn add_grades(found: &mut HashMap<i64, Found>, rows: &[Row]) -> Result<(), Failure> {
    for row in rows {
        let Some(attempt) = found.get_mut(&row.try_get(0)?) else { continue };
        let id = &attempt.beginning.id;
        let grade = unpack_json(row.try_get(1)?).map_err(|what| damaged(id, "a grade", &what))?;
        attempt.grades.push(grade);
    }
    Ok(())
}
