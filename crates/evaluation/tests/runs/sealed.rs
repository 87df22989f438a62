//! Nothing of a sealed benchmark is in clear where attempts are kept, and nobody above notices.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use offseeker_agent_loop::{Agent, Tools};
use offseeker_chat::Scripted;
use offseeker_evaluation::{Benchmark, Cipher, Contestant, Evaluation, SameAnswers, Seal, Sealing, Task, open};
use offseeker_tools::{Function, Observation, Tool};
use offseeker_trajectory::{
    Grade, Message, Node, NodeId, Outcome, Question, RunId, SealMark, Source, StopReason, Trajectory, TrajectoryId,
    View, is_exposed,
};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, InMemory, Manifest, Progress, StoreError, Stored, TrajectoryStore, TrajectoryStoreExt,
    WorkQueue, Worker, conformance,
};

use crate::world::{judge, reply, turns};

/// A word that stands in everything that is said of a sealed question.
const SECRET: &str = "zebrafinch";

fn seal(cipher: Cipher) -> Seal {
    Seal { cipher, canary: "a canary of the set".to_owned() }
}

#[tokio::test]
async fn what_is_not_sealed_passes_through() {
    conformance::check_store(&Sealing::new(Arc::new(InMemory::new()))).await.unwrap();
    conformance::check_queue(&Sealing::new(Arc::new(InMemory::new()))).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Arc::new(Embedded::open(folder.path().join(name), &Options::default()).unwrap());
    conformance::check_store(&Sealing::new(open("store"))).await.unwrap();
    conformance::check_queue(&Sealing::new(open("queue"))).await.unwrap();
}

#[tokio::test]
async fn a_store_of_sealed_questions_keeps_every_law() {
    for cipher in [Cipher::HashedXor, Cipher::PlainXor] {
        let marking = || Marking { inner: Sealing::new(Arc::new(InMemory::new())), seal: seal(cipher) };
        conformance::check_store(&marking()).await.unwrap();
        conformance::check_queue(&marking()).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let embedded = |name: &str| Arc::new(Embedded::open(folder.path().join(name), &Options::default()).unwrap());
    let marking = |name| Marking { inner: Sealing::new(embedded(name)), seal: seal(Cipher::HashedXor) };
    conformance::check_store(&marking("store")).await.unwrap();
    conformance::check_queue(&marking("queue")).await.unwrap();
}

/// Marks every question on its way into a store, and takes the mark off on its way out.
#[derive(Debug)]
struct Marking {
    inner: Sealing,
    seal: Seal,
}

impl Marking {
    fn marked(&self, mut question: Question) -> Question {
        let Seal { cipher, canary } = self.seal.clone();
        SealMark { cipher, canary, closed: false }.put(&mut question.metadata);
        question
    }

    fn bare(mut question: Question) -> Question {
        assert!(is_exposed(&question), "a question came back without its mark, or encrypted");
        question.metadata.shift_remove(SealMark::FIELD);
        question
    }

    fn marked_claim(&self, claim: &Claim) -> Claim {
        Claim { question: self.marked(claim.question.clone()), ..claim.clone() }
    }

    fn bare_claim(claim: Claim) -> Claim {
        Claim { question: Self::bare(claim.question.clone()), ..claim }
    }
}

#[async_trait]
impl TrajectoryStore for Marking {
    async fn write(&self, mut entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        for entry in &mut entries {
            if let Entry::Begin(beginning) = entry {
                beginning.question = self.marked(beginning.question.clone());
            }
        }
        self.inner.write(entries, claim.map(|claim| self.marked_claim(claim)).as_ref()).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        let mut found = self.inner.read(ids).await?;
        for stored in &mut found {
            stored.trajectory.question = Self::bare(stored.trajectory.question.clone());
        }
        Ok(found)
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        self.inner.scan(filter)
    }
}

#[async_trait]
impl WorkQueue for Marking {
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        let marked: Vec<Question> = questions.iter().map(|question| self.marked(question.clone())).collect();
        self.inner.plan(run, &marked, attempts).await
    }

    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError> {
        Ok(self.inner.claim(run, worker, most).await?.into_iter().map(Self::bare_claim).collect())
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
        let marked: Vec<Claim> = claims.iter().map(|claim| self.marked_claim(claim)).collect();
        Ok(self.inner.renew(&marked).await?.into_iter().map(Self::bare_claim).collect())
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError> {
        let marked: Vec<Claim> = claims.iter().map(|claim| self.marked_claim(claim)).collect();
        self.inner.release(&marked).await
    }

    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError> {
        self.inner.progress(run).await
    }

    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError> {
        self.inner.manifest(run).await
    }
}

/// An attempt that has the secret in every text that it can hold.
fn telling(question: Question) -> (Trajectory, Vec<Entry>) {
    fn put(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => text.push_str(SECRET),
            serde_json::Value::Array(items) => items.iter_mut().for_each(put),
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    // What says which kind of thing it is, and which purpose it serves, is no text of anybody's.
                    if !["kind", "role", "repair", "status", "view", "model"].contains(&name.as_str()) {
                        put(value);
                    }
                }
            }
            _ => {}
        }
    }
    let made = conformance::attempt("sealed", 0);
    let mut attempt = Trajectory::new(question, 0);
    attempt.metadata.insert("note".to_owned(), serde_json::json!({"inner": [format!("a {SECRET}")]}));
    let mut entries = vec![Entry::Begin(Box::new(attempt.clone()))];
    for (place, node) in (0..).zip(made.nodes()) {
        let mut value = serde_json::to_value(node).unwrap();
        put(&mut value);
        let node: Node = serde_json::from_value(value).unwrap();
        attempt.push(node.clone()).unwrap();
        entries.push(Entry::Node { attempt: attempt.id.clone(), place: NodeId::new(place), node: Box::new(node) });
    }
    attempt.stop = Some(StopReason::ToolFailure { tool: SECRET.to_owned(), reason: SECRET.to_owned() });
    attempt.answer = Some(format!("the {SECRET}"));
    let (stop, answer) = (attempt.stop.clone().unwrap(), attempt.answer.clone());
    entries.push(Entry::End { attempt: attempt.id.clone(), stop, answer });
    let grade: Grade = serde_json::from_value(serde_json::json!({
        "grader": "exact@1", "outcome": {"kind": "unscored", "reason": SECRET},
        "spans": [{"node": 0, "value": 1.0, "note": SECRET}],
        "evidence": [{"claim": SECRET, "quote": SECRET}],
    }))
    .unwrap();
    attempt.grades.push(grade.clone());
    entries.push(Entry::Grade { attempt: attempt.id.clone(), grade: Box::new(grade) });
    (attempt, entries)
}

fn task(number: u32, cipher: Cipher) -> Task {
    let mut question = Question::new(format!("Which {SECRET} is number {number}?"), [format!("the {SECRET}")]);
    question.metadata.insert("topic".to_owned(), format!("the {SECRET}s").into());
    Task::sealed(question, seal(cipher))
}

#[tokio::test]
async fn every_text_of_an_attempt_is_encrypted_and_comes_back() {
    let inner = Arc::new(InMemory::new());
    let store = Sealing::new(inner.clone());
    let (attempt, entries) = telling(task(0, Cipher::HashedXor).in_clear().clone());
    let said = serde_json::to_string(&attempt).unwrap();
    assert!(said.matches(SECRET).count() > 30, "{said}");
    store.write(entries, None).await.unwrap();
    assert_eq!(store.get(&attempt.id).await.unwrap().trajectory, attempt);
    // Nobody remembers here what was written there.
    assert_eq!(Sealing::new(inner.clone()).get(&attempt.id).await.unwrap().trajectory, attempt);

    let kept = inner.get(&attempt.id).await.unwrap().trajectory;
    let kept_said = serde_json::to_string(&kept).unwrap();
    assert!(!kept_said.contains(SECRET), "{kept_said}");
    assert!(!is_exposed(&kept.question));
    assert_eq!(open(&kept.question).unwrap(), attempt.question);
    for (one, other) in attempt.nodes().iter().zip(kept.nodes()) {
        let tokens = |node: &Node| node.as_sampled().and_then(|it| Some(it.tokens.as_ref()?.ids().to_vec()));
        assert!(tokens(one).is_none() || tokens(one) != tokens(other));
    }
}

#[tokio::test]
async fn attempts_that_a_sealed_one_has_made_by_others_are_sealed_too() {
    let inner = Arc::new(InMemory::new());
    let store = Sealing::new(inner.clone());
    let parent = Trajectory::new(task(0, Cipher::PlainXor).in_clear().clone(), 0);
    store.write(vec![Entry::Begin(Box::new(parent.clone()))], None).await.unwrap();
    let mut child = Trajectory::new(Question::new(format!("Where is the {SECRET}?"), Vec::<String>::new()), 0);
    child.metadata.insert("parent".to_owned(), parent.id.as_str().into());
    let (id, node) = (child.id.clone(), Box::new(Node::given(None, Message::user(SECRET))));
    let first = Entry::Node { attempt: id.clone(), place: NodeId::new(0), node };
    for store in [&store, &Sealing::new(inner.clone())] {
        store.write(vec![Entry::Begin(Box::new(child.clone())), first.clone()], None).await.unwrap();
    }
    let found = store.get(&id).await.unwrap().trajectory;
    assert_eq!((&found.question.text, found.nodes()[0].message.content.as_str()), (&child.question.text, SECRET));
    assert!(is_exposed(&found.question));
    let kept = serde_json::to_string(&inner.get(&id).await.unwrap().trajectory).unwrap();
    assert!(!kept.contains(SECRET), "{kept}");
}

#[tokio::test]
async fn what_cannot_be_kept_closed_is_refused() {
    let inner = Arc::new(InMemory::new());
    let store = Sealing::new(inner.clone());
    let run = Manifest::new("run", 1);
    store.write(vec![Entry::Run(Box::new(run.clone()))], None).await.unwrap();
    let run = run.id().unwrap();
    let check = async |question: Question, expected: &str| {
        let error = store.plan(&run, std::slice::from_ref(&question), 1).await.unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(question.id.as_str()) && !error.contains(SECRET), "{error}");
        let begin = Entry::Begin(Box::new(Trajectory::new(question, 0)));
        assert_eq!(store.write(vec![begin], None).await.unwrap_err().to_string(), error);
    };
    let sealed = task(0, Cipher::HashedXor);
    check(sealed.to_keep(), "is encrypted already").await;
    let mut unreadable = sealed.in_clear().clone();
    unreadable.metadata["seal"]["cipher"] = "rot13".into();
    check(unreadable, "cannot be read or has no canary").await;
    let mut empty = sealed.in_clear().clone();
    empty.metadata["seal"]["canary"] = "".into();
    check(empty, "cannot be read or has no canary").await;

    // Begun in clear, past the wrapper.
    let begun = Trajectory::new(sealed.in_clear().clone(), 0);
    inner.write(vec![Entry::Begin(Box::new(begun.clone()))], None).await.unwrap();
    let end = Entry::End { attempt: begun.id.clone(), stop: StopReason::Answered, answer: None };
    let error = store.write(vec![end], None).await.unwrap_err();
    assert!(error.to_string().contains("was begun in clear"), "{error}");
    // Not encrypted as its mark says.
    let mut broken = Trajectory::new(sealed.to_keep(), 1);
    broken.question.text = "no base64!".to_owned();
    inner.write(vec![Entry::Begin(Box::new(broken.clone()))], None).await.unwrap();
    let error = store.read(&[broken.id]).await.unwrap_err();
    assert!(error.to_string().contains("no Base64"), "{error}");
}

/// A model that thinks, calls and answers with the secret.
fn gossip() -> Agent {
    let model = Scripted::by(|request| {
        if turns(&request) == 0 {
            return reply(format!(
                "<think>The {SECRET}!</think><tool_call>{{\"name\": \"look\", \"arguments\": {{\"at\": \"{SECRET}\"}}}}</tool_call>"
            ));
        }
        reply(format!("<think>{SECRET}</think><answer>some {SECRET}</answer>"))
    });
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Look {
        at: String,
    }
    let tools = Tools::made_of(|| {
        let look = Function::new("look", "Looks.", async |look: Look| {
            let sources = vec![Source { url: format!("https://{SECRET}.example"), view: View::Page }];
            Ok(Observation { sources, ..Observation::ok(format!("A {} sings.", look.at)) })
        });
        vec![Box::new(look) as Box<dyn Tool>]
    });
    Agent::new(Arc::new(model), tools)
}

async fn evaluated(tasks: Vec<Task>, folder: &Path) -> (f64, String) {
    let store = Arc::new(Embedded::open(folder, &Options::default()).unwrap());
    let judging = || judge(|_| "<judge>yes</judge> for it is the zebrafinch");
    let mut evaluation = Evaluation::new(Benchmark { id: "birds".to_owned(), tasks }, store.clone(), "2026-11-22")
        .between(Contestant::of("gossip", 7, gossip()).unwrap())
        .graded_by(judging())
        .same_answers_by(SameAnswers::by(judging()));
    evaluation.attempts = 2;
    let report = evaluation.run().await.unwrap();
    let kept: Vec<Trajectory> = store.trajectories(&Filter::default()).try_collect().await.unwrap();
    assert_eq!(kept.len(), 6);
    assert!(kept.iter().all(|attempt| attempt.grades.len() == 2));
    assert!(!report.json().contains(SECRET) && !report.to_string().contains(SECRET));
    (report.standings[0].lines[0].figures.all.mean.unwrap().value, serde_json::to_string(&kept).unwrap())
}

/// How often the secret stands in the bytes of all files of a folder.
fn found(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let in_file = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(SECRET.len()).filter(|window| window.eq_ignore_ascii_case(SECRET.as_bytes())).count()
    };
    entries.map(|path| if path.is_dir() { found(&path) } else { in_file(&path) }).sum()
}

#[tokio::test]
async fn nothing_of_a_sealed_benchmark_is_in_clear_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let (open, sealed) = (folder.path().join("open"), folder.path().join("sealed"));
    for path in [&open, &sealed] {
        std::fs::create_dir(path).unwrap();
    }
    let tasks: Vec<Task> = (0..3).map(|number| task(number, Cipher::HashedXor)).collect();
    let unsealed = tasks.iter().map(|task| {
        let mut question = task.in_clear().clone();
        question.metadata.shift_remove(SealMark::FIELD);
        Task::new(question)
    });
    let (mean, kept) = evaluated(unsealed.collect(), &open.join("store")).await;
    assert!((mean, kept.contains(SECRET)) == (1.0, true));
    assert!(found(&open) > 10, "the search finds what is there");
    let (mean, kept) = evaluated(tasks, &sealed.join("store")).await;
    assert!((mean, kept.contains(SECRET)) == (1.0, false), "{kept}");
    assert_eq!(found(&sealed), 0);
}

#[tokio::test]
async fn outcomes_are_found_by_what_is_not_encrypted() {
    let store = Sealing::new(Arc::new(InMemory::new()));
    let (attempt, entries) = telling(task(0, Cipher::HashedXor).in_clear().clone());
    store.write(entries, None).await.unwrap();
    let grade =
        Entry::Grade { attempt: attempt.id.clone(), grade: Box::new(Grade::scored("other@1", Outcome::Correct, 1.0)) };
    store.write(vec![grade], None).await.unwrap();
    let graded = |grader: &str, outcome: &str| Filter {
        stop: Some("tool_failure".to_owned()),
        grade: Some(offseeker_trajectory_store::GradeFilter {
            grader: grader.to_owned(),
            outcome: Some(outcome.to_owned()),
            ..Default::default()
        }),
        ..Filter::default()
    };
    assert_eq!(store.count(&graded("other@1", "correct")).await.unwrap(), 1);
    assert_eq!(store.count(&graded("exact@1", "unscored")).await.unwrap(), 1);
    assert_eq!(store.count(&graded("exact@1", "correct")).await.unwrap(), 0);
}
