//! What is read out of the replies of judges: one golden file with all the strings that are easily misread.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use offseeker_grading::judges::{Form, Verdict};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    form: String,
    #[serde(rename = "system")]
    _system: String,
    reply: String,
    verdict: String,
    extracted: Option<String>,
    confidence: Option<f64>,
    #[serde(default)]
    note: String,
}

fn form(name: &str) -> Form {
    Form::ALL.into_iter().find(|form| form.as_str() == name).unwrap()
}

#[test]
fn replies_are_read_as_they_are_meant() {
    let rows = include_str!("golden/verdicts.jsonl").lines().map(|line| serde_json::from_str::<Row>(line).unwrap());
    let mut wrong = Vec::new();
    let mut seen = 0;
    for row in rows {
        seen += 1;
        let read = form(&row.form).read(&row.reply);
        let verdict = read.as_ref().map_or("unreadable", |ruling| ruling.verdict.as_str());
        let rest = read.as_ref().map(|ruling| (ruling.extracted.clone(), ruling.confidence)).unwrap_or_default();
        if verdict != row.verdict || rest != (row.extracted.clone(), row.confidence) {
            wrong.push(format!(
                "{}: {:?} ({})\n   expected {:?}\n   {read:?}",
                row.form, row.reply, row.note, row.verdict
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 100, "the golden file has {seen} rows");
}

#[test]
fn prompts_are_what_they_were() {
    let found: Vec<String> =
        Form::ALL.iter().map(|form| format!("{} {}", form.prompt().id(), form.prompt().hash())).collect();
    let pinned = [
        "offseeker/correctness@1 a6f9830a8e8f1c1c",
        "offseeker/browsecomp-form@1 c80aa34c035ea7f2",
        "offseeker/xbench-form@1 35758c6ed7cc2c99",
        "offseeker/letter-form@1 d0735db769a186b0",
        "offseeker/tag-form@1 964f9ab0212fd901",
        "offseeker/brackets-form@1 d297c0dfa0dc0c6d",
        "offseeker/mbe-form@1 f219077b4f555f03",
    ];
    assert_eq!(found, pinned, "a prompt that changes gets another version");
}

#[test]
fn a_prompt_asks_for_what_its_form_reads() {
    let values = [("question", "{Q}"), ("answer", "the key"), ("response", "the reply")];
    for form in Form::ALL {
        let filled = form.prompt().fill(&values);
        assert!(values.iter().all(|(_, value)| filled.contains(value)), "{filled}");
        // A judge that repeats the prompt has decided nothing.
        assert_eq!(form.read(&filled).ok().map(|ruling| ruling.verdict), None::<Verdict>, "{form:?}: {filled}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(reply in "(\\PC|[\\n{}\\[\\]\"':：*]|correct|verdict|yes|no|结论|正确|<judge>|</judge>|</think>){0,60}") {
        for form in Form::ALL {
            if let Ok(ruling) = form.read(&reply) {
                prop_assert!(ruling.confidence.is_none_or(|sure| (0.0..=100.0).contains(&sure)));
            }
        }
    }

    #[test]
    fn what_is_behind_reasoning_counts_alone(thought in "\\PC{0,40}") {
        for (form, said) in [(Form::Tag, "<judge>no</judge>"), (Form::Brackets, "[[NO]]"), (Form::BrowseComp, "correct: no")] {
            let reply = format!("<think>{thought} <judge>yes</judge> [[YES]]\ncorrect: yes\n</think>\n{said}");
            prop_assert_eq!(form.read(&reply).unwrap().verdict, Verdict::Incorrect);
        }
    }
}
