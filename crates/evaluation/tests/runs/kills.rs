//! An evaluation that is killed again and again comes to the report that it would have come to.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, thread};

use offseeker_chat::{ChatError, Scripted};
use offseeker_evaluation::runs::Watcher;
use offseeker_evaluation::{Contestant, Evaluation, SameAnswers};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::world::{LOOK, agent, benchmark, judge, number, reply, turns};

/// The folder that a child works in. Without it, the test of that name has nothing to do.
const FOLDER: &str = "OFFSEEKER_EVALUATION_KILLED";

/// The point at which a child waits to be killed; none where it is nought.
const POINT: &str = "OFFSEEKER_EVALUATION_POINT";

const KILLS: usize = 40;

static POINTS: AtomicU64 = AtomicU64::new(0);

/// A point at which a life may end: a request, a verdict, something that was written down.
fn point() {
    let last: u64 = env::var(POINT).unwrap().parse().unwrap();
    if POINTS.fetch_add(1, Ordering::SeqCst) + 1 == last {
        println!("\nkill me");
        loop {
            thread::park();
        }
    }
}

/// Looks, is unreadable at times, answers by its seed; out of reach at the fifth question.
fn model() -> Scripted {
    Scripted::by(|request| {
        point();
        let (number, seed) = (number(&request), request.sampling.seed.unwrap());
        if number == 4 {
            return Err(ChatError::Transient { reason: "out of reach".to_owned() });
        }
        let is_last = request.messages.last().unwrap().content.contains("You have reached");
        match (turns(&request), seed % 5) {
            (0, 0) if !is_last => reply("<tool_call>nonsense"),
            (0..2, _) if !is_last => reply(format!("<think>{seed}</think>{LOOK}")),
            (_, 1) => reply("Confidence: 40%\n<answer>the Lenne</answer>"),
            (_, 2) => reply("Confidence: 80%\n<answer>the river Orsa</answer>"),
            _ => reply("<answer>the Orsa</answer>"),
        }
    })
}

fn evaluation(folder: &Path) -> Evaluation {
    let store = Arc::new(Embedded::open(folder.join("store"), &Options::default()).unwrap());
    let judging = || {
        judge(|prompt| {
            point();
            if prompt.contains("Lenne") { "<judge>no</judge>" } else { "<judge>yes</judge>" }
        })
    };
    let mut evaluation = Evaluation::new(benchmark(6), store, "2026-11-22")
        .between(Contestant::of("ours", 7, agent(Arc::new(model()))).unwrap())
        .between(Contestant::closed_book("closed", 7, agent(Arc::new(model()))).unwrap())
        .graded_by(judging())
        .same_answers_by(SameAnswers::by(judging()))
        .comparing("closed", "ours");
    (evaluation.attempts, evaluation.ks, evaluation.at_once) = (3, vec![1, 3], 4);
    evaluation.policy.retries = 1;
    evaluation.watcher = Watcher::new(|_| point());
    evaluation
}

/// One life of an evaluation. It is no test of its own, and does nothing where nobody began it as one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(folder) = env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let report = evaluation(folder).run().await.unwrap();
    fs::write(folder.join("report.json"), report.json()).unwrap();
    fs::write(folder.join("report.md"), report.to_string()).unwrap();
    println!("\npoints {}", POINTS.load(Ordering::SeqCst));
}

/// Lives up to a point, and says whether it was killed there, or how many points there were.
fn live(folder: &Path, point: u64) -> Option<u64> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "kills::child", "--nocapture"]).env(FOLDER, folder).env(POINT, point.to_string());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut points = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if line == "kill me" {
            // SIGKILL: nothing is flushed and nobody says goodbye.
            child.kill().unwrap();
            assert!(!child.wait().unwrap().success());
            return None;
        }
        points = line.strip_prefix("points ").and_then(|count| count.parse().ok()).or(points);
    }
    assert!(child.wait().unwrap().success(), "a life failed by itself");
    Some(points.unwrap())
}

fn reports(folder: &Path) -> [String; 2] {
    ["report.json", "report.md"].map(|name| fs::read_to_string(folder.join(name)).unwrap())
}

#[test]
fn an_evaluation_that_is_killed_gives_the_report_that_it_would_have_given() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    fs::create_dir(&whole).unwrap();
    let points = live(&whole, 0).unwrap();
    let expected = reports(&whole);
    assert!(expected[0].contains("\"failed\":3"), "{}", expected[0]);

    let mut random = ChaCha8Rng::seed_from_u64(7);
    let (mut kills, mut runs) = (0, 0);
    while kills < KILLS {
        runs += 1;
        let folder = folder.path().join(runs.to_string());
        fs::create_dir(&folder).unwrap();
        // Lives of every length: some die at their first steps, some near the end.
        while live(&folder, random.random_range(1..points / 2)).is_none() {
            kills += 1;
        }
        assert_eq!(reports(&folder), expected, "after {kills} kills");
    }
    println!("{kills} kills in {runs} evaluations of {points} points each");
    assert!(runs > 1);
}
