//! What an attempt is taken to be that was read from another system's row.

use offseeker_trajectory::{Limit, Origin, Outcome, Role, StopReason};
use offseeker_trajectory_store::formats::{Branches, Format};
use serde_json::{Value, json};

use crate::{attempt, calling, golden, result};
use offseeker_trajectory::Message;

#[test]
fn the_reason_to_end_is_told_in_our_words() {
    let limit = |which| Some(StopReason::Limit { which });
    let check = |format: Format, file: &str, expected: &[Option<StopReason>]| {
        let found: Vec<_> = golden(file).iter().map(|row| format.read(row).unwrap().stop).collect();
        assert_eq!(found, expected, "{format:?}");
    };
    check(Format::OffseekerRun, "offseeker_run", &[Some(StopReason::Answered), None]);
    check(
        Format::Tongyi,
        "tongyi",
        &[
            Some(StopReason::Answered),
            Some(StopReason::ForcedAnswer { why: Limit::Context }),
            limit(Limit::Context),
            limit(Limit::Requests),
            limit(Limit::Requests),
            limit(Limit::WallTime),
            None,
        ],
    );
    check(Format::OpenSeeker, "open_seeker", &[Some(StopReason::Answered), limit(Limit::Calls)]);
    let failed = StopReason::ModelFailure { reason: "the server did not answer".to_owned() };
    check(Format::OpenResearcher, "open_researcher", &[None, Some(failed)]);
}

#[test]
fn our_words_for_the_reason_to_end_come_back_from_every_format_that_has_a_field() {
    let reasons = [
        StopReason::Answered,
        StopReason::ForcedAnswer { why: Limit::Turns },
        StopReason::ForcedAnswer { why: Limit::Context },
        StopReason::Limit { which: Limit::Cost },
        StopReason::Limit { which: Limit::Calls },
        StopReason::Loop,
        StopReason::Malformed,
        StopReason::Refused,
        StopReason::Forbidden,
        StopReason::Cancelled,
        StopReason::Crashed,
    ];
    for format in [Format::OffseekerRun, Format::Tongyi, Format::OpenSeeker, Format::OpenResearcher] {
        for reason in &reasons {
            let mut made = attempt([Message::user("q"), Message::assistant("a")]);
            made.stop = Some(reason.clone());
            let lines = format.write(&made, Branches::Main).unwrap();
            assert_eq!(format.read(&lines[0]).unwrap().stop.as_ref(), Some(reason), "{format:?}");
        }
    }
}

#[test]
fn who_speaks_and_the_tags_tell_how_a_message_came_about() {
    let read = Format::OpenAi.read(&golden("openai")[0]).unwrap();
    let kinds = |read: &offseeker_trajectory::Trajectory| -> Vec<&'static str> {
        let kind = |origin: &Origin| match origin {
            Origin::Given => "given",
            Origin::Sampled(_) => "sampled",
            Origin::Observed(_) => "observed",
            _ => "other",
        };
        read.nodes().iter().map(|node| kind(&node.origin)).collect()
    };
    assert_eq!(kinds(&read), ["given", "given", "sampled", "observed", "observed", "sampled"]);
    assert_eq!(read.nodes()[2].as_sampled().unwrap().calls.len(), 2);
    let tagged = Format::Tongyi.read(&golden("tongyi")[0]).unwrap();
    assert_eq!(kinds(&tagged), ["given", "given", "sampled", "observed", "sampled"]);
    assert_eq!(tagged.nodes()[3].message.role, Role::User);
    assert_eq!(tagged.answer.as_deref(), Some("the Orsa"));
}

#[test]
fn a_verdict_becomes_a_grade() {
    let rows = golden("offseeker_result");
    let outcomes: Vec<_> =
        rows.iter().map(|row| Format::OffseekerResult.read(row).unwrap().grades[0].outcome.clone()).collect();
    assert_eq!(outcomes, [Outcome::Correct, Outcome::Wrong, Outcome::Correct]);
}

#[test]
fn what_is_not_ours_is_kept_under_the_name_of_the_format() {
    let read = Format::OpenResearcher.read(&golden("open_researcher")[0]).unwrap();
    assert_eq!(read.metadata["open_researcher"]["hops"], json!(3));
    assert_eq!(read.metadata["open_researcher"]["latency_s"], json!(12.5));
    assert_eq!(read.question.id.as_str(), "7");
    // It belongs to the format that it came from, and to no other.
    let line = &Format::OpenAi.write(&read, Branches::Main).unwrap()[0];
    assert!(!line.contains("latency_s"));
}

#[test]
fn an_answer_that_was_none_is_not_taken_for_one() {
    let answers: Vec<_> =
        golden("tongyi").iter().map(|row| Format::Tongyi.read(row).unwrap().answer.is_some()).collect();
    assert_eq!(answers, [true, true, false, false, false, false, true]);
}

#[test]
fn a_result_of_open_seeker_without_a_trace_is_read_from_its_text() {
    let mut row: Value = serde_json::from_str(&golden("open_seeker")[0]).unwrap();
    row["trace"] = json!([]);
    let read = Format::OpenSeeker.read(&row.to_string()).unwrap();
    let roles: Vec<_> = read.nodes().iter().map(|node| node.message.role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user", "assistant"]);
    assert!(read.nodes()[2].message.content.starts_with("<think>\nI look it up."));
}

#[test]
fn calls_and_results_become_tags_where_a_format_has_only_texts() {
    let said = [Message::user("q"), calling(1), result("r"), result("t"), Message::assistant("a")];
    let lines = Format::Tongyi.write(&attempt(said), Branches::Main).unwrap();
    let row: Value = serde_json::from_str(&lines[0]).unwrap();
    let call = "<tool_call>\n{\"name\":\"search\",\"arguments\":{\"query\":\"mill 0\"}}\n</tool_call>";
    assert_eq!(row["messages"][1], json!({"role": "assistant", "content": call}));
    let results = "<tool_response>\nr\n</tool_response>\n<tool_response>\nt\n</tool_response>";
    assert_eq!(row["messages"][2], json!({"role": "user", "content": results}));
    assert_eq!(row["messages"].as_array().unwrap().len(), 4);
}
