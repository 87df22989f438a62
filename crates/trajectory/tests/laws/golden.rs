//! Ids and files that other programs hold already: none of them may ever change.

use offseeker_trajectory::{Question, QuestionId, RunId, StopReason, Trajectory, content_id};
use serde::Deserialize;
use serde_json::Value;

const IDS: &str = include_str!("../golden/ids.jsonl");
const TRAJECTORY: &str = include_str!("../golden/trajectory.json");

/// Something that has an id.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Value(Value),
    Question { text: String, answers: Vec<String> },
    Trajectory { run: Option<RunId>, question: QuestionId, attempt: u32 },
}

#[derive(Deserialize)]
struct Line {
    of: Named,
    id: String,
}

fn id(of: Named) -> String {
    match of {
        Named::Value(value) => content_id(&value).expect("it has an id"),
        Named::Question { text, answers } => Question::new(text, answers).id.to_string(),
        Named::Trajectory { run, question, attempt } => {
            let question = Question { id: question, ..Question::new("?", [""; 0]) };
            match run {
                Some(run) => Trajectory::in_run(run, question, attempt).id.to_string(),
                None => Trajectory::new(question, attempt).id.to_string(),
            }
        }
    }
}

#[test]
fn ids() {
    let lines: Vec<&str> = IDS.lines().collect();
    assert_eq!(lines.len(), 38);
    for line in lines {
        let golden: Line = serde_json::from_str(line).expect("every line holds something and its id");
        assert_eq!(id(golden.of), golden.id, "{line}");
    }
}

#[test]
fn a_trajectory() {
    let read: Trajectory = serde_json::from_str(TRAJECTORY).expect("it can be read");
    let written = serde_json::to_string_pretty(&read).expect("it can be written");
    for (number, (now, then)) in (1..).zip(written.lines().zip(TRAJECTORY.lines())) {
        assert_eq!(now, then, "line {number}");
    }
    assert_eq!(written.len() + "\n".len(), TRAJECTORY.len());
}

#[test]
fn a_trajectory_means_what_it_meant() {
    let read: Trajectory = serde_json::from_str(TRAJECTORY).expect("it can be read");
    assert_eq!(read.question.id, Question::new(&read.question.text, read.question.answers.clone()).id);
    let run = read.run.clone().expect("it belongs to a run");
    assert_eq!(read.id, Trajectory::in_run(run, read.question.clone(), read.attempt).id);
    assert_eq!(read.stop, Some(StopReason::Answered));
    assert_eq!(read.usage().total_tokens(), 1886);

    let branches = read.branches();
    let tips: Vec<_> = branches.iter().map(|branch| (branch.tip().index(), branch.is_discarded())).collect();
    assert_eq!(tips, [(5, false), (9, false), (4, true)]);
}
