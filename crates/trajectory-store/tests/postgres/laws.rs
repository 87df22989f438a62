//! The laws of every store, and that it does what the store in memory does.

use futures::TryStreamExt;
use offseeker_trajectory::{
    Grade, Message, Moment, Node, NodeId, Origin, Outcome, Question, Sampled, SampledTokens, StopReason, Trajectory,
    TrajectoryId,
};
use offseeker_trajectory_store::{
    Entry, Filter, GradeFilter, InMemory, Postgres, RunStore, StoreError, TrajectoryStore, TrajectoryStoreExt,
    conformance,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::server::Server;
use crate::{open, options};

#[tokio::test]
async fn it_fulfils_the_laws() {
    let Some(server) = Server::shared() else { return };
    for connections in [1, 4] {
        let open = async |name: &str| open(&server.address(), &format!("{name} \"{connections}"), connections).await;
        conformance::check_store(&open("laws of the store").await).await.unwrap();
        conformance::check_queue(&open("laws of the queue").await).await.unwrap();
    }
}

#[tokio::test]
async fn many_that_open_it_at_once_find_the_same_tables() {
    let Some(server) = Server::shared() else { return };
    let address = server.address();
    let opened = futures::future::join_all((0..16).map(|_| open(&address, "at_once", 1))).await;
    let made = conformance::attempt("one", 0);
    let begin = Entry::Begin(Box::new(Trajectory::new(made.question.clone(), 0)));
    opened[0].write_one(begin).await.unwrap();
    assert_eq!(opened[15].count(&Filter::default()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_pool_of_ones_own_will_do_and_every_page_of_a_scan_is_found() {
    let Some(server) = Server::shared() else { return };
    let manager = deadpool_postgres::Manager::new(server.address().parse().unwrap(), tokio_postgres::NoTls);
    let pool = deadpool_postgres::Pool::builder(manager).max_size(1).build().unwrap();
    let store = Postgres::over(pool, "own_pool").await.unwrap();
    let begin = |number| Entry::Begin(Box::new(Trajectory::new(Question::new("pages", ["a"]), number)));
    store.write((0..2500).map(begin).collect(), None).await.unwrap();
    let found: Vec<TrajectoryId> = store.scan(&Filter::default()).try_collect().await.unwrap();
    assert_eq!(found.len(), 2500);
    assert!(found.is_sorted_by(|left, right| left < right));
    assert_eq!(store.read(&found).await.unwrap().len(), 2500);
}

#[tokio::test]
async fn names_that_no_index_holds_are_refused() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "names", 1).await;
    let mut begin = Trajectory::new(Question::new("names", ["a"]), 0);
    let longest = conformance::attempt("names", 0).id.as_str().repeat(32);
    begin.model = Some(longest.clone());
    begin.id = TrajectoryId::new(&longest);
    begin.question.id = longest.as_str().into();
    begin.run = Some(longest.as_str().into());
    store.write_one(Entry::Begin(Box::new(begin.clone()))).await.unwrap();
    begin.id = TrajectoryId::new(format!("{longest}+"));
    let error = store.write_one(Entry::Begin(Box::new(begin))).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid { .. }), "{error}");
    for schema in ["", "a\0", "a@b", &"x".repeat(64)] {
        let options = options(schema, 1);
        let error = Postgres::connect(&server.address(), options).await.unwrap_err();
        assert!(matches!(error, StoreError::Invalid { .. }), "{error}");
    }
}

#[tokio::test]
async fn tables_of_another_program_or_a_newer_version_are_left_alone() {
    let Some(server) = Server::shared() else { return };
    let (client, connection) = tokio_postgres::connect(&server.address(), tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let sql = "CREATE SCHEMA other; CREATE TABLE other.attempt (); \
        CREATE SCHEMA shop; CREATE TABLE shop.store (name text); \
        CREATE SCHEMA newer; CREATE TABLE newer.store (version bigint); INSERT INTO newer.store VALUES (999)";
    client.batch_execute(sql).await.unwrap();
    for (schema, expected) in [("other", "other tables"), ("shop", "another program's"), ("newer", "version 999")] {
        let options = options(schema, 1);
        let error = Postgres::connect(&server.address(), options).await.unwrap_err();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    drop(client);
    connection.await.unwrap().unwrap();
}

/// Comfort for tests.
trait WriteOne {
    async fn write_one(&self, entry: Entry) -> Result<(), StoreError>;
}

impl<S: RunStore> WriteOne for S {
    async fn write_one(&self, entry: Entry) -> Result<(), StoreError> {
        self.write(vec![entry], None).await
    }
}

const ATTEMPTS: u32 = 3;

fn id(number: u32) -> TrajectoryId {
    TrajectoryId::new(format!("attempt {number} \0"))
}

/// Short texts, and two that are stored apart.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("The Karlin mill stands on the Orsa. ".repeat(10)),
        Just("x\0卡".repeat(200)),
        Just("a".repeat(199)),
        Just("a".repeat(200)),
    ]
}

fn beginnings() -> impl Strategy<Value = Entry> {
    (0..ATTEMPTS, prop::option::of("[ab\0]")).prop_map(|(number, model)| {
        let mut begin = Trajectory::new(Question::new(format!("question {number}"), ["a"]), number);
        begin.id = id(number);
        begin.model = model.filter(|model| model != "b");
        Entry::Begin(Box::new(begin))
    })
}

fn nodes() -> impl Strategy<Value = Entry> {
    let moments = prop::option::of(prop_oneof![0..4_u64, any::<u64>()]);
    let logprobs = prop::collection::vec(any::<f32>(), 0..4);
    let parents = prop::option::of(0..6_u32);
    (0..ATTEMPTS, 0..5_u32, parents, texts(), prop::option::of(texts()), moments, logprobs).prop_map(
        |(number, place, parent, content, reasoning, at, logprobs)| {
            let message = Message { reasoning, ..Message::assistant(content) };
            let tokens = SampledTokens::new(Vec::new(), logprobs).ok();
            let origin = Origin::Sampled(Sampled { tokens, ..Sampled::default() });
            let mut node = Node::new(parent.map(NodeId::new), message, origin);
            node.at = at.map(|clock_ms| Moment { clock_ms, ..Moment::default() });
            Entry::Node { attempt: id(number), place: NodeId::new(place), node: Box::new(node) }
        },
    )
}

fn ends() -> impl Strategy<Value = Entry> {
    let stops = prop_oneof![
        Just(StopReason::Answered),
        Just(StopReason::Cancelled),
        texts().prop_map(|reason| StopReason::ModelFailure { reason }),
    ];
    (0..ATTEMPTS, stops, prop::option::of("[ab]")).prop_map(|(number, stop, answer)| Entry::End {
        attempt: id(number),
        stop,
        answer,
    })
}

fn grades() -> impl Strategy<Value = Entry> {
    let values = prop::option::of(any::<f64>().prop_filter("JSON can say it", |value| value.is_finite()));
    (0..ATTEMPTS, "[ab\0]", values, any::<bool>()).prop_map(|(number, grader, value, is_right)| {
        let outcome = if is_right { Outcome::Correct } else { Outcome::Wrong };
        let grade = Grade { value, ..Grade::scored(grader, outcome, 0.0) };
        Entry::Grade { attempt: id(number), grade: Box::new(grade) }
    })
}

/// Entries, some of which are written again.
fn batches() -> impl Strategy<Value = Vec<Vec<Entry>>> {
    let entry = prop_oneof![
        3 => beginnings(),
        6 => nodes(),
        1 => ends(),
        1 => (0..ATTEMPTS).prop_map(|number| Entry::Reopen { attempt: id(number) }),
        2 => grades(),
    ];
    let begun = (0..ATTEMPTS).prop_map(|number| {
        let mut begin = Trajectory::new(Question::new(format!("question {number}"), ["a"]), number);
        begin.id = id(number);
        vec![Entry::Begin(Box::new(begin))]
    });
    let batches = prop::collection::vec(prop_oneof![1 => begun, 4 => prop::collection::vec(entry, 1..4)], 1..24);
    (batches, any::<prop::sample::Index>()).prop_map(|(batches, again)| {
        let again = again.get(&batches).clone();
        batches.into_iter().chain([again]).collect()
    })
}

fn filters() -> Vec<Filter> {
    let graded = |grade: GradeFilter| Filter { grade: Some(grade), ..Filter::default() };
    let by_a = GradeFilter { grader: "a".to_owned(), ..GradeFilter::default() };
    vec![
        Filter::default(),
        Filter { model: Some("a".to_owned()), ..Filter::default() },
        Filter { model: Some("\0".to_owned()), ..Filter::default() },
        Filter { ended: Some(true), ..Filter::default() },
        Filter { ended: Some(false), ..Filter::default() },
        Filter { stop: Some("cancelled".to_owned()), ..Filter::default() },
        Filter { stop: Some("no\0".to_owned()), ..Filter::default() },
        Filter { from_ms: Some(2), ..Filter::default() },
        Filter { until_ms: Some(u64::MAX), ..Filter::default() },
        Filter { from_ms: Some(1 << 63), until_ms: Some(u64::MAX - 1), ..Filter::default() },
        Filter { question: Some(Question::new("question 1", ["a"]).id), ..Filter::default() },
        graded(by_a.clone()),
        graded(GradeFilter { outcome: Some("wrong".to_owned()), at_least: Some(0.0), ..by_a.clone() }),
        graded(GradeFilter { at_most: Some(-1.0), ..by_a.clone() }),
        graded(GradeFilter { at_most: Some(f64::NAN), ..by_a }),
    ]
}

/// What a store says and holds after each of some batches.
async fn told(store: &dyn RunStore, batches: &[Vec<Entry>]) -> Vec<String> {
    let mut told = Vec::new();
    for batch in batches {
        let result = store.write(batch.clone(), None).await;
        told.push(result.map_or_else(|error| error.to_string(), |()| "written".to_owned()));
    }
    for number in 0..ATTEMPTS {
        let found = store.get(&id(number)).await;
        told.push(found.map_or_else(|error| error.to_string(), |found| format!("{found:?}")));
    }
    for filter in filters() {
        let found: Vec<TrajectoryId> = store.scan(&filter).try_collect().await.unwrap();
        told.push(format!("{found:?} fit {filter:?}"));
    }
    told
}

#[test]
fn whatever_is_written_it_says_and_holds_what_the_store_in_memory_does() {
    let Some(server) = Server::shared() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(open(&server.address(), "alike", 1));
    let (client, connection) =
        runtime.block_on(tokio_postgres::connect(&server.address(), tokio_postgres::NoTls)).unwrap();
    runtime.spawn(connection);
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let result = runner.run(&batches(), |batches| {
        runtime.block_on(async {
            client.batch_execute("DELETE FROM alike.attempt").await.unwrap();
            let (found, expected) = (told(&store, &batches).await, told(&InMemory::new(), &batches).await);
            prop_assert_eq!(found, expected);
            Ok(())
        })
    });
    result.unwrap();
}
