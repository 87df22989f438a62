//! What is saved from a file that was damaged at random is never wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use futures::TryStreamExt;
use offseeker_trajectory::{
    Grade, Message, Node, NodeId, Origin, Outcome, Question, Sampled, SampledTokens, StopReason, Trajectory,
    TrajectoryId,
};

use crate::conformance::attempt;
use crate::embedded::opening::PAGE;
use crate::embedded::{Embedded, Options, Salvage};
use crate::{Entry, Filter, Manifest, Stored, TrajectoryStore, TrajectoryStoreExt, WorkQueue, Worker};

/// How often a file is damaged.
const DAMAGED: u64 = 100;

type Attempts = BTreeMap<TrajectoryId, Stored>;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit
    }
}

fn open(path: &Path) -> Embedded {
    Embedded::open(path, &Options::default()).unwrap()
}

fn noise(seed: u64, length: usize) -> String {
    let mut text = String::new();
    for number in 0.. {
        if text.len() >= length {
            break;
        }
        text.push_str(&blake3::hash(&[seed, number].map(u64::to_le_bytes).concat()).to_hex());
    }
    text
}

/// Writes attempts of all kinds and lengths: ended, graded, open, with a gap.
async fn fill(store: &Embedded, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let made = attempt("salvaged", number);
        let beginning = Trajectory::in_run(made.run.clone().unwrap(), made.question.clone(), made.attempt);
        let id = beginning.id.clone();
        let node = |place: NodeId, node: Node| Entry::Node { attempt: id.clone(), place, node: Box::new(node) };
        let mut entries = vec![Entry::Begin(Box::new(beginning))];
        entries.extend(made.ids().zip(made.nodes()).map(|(place, made)| node(place, made.clone())));
        let long = Message::tool("c", "visit", noise(u64::from(number), 1 << (number % 17)));
        entries.push(node(NodeId::new(8), Node::given(Some(NodeId::new(7)), long)));
        let tokens = SampledTokens::new((0..500).map(|token| token * number).collect(), Vec::new()).unwrap();
        let sampled = Origin::Sampled(Sampled { tokens: Some(tokens), ..Sampled::default() });
        let gap = 9 + number % 2;
        entries.push(node(NodeId::new(gap), Node::new(Some(NodeId::new(8)), Message::assistant("?"), sampled)));
        if number % 3 != 0 {
            let stop = if number % 3 == 1 { StopReason::Answered } else { StopReason::Crashed };
            entries.push(Entry::End { attempt: id.clone(), stop, answer: Some(noise(9, number as usize * 50)) });
            for (grader, value) in [("exact@1", 0.1), ("judge@1", 0.5), ("exact@1", 1.0)] {
                let grade = Box::new(Grade::scored(grader, Outcome::Correct, value));
                entries.push(Entry::Grade { attempt: id.clone(), grade });
            }
        }
        store.write(entries, None).await.unwrap();
    }
}

async fn all(store: &Embedded) -> Attempts {
    let ids: Vec<TrajectoryId> = store.scan(&Filter::default()).try_collect().await.unwrap();
    let found = store.read(&ids).await.unwrap();
    ids.into_iter().zip(found).collect()
}

/// A store whose last writes are still in its log, and what is in it.
async fn made(folder: &Path) -> (Vec<u8>, Vec<u8>, Attempts) {
    let path = folder.join("made");
    {
        let store = open(&path);
        store.write(vec![Entry::Run(Box::new(Manifest::new("salvaged", 7)))], None).await.unwrap();
        fill(&store, 0..20).await;
    }
    let store = open(&path);
    fill(&store, 20..30).await;
    let questions: Vec<Question> = (0..15).map(|number| attempt("salvaged", 2 * number).question).collect();
    let run = Manifest::new("salvaged", 7).id().unwrap();
    store.plan(&run, &questions, 2).await.unwrap();
    store.claim(&run, &Worker::new("someone"), 3).await.unwrap();
    let attempts = all(&store).await;
    (fs::read(&path).unwrap(), fs::read(folder.join("made-wal")).unwrap(), attempts)
}

fn recovered(folder: &Path, file: &[u8], log: &[u8], name: &str) -> (Salvage, Embedded) {
    let (from, into) = (folder.join(format!("{name}.bad")), folder.join(format!("{name}.good")));
    fs::write(&from, file).unwrap();
    fs::write(folder.join(format!("{name}.bad-wal")), log).unwrap();
    let salvage = Embedded::recover(&from, &into).unwrap();
    (salvage, open(&into))
}

/// What is saved and not said to be lost is as it was; of the rest, there is a beginning.
fn check(salvage: &Salvage, found: &Attempts, made: &Attempts) {
    let lost: BTreeSet<&TrajectoryId> = salvage.lost.iter().filter_map(|flaw| flaw.attempt.as_ref()).collect();
    for (id, found) in found {
        let made = &made[id];
        if !lost.contains(id) {
            assert_eq!(found, made);
            continue;
        }
        let kept = found.trajectory.nodes();
        assert_eq!(kept, &made.trajectory.nodes()[..kept.len()]);
        let same_end = found.trajectory.stop == made.trajectory.stop;
        assert!(same_end || found.trajectory.stop.is_none() && found.trajectory.grades.is_empty());
        assert!(found.trajectory.grades.iter().all(|grade| made.trajectory.grades.contains(grade)));
    }
    let missing = made.keys().filter(|id| !found.contains_key(id) && !lost.contains(id)).count();
    let unnamed = salvage.lost.iter().any(|flaw| flaw.attempt.is_none());
    assert!(missing == 0 || unnamed, "{missing} attempts are missing, and nobody says so");
    assert_eq!(salvage.attempts, found.len() as u64);
}

#[tokio::test]
async fn what_is_whole_is_saved_without_header_inner_pages_and_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let (mut file, log, attempts) = made(folder.path()).await;
    // The log is put into the file first, so that nothing of the trees is left there.
    let path = folder.path().join("whole");
    fs::write(&path, &file).unwrap();
    fs::write(folder.path().join("whole-wal"), &log).unwrap();
    drop(open(&path));
    file.clone_from(&fs::read(&path).unwrap());
    let mut destroyed = 0;
    for (number, page) in file.chunks_mut(PAGE).enumerate() {
        if number == 0 || [2, 5, 10].contains(&page[0]) {
            page.fill(0xa5);
            destroyed += 1;
        }
    }
    assert!(destroyed > 20, "{destroyed} pages");
    let (salvage, store) = recovered(folder.path(), &file, &[], "headless");
    assert_eq!(salvage.lost, Vec::new());
    assert_eq!(all(&store).await, attempts);
    assert_eq!((salvage.runs, salvage.planned), (1, 30));
    let run = Manifest::new("salvaged", 7).id().unwrap();
    let progress = store.progress(&run).await.unwrap();
    let ended = attempts.values().filter(|stored| stored.trajectory.stop.is_some()).count() as u64;
    assert_eq!((progress.planned, progress.begun, progress.ended), (30, 30, ended));
    let claims = store.claim(&run, &Worker::new("next"), 1).await.unwrap();
    assert_eq!(claims[0].fence, 2, "the fence goes on from where it was");
    assert!(Embedded::verify(folder.path().join("headless.good"), |_| {}).unwrap().is_whole());
}

#[tokio::test]
async fn what_is_saved_after_random_damage_is_never_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (file, log, attempts) = made(folder.path()).await;
    let (mut untouched, mut whole, mut saved) = (0, 0, 0);
    for seed in 0..DAMAGED {
        let random = &mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (mut bad, mut bad_log) = (file.clone(), log.clone());
        for _ in 0..=random.below(4) {
            let target = if random.below(4) == 0 { &mut bad_log } else { &mut bad };
            damage(target, random);
        }
        let (salvage, store) = recovered(folder.path(), &bad, &bad_log, &seed.to_string());
        let found = all(&store).await;
        if bad_log == log {
            check(&salvage, &found, &attempts);
            untouched += 1;
            whole += found.iter().filter(|(id, stored)| attempts[id] == **stored).count();
            saved += found.len();
        } else {
            // What a damaged log held is as if it had never been written.
            check_older(&salvage, &found, &attempts);
        }
        drop(store);
        fs::remove_file(folder.path().join(format!("{seed}.good"))).unwrap();
    }
    println!(
        "{untouched} damaged files: {saved} attempts of {} saved, {whole} of them whole",
        untouched * attempts.len()
    );
    assert!(whole > untouched * attempts.len() / 2);
}

/// Overwrites a byte, a few bytes, or a page; or cuts the end off.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len());
    let length = match random.below(8) {
        0 => {
            bytes.truncate(bytes.len() - random.below(bytes.len() / 4));
            return;
        }
        1..=3 => 1,
        4 | 5 => random.below(64),
        _ => PAGE,
    };
    let end = (at + length).min(bytes.len());
    for byte in &mut bytes[at..end] {
        *byte = u8::try_from(random.below(256)).unwrap();
    }
}

/// Each attempt is one that there was at some time.
fn check_older(salvage: &Salvage, found: &Attempts, made: &Attempts) {
    for (id, found) in found {
        let kept = found.trajectory.nodes();
        assert_eq!(kept, &made[id].trajectory.nodes()[..kept.len()]);
        assert!(found.trajectory.stop.is_none() || found.trajectory.stop == made[id].trajectory.stop);
    }
    assert_eq!(salvage.attempts, found.len() as u64);
}

#[tokio::test]
async fn a_reading_of_a_damaged_attempt_names_it_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    fill(&store, 0..10).await;
    let attempts = all(&store).await;
    drop(store);
    // One byte in the middle of a text that no other attempt has.
    let mut file = fs::read(&path).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let key: i64 = db
        .query_row("SELECT content FROM node WHERE key & 4294967295 = 8 AND key >> 32 = 9", [], |row| row.get(0))
        .unwrap();
    let packed: Vec<u8> = db.query_row("SELECT packed FROM text WHERE key = ?", [key], |row| row.get(0)).unwrap();
    drop(db);
    let needle = &packed[packed.len() - 40..];
    let at = file.windows(40).position(|window| window == needle).unwrap();
    file[at + 20] ^= 1;
    fs::write(&path, file).unwrap();

    let verified = Embedded::verify(&path, |_| {}).unwrap();
    let flawed: Vec<&TrajectoryId> = verified.faults.iter().filter_map(|flaw| flaw.attempt.as_ref()).collect();
    assert_eq!((flawed.len(), verified.attempts), (1, 9), "{:?}", verified.faults);
    let store = open(&path);
    let error = store.get(flawed[0]).await.unwrap_err().to_string();
    assert!(error.contains(&format!("attempt {}: message 8: ", flawed[0])), "{error}");
    for (id, stored) in attempts.iter().filter(|(id, _)| *id != flawed[0]) {
        assert_eq!(&store.get(id).await.unwrap(), stored);
    }
}
