//! What is said, and what is kept, when the server refuses, is gone or has no room.

use std::time::Duration;

use offseeker_trajectory::{Message, Node, NodeId, Question, Trajectory, TrajectoryId};
use offseeker_trajectory_store::{Entry, Postgres, PostgresOptions, StoreError, TrajectoryStore, TrajectoryStoreExt};
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::{open, options};

const SECRET: &str = "s3cret-Passw0rd";

pub(crate) async fn client(server: &Server) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&server.address(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_in_one_line_without_the_password() {
    let Some(server) = Server::shared() else { return };
    let sql = format!("CREATE ROLE guarded LOGIN PASSWORD 'another {SECRET}'; CREATE ROLE poor LOGIN");
    client(&server).await.batch_execute(&sql).await.unwrap();
    let check = async |address: String, expected: &str| {
        let error = Postgres::connect(&address, options("none", 1)).await;
        let error = error.unwrap_err();
        assert!(error.to_string().contains(expected), "{error} for {expected:?}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(SECRET) && !text.contains('\n'), "{text:?}");
        }
    };
    let with = |user: &str, database: &str| format!("{} password={SECRET}", server.address_of(user, database));
    check(with("guarded", "postgres"), "password authentication failed").await;
    check(server.address_of("guarded", "postgres"), "password").await;
    check(with("poor", "postgres"), "needs `CREATE`").await;
    check(with("postgres", "nowhere"), "database \"nowhere\" does not exist; make it with `createdb`").await;
    check(format!("postgres://worker:{SECRET}@127.0.0.1:1/db"), "127.0.0.1:1").await;
    check(format!("postgres://worker:{SECRET}@no.such.host.invalid/db"), "no.such.host.invalid").await;
    check(format!("postgres://worker:{SECRET}@[::1/db"), "cannot be read").await;
    check(format!("worker:{SECRET}@host/db"), "cannot be read").await;
    check(format!("{SECRET}=1"), "cannot be read").await;
}

fn begin(name: &str) -> (TrajectoryId, Entry) {
    let begin = Trajectory::new(Question::new(name, ["a"]), 0);
    (begin.id.clone(), Entry::Begin(Box::new(begin)))
}

fn node(attempt: &TrajectoryId, place: u32) -> Entry {
    let node = Node::given(place.checked_sub(1).map(NodeId::new), Message::user(format!("{place} ").repeat(200)));
    Entry::Node { attempt: attempt.clone(), place: NodeId::new(place), node: Box::new(node) }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_crash_of_the_server_and_the_store_goes_on_by_itself() {
    let Some(server) = Server::start() else { return };
    let store = open(&server.address(), "crash", 4).await;
    let (id, entry) = begin("crash");
    store.write(vec![entry], None).await.unwrap();
    let mut crashes = 0;
    for place in 0..60 {
        if place % 20 == 10 {
            server.stop();
            let error = store.write(vec![node(&id, place)], None).await.unwrap_err();
            assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
            server.go_on();
            crashes += 1;
        }
        if place % 20 == 15 {
            server.crash();
        }
        // A connection may be found lost once each.
        while let Err(error) = store.write(vec![node(&id, place)], None).await {
            assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(crashes, 3);
    assert_eq!(store.get(&id).await.unwrap().trajectory.nodes().len(), 60);
}

#[tokio::test]
async fn a_store_waits_for_a_server_that_is_gone_for_a_while_and_no_longer() {
    let Some(server) = Server::start() else { return };
    let patient = PostgresOptions { patience: Duration::from_secs(120), ..options("patience", 2) };
    let store = Postgres::connect(&server.address(), patient).await.unwrap();
    let hasty = PostgresOptions { patience: Duration::from_secs(1), ..options("patience", 2) };
    let hasty = Postgres::connect(&server.address(), hasty).await.unwrap();
    let (id, entry) = begin("patience");
    store.write(vec![entry], None).await.unwrap();
    server.stop();
    let write = tokio::spawn({
        let (store, node) = (store.clone(), node(&id, 0));
        async move { store.write(vec![node], None).await }
    });
    let error = hasty.get(&id).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }) && !write.is_finished(), "{error}");
    server.go_on();
    write.await.unwrap().unwrap();
    // A connection that the crash cut off is no error either.
    server.crash();
    store.write(vec![node(&id, 1)], None).await.unwrap();
    assert_eq!(store.get(&id).await.unwrap().trajectory.nodes().len(), 2);
}

#[tokio::test]
async fn a_full_disk_and_programs_in_the_way_are_told_apart() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "refusals", 2).await;
    let client = client(&server).await;
    let (id, entry) = begin("refusals");
    store.write(vec![entry], None).await.unwrap();
    let refuse = async |times: u32, code: &str| {
        let sql = format!(
            "DROP SEQUENCE IF EXISTS refusals.times; CREATE SEQUENCE refusals.times; \
            CREATE OR REPLACE FUNCTION refusals.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
            IF nextval('refusals.times') <= {times} THEN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END IF; \
            RETURN NEW; END $$; \
            CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON refusals.node \
            FOR EACH ROW EXECUTE FUNCTION refusals.refuse()"
        );
        client.batch_execute(&sql).await.unwrap();
    };
    refuse(1, "53100").await;
    let error = store.write(vec![node(&id, 0)], None).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    store.write(vec![node(&id, 0)], None).await.unwrap();
    for code in ["40001", "40P01"] {
        refuse(3, code).await;
        store.write(vec![node(&id, u32::from(code == "40P01") + 1)], None).await.unwrap();
    }
    refuse(1000, "40001").await;
    let error = store.write(vec![node(&id, 3)], None).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert_eq!(store.get(&id).await.unwrap().trajectory.nodes().len(), 3);
}

#[tokio::test]
async fn what_is_acknowledged_is_on_the_disk_whatever_the_server_is_set_to() {
    let Some(server) = Server::shared() else { return };
    let client = client(&server).await;
    for (setting, expected) in [("off", "on"), ("local", "local"), ("on", "on"), ("remote_apply", "remote_apply")] {
        let schema = format!("commits_{setting}");
        let address = format!("{} options='-c synchronous_commit={setting}'", server.address());
        let store = open(&address, &schema, 1).await;
        let (id, entry) = begin("commits");
        store.write(vec![entry], None).await.unwrap();
        let sql = format!(
            "CREATE TABLE {schema}.seen (setting text); \
            CREATE FUNCTION {schema}.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
            INSERT INTO {schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$; \
            CREATE TRIGGER see BEFORE INSERT ON {schema}.node FOR EACH ROW EXECUTE FUNCTION {schema}.see()"
        );
        client.batch_execute(&sql).await.unwrap();
        store.write(vec![node(&id, 0)], None).await.unwrap();
        let seen = client.query_one(&format!("SELECT setting FROM {schema}.seen"), &[]).await.unwrap();
        assert_eq!(seen.get::<_, String>(0), expected);
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_in_the_middle_leaves_nothing_locked() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "given_up", 1).await;
    let other = open(&server.address(), "given_up", 1).await;
    let (id, entry) = begin("given up");
    store.write(vec![entry.clone()], None).await.unwrap();
    for microseconds in (0..8000).step_by(200) {
        let write = store.write(vec![node(&id, 0), node(&id, 1)], None);
        let _ = tokio::time::timeout(Duration::from_micros(microseconds), write).await;
        let found = other.get(&id).await.unwrap().trajectory.nodes().len();
        assert!(found == 0 || found == 2, "{found} messages of two");
        // It would wait for ever.
        let write = other.write(vec![entry.clone()], None);
        tokio::time::timeout(Duration::from_secs(60), write).await.expect("nothing is locked").unwrap();
    }
    store.write(vec![node(&id, 0), node(&id, 1), node(&id, 2)], None).await.unwrap();
    assert_eq!(store.get(&id).await.unwrap().trajectory.nodes().len(), 3);
}

#[tokio::test]
async fn a_text_that_was_changed_behind_its_back_is_not_given_out() {
    let Some(server) = Server::shared() else { return };
    let store = open(&server.address(), "damage", 1).await;
    let (id, entry) = begin("damage");
    store.write(vec![entry, node(&id, 0)], None).await.unwrap();
    let sql = "UPDATE damage.blob SET body = set_byte(body, 20, get_byte(body, 20) # 255)";
    client(&server).await.batch_execute(sql).await.unwrap();
    let error = store.get(&id).await.unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
}
