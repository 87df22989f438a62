//! What is encrypted in a file is in clear in memory alone.

use offseeker_evaluation::{Cipher, Format, SealError, Task, close, is_exposed, open};
use offseeker_trajectory::{Question, Trajectory};

use crate::made::{fault, read, seal};

const TEXT: &str = "The quick brown fox jumps over the lazy dog, twice.";

#[test]
fn the_ciphers_are_those_of_the_published_scripts() {
    let check = |cipher: Cipher, closed: &str| {
        let seal = seal(cipher, "demo-canary");
        assert_eq!(seal.close(TEXT), closed);
        assert_eq!(seal.open(closed).unwrap(), TEXT);
    };
    check(Cipher::HashedXor, "0D32LxZMYfykJW81/6Anu12ZgM0Bd/QxD8uAzWJjhj3sMLNjBkNxv6tqamuwoz7yWJPW");
    check(Cipher::PlainXor, "MA0IT1wWCA0KUhsWChoBDQUOFkEYDAkVHk9CFQQcQQYRAUUBDlcaQQoOFVVEERoGTgZP");
}

#[test]
fn what_is_not_encrypted_so_is_refused() {
    let sealed = seal(Cipher::PlainXor, "demo-canary");
    assert_eq!(sealed.open("Which river?"), Err(SealError::NotBase64));
    assert_eq!(seal(Cipher::PlainXor, "").open("AAAA"), Err(SealError::NoCanary));
    let other = seal(Cipher::HashedXor, "another");
    assert_eq!(other.open(&sealed.close("卡林磨坊位于哪条河上")), Err(SealError::NotText));
}

#[test]
fn a_sealed_task_says_nothing_when_it_is_printed() {
    let shown = format!("{:?}", sealed_task());
    assert!(!shown.contains("river") && !shown.contains("Orsa"), "{shown}");
    let clear = format!("{:?}", Task::new(Question::new("Which river?", ["the Orsa"])));
    assert!(clear.contains("Which river?"), "{clear}");
}

#[test]
fn the_mark_goes_with_every_attempt_and_the_question_can_be_kept() {
    let task = sealed_task();
    let attempt = Trajectory::new(task.in_clear().clone(), 0);
    assert!(is_exposed(&attempt.question));

    let kept = task.to_keep();
    let line = serde_json::to_string(&kept).unwrap();
    assert!(!line.contains("river") && !line.contains("Orsa"), "{line}");
    let read: Question = serde_json::from_str(&line).unwrap();
    assert!(!is_exposed(&read));
    assert_eq!(close(&read), read);
    assert_eq!(&open(&read).unwrap(), task.in_clear());
    assert_eq!(open(task.in_clear()).unwrap(), *task.in_clear());
}

#[test]
fn a_question_that_is_not_sealed_stays_as_it_is() {
    let question = Question::new("Which river?", ["the Orsa"]);
    assert!(!is_exposed(&question));
    assert_eq!(close(&question), question);
    assert_eq!(open(&question).unwrap(), question);
}

#[test]
fn a_mark_that_cannot_be_read_counts_as_one() {
    let mut question = sealed_task().to_keep();
    question.metadata["seal"]["cipher"] = "rot13".into();
    assert!(is_exposed(&question));
    assert!(is_exposed(&close(&question)));
}

#[test]
fn errors_say_where_and_never_what() {
    let seal = seal(Cipher::HashedXor, "canary");
    let row = |question: &str, canary: &str| {
        format!("problem,answer,canary\n{question},{},{canary}\n", seal.close("the Orsa"))
    };
    let check = |content: String, expected: &str| {
        let found = fault(Format::BrowseComp, "set.csv", content);
        assert!(found.contains(expected) && !found.contains("Secret"), "{found}");
    };
    check(row("Secret question?", "canary"), "set.csv:2: the field `problem` is not encrypted as this format has it");
    check(row(&seal.close("Secret"), ""), "set.csv:2: the field `canary` is not there");
    check(row(&seal.close("Secret, with more letters than one"), "wrong"), "does not become text under its canary");
}

fn sealed_task() -> Task {
    let seal = seal(Cipher::HashedXor, "canary");
    let row = format!("problem,answer,canary\n{},{},canary\n", seal.close("Which river?"), seal.close("the Orsa"));
    read(Format::BrowseComp, "set.csv", row).tasks.remove(0)
}
