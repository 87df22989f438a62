//! Rows that cannot be learnt from are refused by file and row.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use offseeker_language_model::{BytePairTraining, ChatTemplate, Cutoff, OverLong, Renderer};
use offseeker_trainer::{Counted, Reading, Sequence, SequencePairs, Sequences, TrainError, rendering};
use offseeker_trajectory::{Body, Message, Pair, QuestionId, Role, Sample, SampleId, WeightedMessage, WeightedToken};

fn renderer() -> Renderer {
    let tokenizer = BytePairTraining::new(300).train(["Which river? The Orsa."]).unwrap();
    Renderer::new(Arc::new(tokenizer), ChatTemplate::qwen()).unwrap()
}

fn sample(messages: &[(Role, &str)]) -> Sample {
    let message = |(role, text): &(Role, &str)| {
        let message = match role {
            Role::System => Message::system(*text),
            Role::User => Message::user(*text),
            Role::Assistant => Message::assistant(*text),
            Role::Tool => Message { role: Role::Tool, ..Message::user(*text) },
        };
        WeightedMessage::new(message, if *role == Role::Assistant { 1.0 } else { 0.0 })
    };
    let body = Body::Messages { messages: messages.iter().map(message).collect(), tools: Vec::new() };
    Sample { id: SampleId::new("s"), body, from: None, metadata: Default::default() }
}

const GOOD: [(Role, &str); 2] = [(Role::User, "Which river?"), (Role::Assistant, "The Orsa.")];

fn line(sample: &Sample) -> Vec<u8> {
    serde_json::to_vec(sample).unwrap()
}

fn read(file: &Path, lines: &[Vec<u8>], reading: &Reading) -> Result<Sequences, TrainError> {
    fs::write(file, lines.join(&b'\n')).unwrap();
    Sequences::read(file, &renderer(), reading)
}

/// The third of three rows is bad; the second is blank.
#[track_caller]
fn check(bad: Vec<u8>, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("samples.jsonl");
    let error = read(&file, &[line(&sample(&GOOD)), Vec::new(), bad], &Reading::default()).unwrap_err();
    assert!(matches!(&error, TrainError::Row { file: at, row: 3, .. } if *at == file), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("samples.jsonl, row 3: ") && said.contains(expected), "{said}");
}

#[test]
fn rows_that_cannot_be_learnt_from_are_named() {
    let of = |messages: &[(Role, &str)]| line(&sample(messages));
    check(of(&[(Role::Assistant, "The Orsa.")]), "message 0 is of the assistant");
    check(of(&[GOOD[0], GOOD[1], GOOD[1]]), "message 2 is of the assistant: the model does not speak twice in a row");
    check(of(&[GOOD[0], (Role::Assistant, "  ")]), "message 1 of the assistant says nothing");
    check(of(&[GOOD[0], (Role::Tool, "a page"), GOOD[1]]), "a tool answers a call of the model");
    check(of(&[GOOD[0], (Role::Assistant, &"long ".repeat(1 << 20))]), "more than the 4194304 that a message may have");
    check(of(&[GOOD[0], (Role::Assistant, &"long ".repeat(2 << 20))]), "it is longer than 8388608 bytes");
    check(b"{\"id\": \"s\", \"body\": ".to_vec(), "EOF");
    check(b"{\"id\": \"s\", \"body\": 7}".to_vec(), "invalid type");
    check(b"{\"id\": \"\xff\"}".to_vec(), "invalid");
    let mut weighted = sample(&GOOD);
    if let Body::Messages { messages, .. } = &mut weighted.body {
        messages[0].weight = 1.0;
    }
    check(line(&weighted), "message 0 of the user has weight 1; only what the model wrote is learnt from");
    let token = |id, weight| WeightedToken { id, weight, logprob: None };
    let tokens = |tokens: Vec<WeightedToken>| line(&Sample { body: Body::Tokens(tokens), ..sample(&GOOD) });
    check(tokens(vec![token(1, 0.0), token(400, 1.0)]), "the sample was made with another tokenizer");
}

#[test]
fn a_call_of_an_unknown_tool_is_named() {
    let mut unknown = sample(&GOOD);
    if let Body::Messages { messages, tools } = &mut unknown.body {
        tools.push(offseeker_trajectory::ToolSpec::new("search", "Searches.", serde_json::json!({"type": "object"})));
        messages[1].message.tool_calls.push(offseeker_trajectory::ToolCall::new("c", "fly", "{}"));
    }
    check(line(&unknown), "message 1 calls `fly`; the tools are: search. Let it count nothing");
}

#[test]
fn renderings_are_told_apart() {
    let other = BytePairTraining::new(300).train(["Another text, with other pairs in it."]).unwrap();
    let other = Renderer::new(Arc::new(other), ChatTemplate::qwen()).unwrap();
    assert_eq!(rendering(&renderer()), rendering(&renderer()));
    assert_ne!(rendering(&renderer()), rendering(&other));
}

#[test]
fn what_is_too_long_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let long = [GOOD[0], GOOD[1], GOOD[0], GOOD[1]];
    let lines = [line(&sample(&GOOD)), line(&sample(&long))];
    let tokens = read(&folder.path().join("a"), &lines[..1], &Reading::default()).unwrap().all()[0].len();
    let reading = |over_long| {
        let cutoff = Some(Cutoff { tokens: tokens + 3, over_long });
        read(&folder.path().join("b"), &lines, &Reading { cutoff, ..Reading::default() }).unwrap()
    };
    let dropped = reading(OverLong::Drop);
    assert_eq!((dropped.all().len(), dropped.tally().dropped, dropped.tally().cut), (1, 1, 0));
    let cut = reading(OverLong::CutAtTurnEnd);
    assert_eq!((cut.all().len(), cut.tally().dropped, cut.tally().cut), (2, 0, 1));
    let nothing = Reading { cutoff: Some(Cutoff { tokens: 1, over_long: OverLong::Drop }), ..Reading::default() };
    let error = read(&folder.path().join("c"), &lines, &nothing).unwrap_err().to_string();
    assert!(error.contains("nothing to learn from is left"), "{error}");
}

#[test]
fn of_pairs_counts_what_the_model_wrote_after_the_fork() {
    let (user, tool) = (Role::User, "<tool_response>\na page\n</tool_response>");
    let side = |last: &str| sample(&[GOOD[0], (Role::Assistant, "I look."), (user, tool), (Role::Assistant, last)]);
    let pair = |chosen: &str, rejected: &str| Pair {
        question: QuestionId::new("q"),
        chosen: side(chosen),
        rejected: side(rejected),
        fork: 3,
        margin: None,
    };
    let good = pair("The Orsa.", "The mill.");
    let of = |pairs: &[Pair], which| {
        SequencePairs::of_pairs(pairs, &renderer(), &Reading::default(), which, Path::new("pairs.jsonl"))
    };
    let counted = |sequence: &Sequence| {
        let ids: Vec<u32> =
            (0..sequence.len()).filter(|at| sequence.weights[*at] != 0.0).map(|at| sequence.tokens[at]).collect();
        renderer().tokenizer().decode(&ids).unwrap()
    };
    let written = of(std::slice::from_ref(&good), Counted::Written).unwrap();
    let [one] = written.all() else { panic!() };
    assert_eq!(counted(&one.chosen[0]), " Orsa.<|im_end|>");
    assert_eq!(counted(&one.rejected[0]), " mill.<|im_end|>");
    // Where they part before a tool answers, its answer counts only if everything does.
    let mut early = good.clone();
    if let Body::Messages { messages, .. } = &mut early.rejected.body {
        messages[1].message.content = "I guess.".to_owned();
    }
    let written = of(std::slice::from_ref(&early), Counted::Written).unwrap();
    assert!(!counted(&written.all()[0].chosen[0]).contains("a page"));
    let everything = of(&[early], Counted::Everything).unwrap();
    assert!(counted(&everything.all()[0].chosen[0]).contains("a page"));
    // Two that are the same teach nothing.
    let tally = *of(&[good.clone(), pair("The Orsa.", "The Orsa.")], Counted::Written).unwrap().tally();
    assert_eq!((tally.read, tally.pairs, tally.left_out), (2, 1, 1));
}
