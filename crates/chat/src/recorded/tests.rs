//! What is recorded, what is given again, and what is noticed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use offseeker_trajectory::{Message, SampledTokens, ToolCall, ToolSpec, Usage};
use serde_json::json;
use tempfile::TempDir;

use super::Recorded;
use crate::slow::{Slow, ask_all};
use crate::{
    ChatError, ChatModel, ChatModelExt, Finish, Mode, OwnedRequest, Reply, Request, Sampling, Scripted, conformance,
};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Says how often it was asked.
fn counting() -> Arc<Scripted> {
    let asked = AtomicUsize::new(0);
    Arc::new(Scripted::by(move |_| {
        let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Reply::new(Message::assistant(format!("reply {number}"))))
    }))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { files.extend(self::files(&entry.path())) } else { files.push(entry.path()) }
    }
    files
}

/// The one recording in a folder.
fn recording(folder: &Path) -> PathBuf {
    let files = files(folder);
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap()
}

fn rich_reply() -> Reply {
    Reply {
        message: Message {
            reasoning: Some("deep 検索".to_owned()),
            tool_calls: vec![ToolCall::new("c1", "search", "{\"q\": 1.0}")],
            ..Message::assistant("cafe\u{301} \u{2028}")
        },
        finish: Finish::ToolCalls,
        usage: Usage { requests: 1, prompt_tokens: 3, completion_tokens: 2, cost_microusd: 7, ..Usage::default() },
        sampled: Some(SampledTokens::new(vec![1, 2, u32::MAX], vec![-0.1, f32::MIN, -1.234_567_9e-30]).unwrap()),
        model: Some("scripted-1".to_owned()),
        waited_ms: 0,
    }
}

#[tokio::test(start_paused = true)]
async fn it_fulfils_the_laws() {
    for mode in [Mode::Live, Mode::Record, Mode::Replay] {
        let folder = folder();
        // The second round finds what the first has recorded.
        for _ in 0..2 {
            let model = Recorded::new(conformance::echo(), folder.path(), mode);
            conformance::check_port(&model).await.unwrap();
            conformance::check_echo(&model).await.unwrap();
            conformance::check_transparent(&model).await.unwrap();
        }
        if mode != Mode::Live {
            let silent = Scripted::by(|_| panic!("a strict replay never asks")).named("echo");
            conformance::check_port(&Recorded::new(silent, folder.path(), Mode::ReplayStrict)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn each_mode_asks_when_it_should() {
    // Mode, and what the first, the second and, in a strict replay after them, the third request hear.
    let strict = |found: Result<String, ChatError>| found.map_err(|error| error.kind());
    for (mode, first, second, third) in [
        (Mode::Live, Ok("reply 1"), Ok("reply 2"), Err("not_recorded")),
        (Mode::Record, Ok("reply 1"), Ok("reply 2"), Ok("reply 2")),
        (Mode::Replay, Ok("reply 1"), Ok("reply 1"), Ok("reply 1")),
        (Mode::ReplayStrict, Err("not_recorded"), Err("not_recorded"), Err("not_recorded")),
    ] {
        let (inner, folder) = (counting(), folder());
        let model = Recorded::new(inner.clone(), folder.path(), mode);
        for expected in [first, second] {
            assert_eq!(strict(model.ask("?").await), expected.map(str::to_owned), "{mode:?}");
        }
        let again = Recorded::new(inner, folder.path(), Mode::ReplayStrict);
        assert_eq!(strict(again.ask("?").await), third.map(str::to_owned), "{mode:?}");
    }
}

#[tokio::test]
async fn a_reply_comes_back_as_it_was() {
    let folder = folder();
    let live = Scripted::by(|_| Ok(rich_reply()));
    let asked = [Message::user("?")];
    let recorded = Recorded::new(live, folder.path(), Mode::Record).reply(Request::new(&asked)).await.unwrap();
    let silent = Scripted::saying(["never"]);
    let replayed = Recorded::new(silent, folder.path(), Mode::ReplayStrict).reply(Request::new(&asked)).await.unwrap();
    assert_eq!((&recorded, &replayed), (&rich_reply(), &rich_reply()));
}

#[tokio::test]
async fn verdicts_are_recorded_and_no_other_failure() {
    let check = async |error: ChatError, is_recorded: bool| {
        for mode in [Mode::Record, Mode::Replay] {
            let (folder, failing) = (folder(), error.clone());
            let model = Recorded::new(Scripted::by(move |_| Err(failing.clone())), folder.path(), mode);
            assert_eq!(model.ask("?").await, Err(error.clone()));
            assert_eq!(files(folder.path()).len(), usize::from(is_recorded), "{error}");
            let again = Recorded::new(Scripted::saying(["never"]), folder.path(), Mode::ReplayStrict).ask("?").await;
            let expected = if is_recorded { error.kind() } else { "not_recorded" };
            assert_eq!(again.unwrap_err().kind(), expected);
        }
    };
    let reason = || "no".to_owned();
    check(ChatError::Refused { reason: reason() }, true).await;
    check(ChatError::ContextTooLong { reason: reason(), limit: Some(8), used: None }, true).await;
    check(ChatError::transient("no"), false).await;
    check(ChatError::RateLimited { reason: reason(), retry_after: None }, false).await;
    check(ChatError::Unauthorized { reason: reason() }, false).await;
    check(ChatError::invalid("no"), false).await;
    check(ChatError::broken("no"), false).await;
}

#[tokio::test]
async fn what_changes_a_reply_changes_the_recording_and_nothing_else_does() {
    let base = OwnedRequest {
        messages: vec![Message::system("Be brief."), Message::user("caf\u{e9}?")],
        tools: vec![ToolSpec::new("search", "Searches.", json!({"type": "object", "required": ["q"]}))],
        sampling: Sampling { temperature: Some(0.5), seed: Some(1), ..Sampling::default() },
        session: Some("one".to_owned()),
    };
    let check = async |change: fn(&mut OwnedRequest), name: &str, is_same: bool| {
        let (folder, inner) = (folder(), counting());
        Recorded::new(inner.clone(), folder.path(), Mode::Replay).reply(base.as_request()).await.unwrap();
        let mut changed = base.clone();
        change(&mut changed);
        let other = Recorded::new(Scripted::saying(["never"]).named(name), folder.path(), Mode::ReplayStrict);
        let found = other.reply(changed.as_request()).await;
        assert_eq!(found.is_ok(), is_same, "{changed:?} asked of {name}");
    };
    check(|_| {}, "scripted", true).await;
    check(|it| it.session = None, "scripted", true).await;
    check(|it| it.messages[1].content = "cafe\u{301}?".to_owned(), "scripted", true).await;
    check(|it| it.tools[0].parameters = json!({"required": ["q"], "type": "object"}), "scripted", true).await;
    check(|_| {}, "another", false).await;
    check(|it| it.messages[1].content.push('!'), "scripted", false).await;
    check(|it| it.messages.swap(0, 1), "scripted", false).await;
    check(|it| it.messages[0].name = Some("x".to_owned()), "scripted", false).await;
    check(|it| it.tools.clear(), "scripted", false).await;
    check(|it| it.tools[0].description.clear(), "scripted", false).await;
    check(|it| it.sampling.seed = Some(2), "scripted", false).await;
    check(|it| it.sampling.temperature = None, "scripted", false).await;
    check(|it| drop(it.sampling.extra.insert("top_k".to_owned(), json!(5))), "scripted", false).await;
}

#[tokio::test]
async fn a_recording_can_be_read_by_people() {
    let folder = folder();
    Recorded::new(Scripted::saying(["the Orsa"]), folder.path(), Mode::Record).ask("Which river?").await.unwrap();
    let path = recording(folder.path());
    let shelf = path.parent().unwrap().file_name().unwrap().len();
    assert_eq!((shelf, path.file_name().unwrap().len()), (2, 62 + ".zst".len()));
    let text = String::from_utf8(zstd::decode_all(&fs::read(path).unwrap()[..]).unwrap()).unwrap();
    let body: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    assert_eq!(body["asked"]["messages"][0]["content"], "Which river?");
    assert_eq!(body["answer"]["reply"]["message"]["content"], "the Orsa");
}

#[tokio::test]
async fn a_file_that_is_cut_anywhere_is_noticed() {
    let folder = folder();
    Recorded::new(counting(), folder.path(), Mode::Record).ask("?").await.unwrap();
    let path = recording(folder.path());
    let whole = fs::read(&path).unwrap();
    let strict = Recorded::new(counting(), folder.path(), Mode::ReplayStrict);
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let failed = strict.ask("?").await.unwrap_err();
        assert_eq!(failed.kind(), "broken", "cut to {length} of {} bytes", whole.len());
        assert!(failed.to_string().contains(path.to_str().unwrap()), "{failed}");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(strict.ask("?").await.unwrap(), "reply 1");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_found_out_before_asking() {
    let folder = folder();
    let path = folder.path().join("recordings");
    fs::write(&path, "a file where the folder should be").unwrap();
    for mode in [Mode::Record, Mode::Replay] {
        let inner = counting();
        let failed = Recorded::new(inner.clone(), &path, mode).ask("?").await.unwrap_err();
        assert!(failed.to_string().contains(path.to_str().unwrap()), "{failed}");
        assert_eq!((failed.kind(), inner.asked().len()), ("broken", 0), "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_asks_the_same_at_the_same_time_shares_one_answer() {
    for (text, takes) in [("?", Duration::from_secs(5)), ("at once", Duration::ZERO)] {
        let folder = folder();
        let inner = Arc::new(Slow::new(takes));
        let model = Recorded::new(inner.clone(), folder.path(), Mode::Replay);
        let answers = ask_all(&model, vec![text; 40]).await;
        assert!(answers.iter().all(|answer| answer.as_deref() == Ok(text)));
        assert_eq!(inner.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_strict_replay_leaves_no_trace() {
    let folder = folder();
    let path = folder.path().join("nowhere");
    let failed = Recorded::new(counting(), &path, Mode::ReplayStrict).ask("?").await.unwrap_err();
    assert!(matches!(&failed, ChatError::NotRecorded { key } if key.len() == 64), "{failed}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_recording_without_a_date_is_read() {
    let folder = folder();
    Recorded::new(counting(), folder.path(), Mode::Record).ask("?").await.unwrap();
    let path = recording(folder.path());
    let text = String::from_utf8(zstd::decode_all(&fs::read(&path).unwrap()[..]).unwrap()).unwrap();
    let (begin, rest) = text.lines().nth(1).unwrap().split_once(r#""recorded_at":"#).unwrap();
    let body = format!("{begin}{}", rest.split_once(',').unwrap().1);
    assert!(body.starts_with(r#"{"asked":{"format":1,"#), "{body}");
    let head = json!({ "blake3": blake3::hash(body.as_bytes()).to_hex().to_string() });
    fs::write(&path, zstd::encode_all(format!("{head}\n{body}\n").as_bytes(), 3).unwrap()).unwrap();
    for mode in [Mode::Replay, Mode::ReplayStrict] {
        assert_eq!(Recorded::new(counting(), folder.path(), mode).ask("?").await.unwrap(), "reply 1");
    }
}
