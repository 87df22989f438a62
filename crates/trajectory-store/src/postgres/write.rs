//! Writes entries: all or none, in two exchanges with the server.

use std::collections::BTreeMap;

use offseeker_trajectory::{NodeId, TrajectoryId};

use super::change::Change;
use super::failure::Failure;
use super::load::{Loaded, bytes, number_of};
use super::packed::{pack, pack_json, pack_json_checked};
use super::session::Parameters;
use super::{Postgres, scan};
use crate::in_memory::attempt::Attempt;
use crate::{Entry, Manifest, StoreError};

const RUNS: &str = "INSERT INTO @run (id, manifest) SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
    ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest WHERE run.manifest <> excluded.manifest";

const BEGINNINGS: &str = "INSERT INTO @attempt (id, run, question, model, beginning) \
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[])";

const BLOBS: &str =
    "INSERT INTO @blob (hash, body) SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT (hash) DO NOTHING";

const NODES: &str = "INSERT INTO @node (attempt, place, body, content, reasoning) \
    SELECT a.key, n.place, n.body, n.content, n.reasoning \
    FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[]) \
    AS n (id, place, body, content, reasoning) JOIN @attempt a ON a.id = n.id";

const FIRST_MOMENTS: &str = "UPDATE @attempt a SET begun = f.begun \
    FROM unnest($1::bytea[], $2::bigint[]) AS f (id, begun) WHERE a.id = f.id";

const ENDS: &str = "UPDATE @attempt a SET stop = e.stop, ending = e.ending \
    FROM unnest($1::bytea[], $2::bytea[], $3::bytea[]) AS e (id, stop, ending) WHERE a.id = e.id";

/// What has ended is no work any more. The queue looks at the attempt too, but only at those that are not marked.
const WORK: &str = "UPDATE @work w SET ended = e.stop IS NOT NULL \
    FROM unnest($1::bytea[], $2::bytea[]) AS e (id, stop) WHERE w.id = e.id";

const GRADES: &str = "INSERT INTO @grade (attempt, place, grader, outcome, value, body) \
    SELECT a.key, g.place, g.grader, g.outcome, g.value, g.body \
    FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[], $5::float8[], $6::bytea[]) \
    AS g (id, place, grader, outcome, value, body) JOIN @attempt a ON a.id = g.id \
    ON CONFLICT (attempt, place) DO UPDATE SET grader = excluded.grader, outcome = excluded.outcome, \
    value = excluded.value, body = excluded.body";

/// Rows of one table: what they are inserted with, and their columns.
type Rows<'a> = (&'a str, Parameters<'a>);

impl Postgres {
    /// Writes a change, or nothing.
    pub(super) async fn write_change(&self, change: &Change) -> Result<(), Failure> {
        if change.entries.is_empty() && change.claim.is_none() {
            return Ok(());
        }
        let mut session = self.session().await?;
        let loaded = Loaded::of(&mut session, change).await;
        let rows = match &loaded {
            Ok(loaded) => rows(change, loaded).map_err(Failure::from),
            Err(Failure::Store(_)) => Ok(Vec::new()),
            Err(_) => return loaded.map(|_| ()),
        };
        match (loaded, rows) {
            (Ok(_), Ok(rows)) => session.change(rows).await,
            (Err(failure), _) | (_, Err(failure)) => {
                session.leave().await?;
                Err(failure)
            }
        }
    }
}

/// The attempts and runs once all entries are in them, in the order in which stores in memory find what is wrong.
fn apply(change: &Change, loaded: &Loaded) -> Result<(BTreeMap<TrajectoryId, Attempt>, Vec<Manifest>), StoreError> {
    let (mut after, mut runs) = (loaded.attempts.clone(), Vec::new());
    for entry in change.entries.iter().cloned() {
        let Some(id) = entry.attempt().cloned() else {
            if let Entry::Run(manifest) = entry {
                runs.push(*manifest);
            }
            continue;
        };
        let before = after.remove(&id);
        after.insert(id.clone(), Attempt::after(before, entry, &id)?);
    }
    Ok((after, runs))
}

/// What is to be inserted and updated so that the tables hold what the entries say.
fn rows<'a>(change: &'a Change, loaded: &Loaded) -> Result<Vec<Rows<'a>>, StoreError> {
    let (after, runs) = apply(change, loaded)?;
    let before = |id: &TrajectoryId| loaded.attempts.get(id);
    let is_new = |(id, place): &(TrajectoryId, NodeId)| before(id).is_none_or(|known| !known.nodes.contains_key(place));
    let begun = after.iter().filter(|(id, _)| before(id).is_none()).map(|(_, attempt)| attempt);
    let graded = after.iter().filter(|(id, _)| change.graded.contains(*id));
    let ended =
        after.iter().filter(|(id, attempt)| before(id).and_then(|known| known.end.as_ref()) != attempt.end.as_ref());
    let all = [
        run_rows(&runs)?,
        beginning_rows(begun)?,
        blob_rows(change, loaded),
        node_rows(change, is_new),
        first_moments(change, is_new),
        grade_rows(graded)?,
    ];
    Ok(all.into_iter().chain(end_rows(ended)?).flatten().collect())
}

fn run_rows(runs: &[Manifest]) -> Result<Option<Rows<'static>>, StoreError> {
    let mut by_id: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for manifest in runs {
        let id = manifest.id().map_err(|error| StoreError::invalid(error.to_string()))?;
        by_id.insert(id.as_str().as_bytes().to_vec(), pack_json_checked(manifest)?);
    }
    let (ids, manifests): (Vec<_>, Vec<_>) = by_id.into_iter().unzip();
    Ok((!ids.is_empty()).then(|| (RUNS, vec![Box::new(ids) as _, Box::new(manifests) as _])))
}

fn beginning_rows<'a>(begun: impl Iterator<Item = &'a Attempt>) -> Result<Option<Rows<'static>>, StoreError> {
    let (mut ids, mut runs, mut questions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut models, mut beginnings) = (Vec::new(), Vec::new());
    for Attempt { beginning, .. } in begun {
        ids.push(beginning.id.as_str().as_bytes().to_vec());
        runs.push(beginning.run.as_ref().map(|run| run.as_str().as_bytes().to_vec()));
        questions.push(beginning.question.id.as_str().as_bytes().to_vec());
        models.push(beginning.model.as_ref().map(|model| model.as_bytes().to_vec()));
        beginnings.push(pack_json_checked(beginning)?);
    }
    Ok((!ids.is_empty()).then(|| {
        let columns: Parameters<'static> =
            vec![Box::new(ids), Box::new(runs), Box::new(questions), Box::new(models), Box::new(beginnings)];
        (BEGINNINGS, columns)
    }))
}

/// Texts that are not there yet, in the order of their hashes, so that two writers never wait for each other.
fn blob_rows<'a>(change: &'a Change, loaded: &Loaded) -> Option<Rows<'a>> {
    let new = change.blobs.iter().filter(|(hash, _)| !loaded.blobs.contains(*hash));
    let (hashes, bodies): (Vec<&[u8]>, Vec<Vec<u8>>) =
        new.map(|(hash, text)| (&hash[..], pack(text.as_bytes()))).unzip();
    (!hashes.is_empty()).then(|| (BLOBS, vec![Box::new(hashes) as _, Box::new(bodies) as _]))
}

fn node_rows<'a>(change: &'a Change, is_new: impl Fn(&(TrajectoryId, NodeId)) -> bool) -> Option<Rows<'a>> {
    let new: Vec<_> = change.nodes.iter().filter(|(key, _)| is_new(key)).collect();
    let hash = |hash: &'a Option<[u8; 32]>| hash.as_ref().map(|hash| &hash[..]);
    let columns: Parameters<'a> = vec![
        Box::new(bytes(new.iter().map(|((id, _), _)| id))),
        Box::new(new.iter().map(|((_, place), _)| number_of(*place)).collect::<Vec<_>>()),
        Box::new(new.iter().map(|(_, node)| &node.body[..]).collect::<Vec<_>>()),
        Box::new(new.iter().map(|(_, node)| hash(&node.content)).collect::<Vec<_>>()),
        Box::new(new.iter().map(|(_, node)| hash(&node.reasoning)).collect::<Vec<_>>()),
    ];
    (!new.is_empty()).then_some((NODES, columns))
}

/// When attempts were begun: what their first messages say.
fn first_moments<'a>(change: &'a Change, is_new: impl Fn(&(TrajectoryId, NodeId)) -> bool) -> Option<Rows<'a>> {
    let is_first = |key: &(TrajectoryId, NodeId)| key.1.index() == 0 && is_new(key);
    let first = change.nodes.iter().filter(|(key, node)| is_first(key) && node.clock_ms.is_some());
    let (ids, moments): (Vec<_>, Vec<_>) = first.map(|((id, _), node)| (id, node.clock_ms.map(scan::moment))).unzip();
    (!ids.is_empty()).then(|| (FIRST_MOMENTS, vec![Box::new(bytes(ids)) as _, Box::new(moments) as _]))
}

fn end_rows<'a>(
    ended: impl Iterator<Item = (&'a TrajectoryId, &'a Attempt)>,
) -> Result<[Option<Rows<'static>>; 2], StoreError> {
    let (mut ids, mut stops, mut endings) = (Vec::new(), Vec::new(), Vec::new());
    for (id, attempt) in ended {
        ids.push(id.as_str().as_bytes().to_vec());
        stops.push(attempt.end.as_ref().map(|(stop, _)| stop.kind().as_bytes()));
        endings.push(attempt.end.as_ref().map(pack_json).transpose()?);
    }
    if ids.is_empty() {
        return Ok([None, None]);
    }
    let work: Parameters<'static> = vec![Box::new(ids.clone()), Box::new(stops.clone())];
    Ok([Some((ENDS, vec![Box::new(ids), Box::new(stops), Box::new(endings)])), Some((WORK, work))])
}

fn grade_rows<'a>(
    graded: impl Iterator<Item = (&'a TrajectoryId, &'a Attempt)>,
) -> Result<Option<Rows<'static>>, StoreError> {
    let (mut ids, mut places, mut graders) = (Vec::new(), Vec::new(), Vec::new());
    let (mut outcomes, mut values, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for (id, attempt) in graded {
        for (place, grade) in (0_i64..).zip(&attempt.grades) {
            ids.push(id.as_str().as_bytes().to_vec());
            places.push(place);
            graders.push(grade.grader.as_bytes().to_vec());
            outcomes.push(grade.outcome.kind().as_bytes());
            values.push(grade.value);
            bodies.push(pack_json_checked(grade)?);
        }
    }
    Ok((!ids.is_empty()).then(|| {
        let columns: Parameters<'static> = vec![
            Box::new(ids),
            Box::new(places),
            Box::new(graders),
            Box::new(outcomes),
            Box::new(values),
            Box::new(bodies),
        ];
        (GRADES, columns)
    }))
}
