//! Rubrics evolve over two groups, and outlive the program in between.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use offseeker_chat::{Reply, Request, Scripted};
use offseeker_grading::rewards::rler::{RlerRubrics, Rubric, RubricBuffer, RubricBuffers, propose};
use offseeker_grading::{Grader, Judge, Judgement};
use offseeker_trajectory::{Message, Node, Question, StopReason, Trajectory};

fn attempt(number: u32, answer: &str) -> Trajectory {
    let mut attempt = Trajectory::new(Question::new("How do mills work?", Vec::<String>::new()), number);
    let asked = attempt.push(Node::given(None, Message::user("How do mills work?"))).unwrap();
    attempt.push(Node::sampled(asked, Message::assistant(answer))).unwrap();
    attempt.answer = Some(answer.to_owned());
    attempt.stop = Some(StopReason::Answered);
    attempt
}

/// Proposes two rubrics; an answer has what a rubric describes where it has the rubric's last word.
fn model() -> Judge {
    let rule = |request: Request<'_>| {
        let prompt = &request.messages[0].content;
        let said = if prompt.contains("\"positive\"") {
            r#"{"positive": [{"title": "water", "description": "says water"}],
                "negative": [{"title": "stone", "description": "says stone"}]}"#
                .to_owned()
        } else {
            let part = |from: &str, to: &str| prompt.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
            let criterion = part("Criterion (", "\n\nHow far");
            let word = criterion.split_whitespace().last().unwrap().to_owned();
            format!("{{\"score\": {}}}", if part("Reply:\n", "\n\nCriterion").contains(&word) { 2 } else { 0 })
        };
        Ok(Reply::new(Message::assistant(said)))
    };
    Judge::new(Arc::new(Scripted::by(rule)))
}

async fn step(buffer: &mut RubricBuffer, attempts: &[Trajectory]) -> Vec<f64> {
    if let Judgement::Read(proposed) = propose(&model(), buffer, attempts).await.unwrap() {
        buffer.admit(proposed);
    }
    let grader = RlerRubrics::new(model()).with(buffer.in_force());
    let mut grades = Vec::new();
    for attempt in attempts {
        grades.push(grader.grade(attempt).await.unwrap());
    }
    buffer.evolve(&grades);
    grades.iter().map(|grade| grade.value.unwrap()).collect()
}

#[tokio::test]
async fn rubrics_evolve_and_are_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("rubrics.json");
    let came_with_it = Rubric { title: String::new(), description: "names a wheel".to_owned(), weight: 2.0 };
    let mut buffer = RubricBuffer::new(vec![came_with_it.clone()]);

    let first = [attempt(0, "water turns a wheel"), attempt(1, "stone on stone"), attempt(2, "a wheel of stone")];
    // Wheel 2, water 1, stone -1; what is above nought comes to 3.
    assert_eq!(step(&mut buffer, &first).await, [1.0, -1.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(buffer.active.len(), 2);

    let question = first[0].question.id.clone();
    RubricBuffers([(question.clone(), buffer)].into()).save(&place).unwrap();
    let mut buffers = RubricBuffers::load(&place).unwrap();
    let buffer = buffers.0.get_mut(&question).unwrap();

    let second = [attempt(3, "water and stone"), attempt(4, "a wheel, water, stone")];
    assert_eq!(step(buffer, &second).await, [0.0, 2.0 / 3.0]);
    assert!(buffer.active.is_empty(), "all attempts have both by now: neither tells them apart");
    assert_eq!(buffer.inactive.len(), 2);
    assert_eq!(buffer.in_force(), buffer.persistent);
    assert_eq!(buffer.history[&came_with_it.key()].0.len(), 2);
}
