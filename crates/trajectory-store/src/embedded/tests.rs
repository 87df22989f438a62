//! The store in a file keeps the laws, and does what the one in memory does.

use std::fs;
use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt;
use futures::future::join_all;
use offseeker_trajectory::{
    Grade, Message, Moment, Node, NodeId, Origin, Outcome, Question, QuestionId, RunId, Sampled, SampledTokens,
    StopReason, Trajectory, TrajectoryId,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::conformance;
use crate::embedded::{Durability, Embedded, Options};
use crate::{
    Claim, Entry, Filter, GradeFilter, InMemory, Manifest, RunStore, StoreError, TrajectoryStore, TrajectoryStoreExt,
    Worker,
};

fn open(path: &Path) -> Embedded {
    Embedded::open(path, &Options::default()).unwrap()
}

#[tokio::test]
async fn it_fulfils_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    conformance::check_store(&open(&folder.path().join("attempts"))).await.unwrap();
    conformance::check_queue(&open(&folder.path().join("work"))).await.unwrap();
    let normal = Options { durability: Durability::Normal, ..Options::default() };
    conformance::check_store(&Embedded::open(folder.path().join("normal"), &normal).unwrap()).await.unwrap();
    for name in ["attempts", "work", "normal"] {
        let verified = Embedded::verify(folder.path().join(name), |_| {}).unwrap();
        assert!(verified.is_whole(), "{verified:?}");
    }
}

/// Something that is done to a store.
#[derive(Debug, Clone)]
enum Act {
    Write { entries: Vec<Entry>, claim: Option<usize> },
    Plan { run: u8, questions: Vec<u8>, attempts: u32 },
    Claim { run: u8, most: usize },
    Renew(Vec<usize>),
    Release(Vec<usize>),
}

fn run(number: u8) -> RunId {
    RunId::new(format!("run {number}"))
}

fn question(number: u8) -> Question {
    let mut question = Question::new(format!("question {}", number / 2), ["an answer"]);
    // Two questions with the same name.
    question.metadata.insert("version".to_owned(), json!(number % 2));
    question
}

fn beginning(number: u8) -> Trajectory {
    let mut beginning = Trajectory::in_run(run(number % 2), question(number / 2 % 4), u32::from(number / 8 % 2));
    beginning.model = (!number.is_multiple_of(3)).then(|| format!("model {}", number % 3));
    if number >= 128 {
        beginning.metadata.insert("-0".to_owned(), json!(-0.0));
    }
    beginning
}

fn id(number: u8) -> TrajectoryId {
    beginning(number % 16).id
}

fn a_node() -> impl Strategy<Value = Node> {
    let text = prop_oneof![".{0,20}", Just("long ".repeat(60)), Just("longer ".repeat(2000))];
    let reasoning = prop::option::of(prop_oneof![Just(String::new()), Just("because ".repeat(50))]);
    let logprobs = prop::collection::vec(any::<f32>(), 0..4);
    let at = prop::option::of(prop_oneof![0..4_u64, Just(u64::MAX), Just(1 << 63)]);
    let parent = prop::option::of(0..4_u32);
    (text, reasoning, prop::option::of(logprobs), at, parent).prop_map(|(text, reasoning, logprobs, at, parent)| {
        let message = Message { reasoning, ..Message::assistant(text) };
        let tokens = logprobs.map(|logprobs| {
            let ids = (0..u32::try_from(logprobs.len()).unwrap()).collect();
            SampledTokens::new(ids, logprobs).unwrap()
        });
        let sampled = Sampled { tokens, ..Sampled::default() };
        let mut node = Node::new(parent.map(NodeId::new), message, Origin::Sampled(sampled));
        node.at = at.map(|clock_ms| Moment { clock_ms, ..Moment::default() });
        node
    })
}

fn an_entry() -> impl Strategy<Value = Entry> {
    let stops = [StopReason::Answered, StopReason::Crashed, StopReason::Cancelled];
    let end = (0..16_u8, prop::sample::select(stops.to_vec()), prop::option::of(".{0,9}"));
    let grade = (0..16_u8, 0..3_u8, prop::option::of(prop_oneof![Just(-0.0), Just(0.5), -1e300..1e300]));
    prop_oneof![
        1 => (0..2_u64).prop_map(|seed| Entry::Run(Box::new(Manifest::new("a run", seed)))),
        4 => any::<u8>().prop_map(|number| Entry::Begin(Box::new(beginning(number)))),
        8 => (0..16_u8, 0..4_u32, a_node()).prop_map(|(number, place, node)| Entry::Node {
            attempt: id(number),
            place: NodeId::new(place),
            node: Box::new(node),
        }),
        2 => end.prop_map(|(number, stop, answer)| Entry::End { attempt: id(number), stop, answer }),
        1 => (0..16_u8).prop_map(|number| Entry::Reopen { attempt: id(number) }),
        2 => grade.prop_map(|(number, grader, value)| {
            let grade = Grade { value, ..Grade::scored(format!("grader {grader}"), Outcome::Wrong, 0.0) };
            Entry::Grade { attempt: id(number), grade: Box::new(grade) }
        }),
    ]
}

fn an_act() -> impl Strategy<Value = Act> {
    let some = || prop::collection::vec(any::<usize>(), 0..3);
    let begin = (0..16_u8).prop_map(|number| Entry::Begin(Box::new(beginning(number))));
    let entries = prop::collection::vec(prop_oneof![an_entry(), begin], 1..4);
    prop_oneof![
        8 => (entries, prop::option::of(any::<usize>()))
            .prop_map(|(entries, claim)| Act::Write { entries, claim: claim.filter(|claim| claim % 4 == 0) }),
        2 => (0..2_u8, prop::collection::vec(0..8_u8, 0..4), 0..3_u32)
            .prop_map(|(run, questions, attempts)| Act::Plan { run, questions, attempts }),
        2 => (0..2_u8, 0..4_usize).prop_map(|(run, most)| Act::Claim { run, most }),
        1 => some().prop_map(Act::Renew),
        1 => some().prop_map(Act::Release),
    ]
}

/// Does it, and says in words what came of it; claims are added to those that there are.
async fn act(store: &dyn RunStore, act: &Act, claims: &mut Vec<Claim>) -> Value {
    let chosen = |some: &[usize]| -> Vec<Claim> {
        some.iter().filter(|_| !claims.is_empty()).map(|at| claims[at % claims.len()].clone()).collect()
    };
    let worker = Worker { lease: Duration::from_secs(3600), ..Worker::new("worker") };
    match act {
        Act::Write { entries, claim } => {
            let claim = claim.and_then(|claim| chosen(&[claim]).pop());
            said(store.write(entries.clone(), claim.as_ref()).await.map(|()| "written"))
        }
        Act::Plan { run: number, questions, attempts } => {
            let questions: Vec<Question> = questions.iter().map(|number| question(*number)).collect();
            said(store.plan(&run(*number), &questions, *attempts).await)
        }
        Act::Claim { run: number, most } => {
            let new = store.claim(&run(*number), &worker, *most).await;
            if let Ok(new) = &new {
                claims.extend(new.iter().cloned());
            }
            said(new)
        }
        Act::Renew(some) => said(store.renew(&chosen(some)).await),
        Act::Release(some) => said(store.release(&chosen(some)).await),
    }
}

fn said<T: std::fmt::Debug>(result: Result<T, StoreError>) -> Value {
    match result {
        Ok(value) => json!(format!("{value:?}")),
        Err(error) => json!(error.to_string()),
    }
}

/// Everything that can be read.
async fn state(store: &dyn RunStore) -> Vec<Value> {
    let mut state = Vec::new();
    for filter in filters() {
        let ids: Result<Vec<_>, _> = store.scan(&filter).try_collect().await;
        state.push(said(ids));
    }
    for number in 0..16 {
        state.push(said(store.get(&id(number)).await));
    }
    for number in 0..2 {
        state.push(said(store.progress(&run(number)).await));
        let id = Manifest::new("a run", u64::from(number)).id().unwrap();
        state.push(said(store.manifest(&id).await));
    }
    state
}

fn filters() -> Vec<Filter> {
    let all = Filter::default;
    let graded = |at_least, at_most| GradeFilter { grader: "grader 1".to_owned(), outcome: None, at_least, at_most };
    let mut filters = vec![
        all(),
        Filter::of_run(run(1)),
        Filter::of_run(run(9)),
        Filter { question: Some(question(2).id), ..all() },
        Filter { model: Some("model 1".to_owned()), ended: Some(false), ..all() },
        Filter { ended: Some(true), ..Filter::of_run(run(0)) },
        Filter { stop: Some("crashed".to_owned()), ..all() },
        Filter { from_ms: Some(2), ..all() },
        Filter { from_ms: Some(1 << 63), ..all() },
        Filter { until_ms: Some(u64::MAX), ..all() },
        Filter { from_ms: Some(1), until_ms: Some(3), ..all() },
    ];
    let grades = [graded(None, None), graded(Some(0.0), None), graded(None, Some(0.0)), graded(Some(f64::NAN), None)];
    filters.extend(grades.map(|grade| Filter { grade: Some(grade), ..all() }));
    filters
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn it_does_what_the_one_in_memory_does(acts in prop::collection::vec(an_act(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let normal = Options { durability: Durability::Normal, ..Options::default() };
            let path = folder.path().join("store");
            let (memory, mut file) = (InMemory::new(), Embedded::open(&path, &normal).unwrap());
            let (mut claims, mut same_claims) = (Vec::new(), Vec::new());
            for (at, one) in acts.iter().enumerate() {
                let expected = act(&memory, one, &mut claims).await;
                prop_assert_eq!(act(&file, one, &mut same_claims).await, expected, "{:?}", one);
                prop_assert_eq!(&same_claims, &claims);
                if at == 20 && claims.is_empty() {
                    drop(file);
                    file = Embedded::open(&path, &normal).unwrap();
                }
            }
            prop_assert_eq!(state(&file).await, state(&memory).await);
            drop(file);
            let verified = Embedded::verify(&path, |_| {}).unwrap();
            prop_assert!(verified.is_whole(), "{verified:?}");
            Ok(())
        })?;
    }
}

/// Writes an attempt with so many messages.
async fn write(store: &Embedded, number: u32, messages: impl IntoIterator<Item = String>) -> TrajectoryId {
    let beginning = Trajectory::new(Question::new("?", ["!"]), number);
    let id = beginning.id.clone();
    store.write(vec![Entry::Begin(Box::new(beginning))], None).await.unwrap();
    for (place, message) in (0..).zip(messages) {
        let node = Box::new(Node::given(None, Message::user(message)));
        let entry = Entry::Node { attempt: id.clone(), place: NodeId::new(place), node };
        store.write(vec![entry], None).await.unwrap();
    }
    id
}

/// A text that does not compress: half of its characters are of random bits.
fn noise(seed: u64, length: usize) -> String {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes.iter().map(|byte| char::from(32 + byte % 94)).collect()
}

#[tokio::test]
async fn a_text_that_many_say_is_stored_once() {
    const SIZE: usize = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    for number in 0..50 {
        write(&store, number, [noise(1, SIZE)]).await;
    }
    drop(store);
    let size = fs::metadata(&path).unwrap().len();
    assert!(size < 3 * SIZE as u64, "{size} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_may_be_as_large_as_it_likes() {
    const SIZE: usize = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    let id = write(&store, 0, (0..50).map(|place| noise(place, SIZE))).await;
    drop(store);
    assert!(fs::metadata(&path).unwrap().len() > 30_000_000);
    let found = open(&path).get(&id).await.unwrap().trajectory;
    assert_eq!(found.nodes().len(), 50);
    for (place, node) in (0..).zip(found.nodes()) {
        assert!(node.message.content == noise(place, SIZE), "message {place} is another one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_come_together_fail_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let id = write(&store, 0, []).await;
    let node = |place: u32, parent: Option<u32>| {
        let node = Box::new(Node::given(parent.map(NodeId::new), Message::user("?")));
        Entry::Node { attempt: id.clone(), place: NodeId::new(place), node }
    };
    // Every third one begins well and ends badly.
    let writes = (0..300).map(|place| {
        let bad = (place % 3 == 0).then(|| node(1000 + place, Some(5000)));
        store.write([node(place, None)].into_iter().chain(bad).collect(), None)
    });
    let written = join_all(writes).await;
    assert!(written.iter().enumerate().all(|(place, written)| written.is_ok() == (place % 3 != 0)));
    let found = store.get(&id).await.unwrap();
    assert_eq!(found.ahead.len(), 200, "{}", found.trajectory.nodes().len());
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_any_more_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    let mut begun = Vec::new();
    for number in 0..200_u32 {
        let beginning = Trajectory::new(Question::new("?", ["!"]), number);
        let id = beginning.id.clone();
        let node = Box::new(Node::given(None, Message::user(noise(u64::from(number), 1000))));
        let node = Entry::Node { attempt: id.clone(), place: NodeId::new(0), node };
        begun.push(id);
        let write = store.write(vec![Entry::Begin(Box::new(beginning)), node], None);
        let _ = tokio::time::timeout(Duration::from_micros(u64::from(number) * 5), write).await;
    }
    drop(store);
    let store = open(&path);
    for id in begun {
        if let Some(found) = store.find(&id).await.unwrap() {
            assert_eq!(found.trajectory.nodes().len(), 1);
        }
    }
    assert!(Embedded::verify(&path, |_| {}).unwrap().is_whole());
}

#[tokio::test]
async fn what_cannot_be_read_back_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let deep = (0..200).fold(json!(1), |value, _| json!([value]));
    let mut deep_question = Trajectory::new(Question::new("?", ["!"]), 0);
    deep_question.question.metadata.insert("deep".to_owned(), deep.clone());
    let mut deep_attempt = Trajectory::new(Question::new("?", ["!"]), 0);
    deep_attempt.metadata.insert("deep".to_owned(), deep);
    let id = write(&store, 1, []).await;
    let nan = Grade::scored("exact@1", Outcome::Wrong, f64::NAN);
    for entry in [
        Entry::Begin(Box::new(deep_question)),
        Entry::Begin(Box::new(deep_attempt)),
        Entry::Grade { attempt: id, grade: Box::new(nan) },
    ] {
        let refused = store.write(vec![entry], None).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn another_question_under_the_id_of_one_that_is_planned_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Box<dyn RunStore>; 2] = [Box::new(InMemory::new()), Box::new(open(&folder.path().join("store")))];
    for store in stores {
        let named = |text: &str| Question { id: QuestionId::new("q1"), ..Question::new(text, ["the Orsa"]) };
        let refused = |planned: Result<u64, StoreError>| {
            let error = planned.unwrap_err().to_string();
            assert!(error.contains("another question q1 is planned"), "{store:?}: {error}");
        };
        refused(store.plan(&run(1), &[named("Which river?"), named("Which lake?")], 1).await);
        assert_eq!(store.plan(&run(1), &[named("Which river?")], 1).await.unwrap(), 1, "{store:?}");
        refused(store.plan(&run(1), &[named("Which lake?")], 1).await);
        refused(store.plan(&run(1), &[question(2), named("Which lake?")], 2).await);
        assert_eq!(store.plan(&run(1), &[named("Which river?")], 2).await.unwrap(), 1, "{store:?}");
        assert_eq!(store.plan(&run(2), &[named("Which lake?")], 1).await.unwrap(), 1, "another run is another matter");
        assert_eq!(store.progress(&run(1)).await.unwrap().planned, 2, "{store:?}");
    }
}

#[test]
fn files_that_are_no_stores_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("text"), "This is a text, and no store at all.").unwrap();
    fs::write(path("file"), "").unwrap();
    let other = rusqlite::Connection::open(path("other")).unwrap();
    other.execute_batch("CREATE TABLE t (a)").unwrap();
    drop(Embedded::open(path("newer"), &Options::default()).unwrap());
    let newer = rusqlite::Connection::open(path("newer")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    drop(Embedded::open(path("headless"), &Options::default()).unwrap());
    let mut bytes = fs::read(path("headless")).unwrap();
    bytes[..100].fill(7);
    fs::write(path("headless"), &bytes).unwrap();
    for (name, expected) in [
        ("text", "it is no file of SQLite"),
        ("other", "another program made"),
        ("newer", "it has version 99, and 1 is the newest known"),
        ("headless", "can be saved with `recover`"),
        ("no/such/folder", "make it first"),
        ("file/store", "make it first"),
        (".", "it is a folder; name a file in it"),
    ] {
        let error = Embedded::open(path(name), &Options::default()).unwrap_err().to_string();
        assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{name}: {error}");
    }
    // An empty file is a store with nothing in it yet.
    drop(Embedded::open(path("file"), &Options::default()).unwrap());
}

#[test]
fn whoever_opens_a_new_store_at_the_same_time_opens_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..60 {
        let path = folder.path().join(format!("store-{round}"));
        let begin = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    begin.wait();
                    Embedded::open(&path, &Options::default()).unwrap();
                });
            }
        });
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_written_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store"));
    let id = write(&store, 0, ["before".to_owned()]).await;
    let limit = |pages: i64| {
        store.writer.run(0, move |desk| {
            desk.db.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        })
    };
    limit(100).await.unwrap();
    let node = |place: u32, text: String| {
        let node = Box::new(Node::given(None, Message::user(text)));
        vec![Entry::Node { attempt: id.clone(), place: NodeId::new(place), node }]
    };
    let (large, small) = (node(1, noise(1, 1_000_000)), node(2, "small".to_owned()));
    // Written together, the one that does not fit takes no other with it.
    let (refused, written) = futures::join!(store.write(large.clone(), None), store.write(small, None));
    assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
    written.unwrap();
    assert_eq!(store.get(&id).await.unwrap().ahead.len(), 1);
    limit(1_000_000).await.unwrap();
    store.write(large, None).await.unwrap();
    assert_eq!(store.get(&id).await.unwrap().trajectory.nodes().len(), 3);
}

/// What SQLite does to answer a question, in words.
fn plan_of(db: &rusqlite::Connection, question: &str) -> String {
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {question}")).unwrap();
    let count = statement.parameter_count();
    let rows = statement.query_map(rusqlite::params_from_iter(vec![1; count]), |row| row.get::<_, String>(3));
    rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap().join("; ")
}

#[tokio::test]
async fn no_question_reads_more_than_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = open(&path);
    let db = rusqlite::Connection::open(&path).unwrap();
    for question in [
        "SELECT key FROM text INDEXED BY text_by_mark WHERE mark = ? AND rest = ?",
        "SELECT key FROM question INDEXED BY question_by_mark WHERE mark = ? AND rest = ?",
        "SELECT * FROM attempt WHERE id = ?",
        "SELECT * FROM node WHERE key BETWEEN ? AND ?",
        "SELECT * FROM grade WHERE attempt = ? ORDER BY key",
        "SELECT * FROM work WHERE id = ?",
        "SELECT * FROM work INDEXED BY work_free WHERE run = ? AND worker IS NULL AND ended = 0 \
         ORDER BY number, place LIMIT ?",
        "SELECT min(process) FROM work INDEXED BY work_held \
         WHERE run = ? AND worker IS NOT NULL AND ended = 0 AND process > ?",
        "SELECT * FROM work INDEXED BY work_held \
         WHERE run = ? AND worker IS NOT NULL AND ended = 0 AND process = ? AND until <= ?",
        "SELECT max(place) FROM planned WHERE run = ?",
        "SELECT id FROM attempt WHERE run = ? AND id > ? ORDER BY id LIMIT 1000",
        "SELECT id FROM attempt WHERE model = ? AND id > ? ORDER BY id LIMIT 1000",
        "SELECT id FROM attempt WHERE stop = ? AND id > ? ORDER BY id LIMIT 1000",
    ] {
        let plan = plan_of(&db, question);
        assert!(!plan.contains("SCAN"), "{question}: {plan}");
        let may_sort = question.contains("FROM grade");
        assert!(may_sort || !plan.contains("TEMP B-TREE"), "{question}: {plan}");
    }
    drop(store);
}
