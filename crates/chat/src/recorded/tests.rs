//! What is recorded, what is given again, and what is noticed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use offseeker_trajectory::{Message, SampledTokens, ToolCall, ToolSpec, Usage};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{Instant, timeout};

use super::asked::Asked;
use super::flights::Flights;
use super::key_lock::KeyLock;
use super::recording::{decode, encode};
use super::{Mode, Recorded};
use crate::slow::{Slow, ask_all};
use crate::{
    ChatError, ChatModel, ChatModelExt, Finish, OwnedRequest, Reply, Request, Sampling, Scripted, conformance,
};

const MODES: [Mode; 4] = [Mode::Live, Mode::Record, Mode::Replay, Mode::ReplayStrict];

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

#[test]
fn a_bit_that_flips_is_noticed_or_changes_nothing() {
    let asked = Asked::new("scripted", &Request::new(&[Message::user("?")])).unwrap();
    let whole = encode(&asked, Ok(rich_reply())).unwrap();
    let bits = whole.len() * 8;
    let mut noticed = 0;
    for bit in 0..bits {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match decode(&flipped, &asked) {
            Ok(answer) => assert_eq!(answer, Ok(rich_reply()), "bit {bit}"),
            Err(_) => noticed += 1,
        }
    }
    assert!(noticed > bits * 9 / 10, "only {noticed} of {bits} bits");
}

#[tokio::test]
async fn a_replay_asks_again_for_what_is_damaged_and_replaces_it() {
    let folder = folder();
    Recorded::new(counting(), folder.path(), Mode::Record).ask("other").await.unwrap();
    let stranger = fs::read(recording(folder.path())).unwrap();
    fs::remove_file(recording(folder.path())).unwrap();
    Recorded::new(counting(), folder.path(), Mode::Record).ask("?").await.unwrap();
    let path = recording(folder.path());
    for damaged in [&b""[..], b"nonsense", &stranger, &fs::read(&path).unwrap()[..40]] {
        fs::write(&path, damaged).unwrap();
        let model = counting();
        for _ in 0..2 {
            let replay = Recorded::new(model.clone(), folder.path(), Mode::Replay);
            assert_eq!(replay.ask("?").await.unwrap(), "reply 1");
        }
        assert_eq!(model.asked().len(), 1);
    }
    // The recording of another request under this name, as after a collision of hashes.
    fs::write(&path, &stranger).unwrap();
    let failed = Recorded::new(counting(), folder.path(), Mode::ReplayStrict).ask("?").await.unwrap_err();
    assert!(failed.to_string().contains("belongs to another request"), "{failed}");
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

#[tokio::test]
async fn what_is_recorded_is_given_from_a_folder_that_cannot_be_written() {
    let folder = folder();
    Recorded::new(counting(), folder.path(), Mode::Record).ask("?").await.unwrap();
    fs::remove_dir_all(folder.path().join("pending")).unwrap();
    fs::write(folder.path().join("pending"), "in the way").unwrap();
    for mode in [Mode::Replay, Mode::ReplayStrict] {
        assert_eq!(Recorded::new(counting(), folder.path(), mode).ask("?").await.unwrap(), "reply 1");
    }
}

#[tokio::test]
async fn when_the_disk_fails_after_the_reply_only_a_recording_fails() {
    for (mode, expected) in [(Mode::Replay, Ok("reply 1".to_owned())), (Mode::Record, Err("broken"))] {
        let folder = folder();
        Recorded::new(counting(), folder.path(), Mode::Record).ask("?").await.unwrap();
        let shelf = recording(folder.path()).parent().unwrap().to_owned();
        fs::remove_dir_all(&shelf).unwrap();
        fs::write(&shelf, "in the way").unwrap();
        let inner = counting();
        let found = Recorded::new(inner.clone(), folder.path(), mode).ask("?").await;
        if let Err(error) = &found {
            assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
        }
        assert_eq!((found.map_err(|error| error.kind()), inner.asked().len()), (expected, 1));
        assert_eq!(files(&folder.path().join("pending")), Vec::<PathBuf>::new());
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
        assert!(model.flights.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn different_requests_do_not_wait_for_each_other() {
    let folder = folder();
    let inner = Arc::new(Slow::new(Duration::from_secs(5)));
    let model = Recorded::new(inner.clone(), folder.path(), Mode::Replay);
    let before = Instant::now();
    ask_all(&model, 0..40).await;
    assert_eq!((inner.most_at_once(), before.elapsed().as_secs()), (40, 5));
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_get_the_failure_and_who_comes_later_asks_again() {
    let folder = folder();
    let inner = Arc::new(Slow::by(|_| (Duration::from_secs(1), Err(ChatError::transient("no")))));
    let model = Recorded::new(inner.clone(), folder.path(), Mode::Replay);
    for round in 1..4 {
        let answers = ask_all(&model, ["?"; 10]).await;
        assert!(answers.iter().all(|answer| *answer == Err(ChatError::transient("no"))));
        assert_eq!(inner.asked().len(), round);
    }
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test(start_paused = true)]
async fn when_the_one_who_asks_is_dropped_the_next_takes_over() {
    let folder = folder();
    let inner = Arc::new(Slow::new(Duration::from_secs(10)));
    let model = Recorded::new(inner.clone(), folder.path(), Mode::Replay);
    let impatient = timeout(Duration::from_secs(5), model.ask("?"));
    let patient = join_all((0..5).map(|_| model.ask("?")));
    let before = Instant::now();
    let (dropped, answers) = futures::join!(impatient, patient);
    assert!(dropped.is_err() && answers.iter().all(|answer| answer.as_deref() == Ok("?")));
    assert_eq!((inner.asked().len(), before.elapsed().as_secs()), (2, 15));

    // When all go, nothing is left of it.
    let mut gone = Box::pin(ask_all(&model, ["gone"; 5]));
    assert!((&mut gone).now_or_never().is_none());
    assert!(!model.flights.is_empty());
    drop(gone);
    assert!(model.flights.is_empty());
}

#[tokio::test]
async fn who_comes_after_a_failure_does_not_get_it() {
    let flights = Flights::default();
    let (fail, failed) = tokio::sync::oneshot::channel();
    let mut first = Box::pin(flights.share("key", async { failed.await.unwrap() }));
    let mut waiting = Box::pin(flights.share("key", async { panic!("the first has asked already") }));
    assert!((&mut first).now_or_never().is_none() && (&mut waiting).now_or_never().is_none());
    let failure = || Err(ChatError::transient("no"));
    fail.send(failure()).unwrap();
    assert_eq!(first.await, failure());
    let reply = || Ok(rich_reply());
    assert_eq!(flights.share("key", async { reply() }).await, reply());
    assert_eq!(waiting.await, failure());
    assert!(flights.is_empty());
}

#[tokio::test]
async fn nobody_sees_half_a_recording() {
    let folder = folder();
    let noise = |seed: u64| {
        let mut bytes = vec![0; 200_000];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes.iter().map(|byte| char::from(b'!' + byte % 94)).collect::<String>()
    };
    let replies: Vec<String> = (0..40).map(noise).collect();
    let writer = Recorded::new(Scripted::saying(replies.clone()), folder.path(), Mode::Record);
    writer.ask("?").await.unwrap();
    let (path, is_done) = (folder.path().to_owned(), Arc::new(AtomicUsize::new(0)));
    let done = is_done.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let (place, asked) = (recording(&path), Asked::new("scripted", &Request::new(&[Message::user("?")])).unwrap());
        let mut seen = 0;
        while done.load(Ordering::SeqCst) == 0 {
            let text = decode(&fs::read(&place).unwrap(), &asked).unwrap().unwrap().message.content;
            assert!(replies.contains(&text));
            seen += 1;
        }
        seen
    });
    for _ in 1..40 {
        writer.ask("?").await.unwrap();
    }
    is_done.store(1, Ordering::SeqCst);
    assert!(reading.await.unwrap() > 0);
}

#[test]
fn only_one_holds_a_lock() {
    let folder = folder();
    let (path, holders) = (folder.path().join("key.lock"), AtomicUsize::new(0));
    let taken = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                while taken.load(Ordering::SeqCst) < 200 {
                    let Some(lock) = KeyLock::try_take(&path).unwrap() else { continue };
                    assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold the lock");
                    std::thread::yield_now();
                    holders.fetch_sub(1, Ordering::SeqCst);
                    taken.fetch_add(1, Ordering::SeqCst);
                    drop(lock);
                }
            });
        }
    });
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test(start_paused = true)]
async fn wrappers_on_one_folder_ask_once() {
    let folder = folder();
    let inner = Arc::new(Slow::new(Duration::from_secs(5)));
    let models: Vec<_> = (0..8).map(|_| Recorded::new(inner.clone(), folder.path(), Mode::Replay)).collect();
    let answers = join_all(models.iter().map(|model| model.ask("?"))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(inner.asked().len(), 1);
    assert_eq!(files(&folder.path().join("pending")), Vec::<PathBuf>::new(), "locks do not pile up");
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_next_who_holds_the_lock_asks() {
    let folder = folder();
    let inner = Arc::new(Slow::by(|_| (Duration::from_secs(5), Err(ChatError::transient("no")))));
    let models: Vec<_> = (0..6).map(|_| Recorded::new(inner.clone(), folder.path(), Mode::Replay)).collect();
    join_all(models.iter().map(|model| model.ask("?"))).await;
    assert_eq!((inner.asked().len(), inner.most_at_once()), (6, 1), "one after the other");
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
async fn what_died_is_swept_up() {
    let folder = folder();
    let pending = folder.path().join("pending");
    fs::create_dir_all(&pending).unwrap();
    for name in ["0123.lock", "fresh.tmp", "old.tmp", "notes.txt"] {
        fs::write(pending.join(name), "left behind").unwrap();
    }
    let two_hours_ago = std::time::SystemTime::now() - Duration::from_secs(7200);
    fs::File::options().write(true).open(pending.join("old.tmp")).unwrap().set_modified(two_hours_ago).unwrap();
    Recorded::new(counting(), folder.path(), Mode::Replay).ask("?").await.unwrap();
    let mut left: Vec<String> =
        files(&pending).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    left.sort_unstable();
    assert_eq!(left, ["fresh.tmp", "notes.txt"]);
}

#[test]
fn modes_are_written_in_words() {
    let written = MODES.map(|mode| serde_json::to_string(&mode).unwrap());
    assert_eq!(written, [r#""live""#, r#""record""#, r#""replay""#, r#""replay_strict""#]);
}
