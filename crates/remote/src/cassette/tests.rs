//! What is recorded, what is given again, what grows old, and what is noticed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::join_all;
use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use super::flights::Flights;
use super::key_lock::KeyLock;
use super::recording::Recording;
use super::{Asked, CassetteError, Folder, Mode};
use crate::fault::Fault;

type Cassette = super::Cassette<String, Fault>;
type Answer = Result<Result<String, Fault>, CassetteError>;

const MODES: [Mode; 4] = [Mode::Live, Mode::Record, Mode::Replay, Mode::ReplayStrict];
const SECOND: Duration = Duration::from_secs(1);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

/// One who is asked: says after a while how often it was asked, or fails.
#[derive(Default)]
struct Source {
    takes: Duration,
    fails: Option<Fault>,
    asked: AtomicUsize,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Source {
    fn slow(seconds: u64) -> Self {
        Self { takes: Duration::from_secs(seconds), ..Self::default() }
    }

    fn failing(fault: Fault) -> Self {
        Self { fails: Some(fault), ..Self::default() }
    }

    async fn answer(&self) -> Result<String, Fault> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let at_once = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(at_once, Ordering::SeqCst);
        sleep(self.takes).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        self.fails.clone().map_or_else(|| Ok(format!("answer {number}")), Err)
    }

    async fn ask(&self, cassette: &Cassette, text: &str) -> Answer {
        cassette.answer(&asked(text), self.answer()).await
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn asked(text: &str) -> Asked {
    Asked::new(serde_json::json!({ "text": text }).to_string())
}

fn said(text: &str) -> Answer {
    Ok(Ok(text.to_owned()))
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
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

/// Records the answer to a question, and gives the file.
async fn recorded(folder: &Path, text: &str) -> PathBuf {
    let answer = Source::default().ask(&Cassette::new(folder, Mode::Record), text).await;
    assert_eq!(answer, said("answer 1"));
    recording(folder)
}

#[tokio::test]
async fn each_mode_asks_when_it_should() {
    // Mode, and what the first, the second and, in a strict replay after them, the third request hear.
    let none = || Err(CassetteError::NotRecorded { key: asked("?").key().to_owned() });
    for (mode, first, second, third) in [
        (Mode::Live, said("answer 1"), said("answer 2"), none()),
        (Mode::Record, said("answer 1"), said("answer 2"), said("answer 2")),
        (Mode::Replay, said("answer 1"), said("answer 1"), said("answer 1")),
        (Mode::ReplayStrict, none(), none(), none()),
    ] {
        let (source, folder) = (Source::default(), folder());
        let cassette = Cassette::new(folder.path(), mode);
        for expected in [first, second] {
            assert_eq!(source.ask(&cassette, "?").await, expected, "{mode:?}");
        }
        assert_eq!(source.ask(&Cassette::new(folder.path(), Mode::ReplayStrict), "?").await, third, "{mode:?}");
    }
}

#[tokio::test]
async fn verdicts_are_recorded_and_no_other_failure() {
    for (fault, is_recorded) in
        [(Fault::Verdict, true), (Fault::Passes, false), (Fault::Limited(None), false), (Fault::Broken, false)]
    {
        for mode in [Mode::Record, Mode::Replay] {
            let folder = folder();
            let answer = Source::failing(fault.clone()).ask(&Cassette::new(folder.path(), mode), "?").await;
            assert_eq!(answer, Ok(Err(fault.clone())));
            assert_eq!(files(folder.path()).len(), usize::from(is_recorded), "{fault}");
            let again = Source::default().ask(&Cassette::new(folder.path(), Mode::ReplayStrict), "?").await;
            assert_eq!(again.ok(), is_recorded.then(|| Err(fault.clone())));
        }
    }
}

/// Writes an answer as if it had been recorded at another time.
fn backdate(folder: &Path, text: &str, at: SystemTime) {
    let recording = Recording::<String, Fault>::new(Ok("of old".to_owned()), at);
    Folder::new(folder.to_owned()).write(&asked(text), recording).unwrap();
}

#[tokio::test]
async fn a_cache_asks_again_for_what_is_too_old() {
    let now = SystemTime::now();
    for (at, expected) in [
        (now, "of old"),
        (now - WEEK / 2, "of old"),
        (now - WEEK - SECOND * 60, "answer 1"),
        (SystemTime::UNIX_EPOCH, "answer 1"),
        (SystemTime::UNIX_EPOCH - SECOND, "answer 1"),
        (now + WEEK / 2, "of old"),
        (now + WEEK * 2, "answer 1"),
    ] {
        let (folder, source) = (folder(), Source::default());
        backdate(folder.path(), "?", at);
        // The second finds what the first has recorded in the place of what was old.
        for _ in 0..2 {
            let cache = Cassette::cache(folder.path(), WEEK);
            assert_eq!(source.ask(&cache, "?").await, said(expected), "{at:?}");
        }
        assert_eq!(source.asked(), usize::from(expected != "of old"));
    }
}

#[tokio::test]
async fn a_replay_goes_by_what_is_recorded_however_old_it_is() {
    let folder = folder();
    backdate(folder.path(), "?", SystemTime::UNIX_EPOCH);
    for mode in [Mode::Replay, Mode::ReplayStrict] {
        let answer = Source::default().ask(&Cassette::new(folder.path(), mode), "?").await;
        assert_eq!(answer, said("of old"));
    }
}

#[tokio::test]
async fn what_is_old_stays_when_asking_again_fails() {
    let folder = folder();
    backdate(folder.path(), "?", SystemTime::UNIX_EPOCH);
    let answer = Source::failing(Fault::Passes).ask(&Cassette::cache(folder.path(), WEEK), "?").await;
    assert_eq!(answer, Ok(Err(Fault::Passes)));
    assert_eq!(Source::default().ask(&Cassette::new(folder.path(), Mode::ReplayStrict), "?").await, said("of old"));
}

#[tokio::test]
async fn a_recording_can_be_read_by_people() {
    let folder = folder();
    let path = recorded(folder.path(), "which river?").await;
    let shelf = path.parent().unwrap().file_name().unwrap().len();
    assert_eq!((shelf, path.file_name().unwrap().len()), (2, 62 + ".zst".len()));
    let text = String::from_utf8(zstd::decode_all(&fs::read(path).unwrap()[..]).unwrap()).unwrap();
    let body: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&body["asked"]["text"], &body["answer"]["reply"]), (&"which river?".into(), &"answer 1".into()));
    assert!(body["recorded_at"].as_u64().unwrap() > 1_700_000_000);
}

#[tokio::test]
async fn a_file_that_is_cut_anywhere_is_noticed() {
    let folder = folder();
    let path = recorded(folder.path(), "?").await;
    let whole = fs::read(&path).unwrap();
    let strict = Cassette::new(folder.path(), Mode::ReplayStrict);
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let failed = Source::default().ask(&strict, "?").await.unwrap_err();
        assert!(matches!(&failed, CassetteError::Damaged { path: at, .. } if *at == path), "{length}: {failed}");
        assert!(failed.to_string().contains(path.to_str().unwrap()), "{failed}");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(Source::default().ask(&strict, "?").await, said("answer 1"));
}

#[test]
fn a_bit_that_flips_is_noticed_or_changes_nothing() {
    let expected = Recording::<String, Fault>::new(Ok("cafe\u{301} \u{2028} 検索".repeat(8)), SystemTime::UNIX_EPOCH);
    let whole = expected.clone().encode(&asked("?")).unwrap();
    let bits = whole.len() * 8;
    let mut noticed = 0;
    for bit in 0..bits {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match Recording::decode(&flipped, &asked("?")) {
            Ok(found) => assert_eq!(found, expected, "bit {bit}"),
            Err(_) => noticed += 1,
        }
    }
    assert!(noticed > bits * 9 / 10, "only {noticed} of {bits} bits");
}

#[tokio::test]
async fn a_replay_asks_again_for_what_is_damaged_and_replaces_it() {
    let folder = folder();
    let stranger = recorded(folder.path(), "other").await;
    let of_another = fs::read(&stranger).unwrap();
    fs::remove_file(stranger).unwrap();
    let path = recorded(folder.path(), "?").await;
    for damaged in [&b""[..], b"nonsense", &of_another, &fs::read(&path).unwrap()[..40]] {
        fs::write(&path, damaged).unwrap();
        let source = Source::default();
        for _ in 0..2 {
            assert_eq!(source.ask(&Cassette::new(folder.path(), Mode::Replay), "?").await, said("answer 1"));
        }
        assert_eq!(source.asked(), 1);
    }
    // The recording of another request under this name, as after a collision of hashes.
    fs::write(&path, &of_another).unwrap();
    let failed = Source::default().ask(&Cassette::new(folder.path(), Mode::ReplayStrict), "?").await.unwrap_err();
    assert!(failed.to_string().contains("belongs to another request"), "{failed}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_found_out_before_asking() {
    let folder = folder();
    let path = folder.path().join("recordings");
    fs::write(&path, "a file where the folder should be").unwrap();
    for mode in [Mode::Record, Mode::Replay] {
        let source = Source::default();
        let failed = source.ask(&Cassette::new(&path, mode), "?").await.unwrap_err();
        assert!(matches!(&failed, CassetteError::NotWritten { folder, .. } if *folder == path), "{failed}");
        assert_eq!(source.asked(), 0, "{mode:?}");
    }
}

#[tokio::test]
async fn what_is_recorded_is_given_from_a_folder_that_cannot_be_written() {
    let folder = folder();
    recorded(folder.path(), "?").await;
    fs::remove_dir_all(folder.path().join("pending")).unwrap();
    fs::write(folder.path().join("pending"), "in the way").unwrap();
    for mode in [Mode::Replay, Mode::ReplayStrict] {
        assert_eq!(Source::slow(1).ask(&Cassette::new(folder.path(), mode), "?").await, said("answer 1"));
    }
}

#[tokio::test]
async fn when_the_disk_fails_after_the_answer_only_a_recording_fails() {
    for (mode, is_answered) in [(Mode::Replay, true), (Mode::Record, false)] {
        let folder = folder();
        let shelf = recorded(folder.path(), "?").await.parent().unwrap().to_owned();
        fs::remove_dir_all(&shelf).unwrap();
        fs::write(&shelf, "in the way").unwrap();
        let source = Source::default();
        let found = source.ask(&Cassette::new(folder.path(), mode), "?").await;
        match &found {
            Ok(answer) => assert!(is_answered && answer.as_deref() == Ok("answer 1")),
            Err(error) => assert!(!is_answered && error.to_string().contains(folder.path().to_str().unwrap())),
        }
        assert_eq!(source.asked(), 1);
        assert_eq!(files(&folder.path().join("pending")), Vec::<PathBuf>::new());
    }
}

#[tokio::test]
async fn a_strict_replay_leaves_no_trace() {
    let folder = folder();
    let path = folder.path().join("nowhere");
    assert!(Source::default().ask(&Cassette::new(&path, Mode::ReplayStrict), "?").await.is_err());
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
    let two_hours_ago = SystemTime::now() - SECOND * 7200;
    fs::File::options().write(true).open(pending.join("old.tmp")).unwrap().set_modified(two_hours_ago).unwrap();
    Source::default().ask(&Cassette::new(folder.path(), Mode::Replay), "?").await.unwrap().unwrap();
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

#[tokio::test(start_paused = true)]
async fn who_asks_the_same_at_the_same_time_shares_one_answer() {
    for takes in [5, 0] {
        let (folder, source) = (folder(), Source::slow(takes));
        let cassette = Cassette::new(folder.path(), Mode::Replay);
        let answers = join_all((0..40).map(|_| source.ask(&cassette, "?"))).await;
        assert!(answers.iter().all(|answer| *answer == said("answer 1")));
        assert_eq!(source.asked(), 1);
        assert!(cassette.flights.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn different_requests_do_not_wait_for_each_other() {
    let (folder, source) = (folder(), Source::slow(5));
    let cassette = Cassette::new(folder.path(), Mode::Replay);
    let before = Instant::now();
    let texts: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    join_all(texts.iter().map(|text| source.ask(&cassette, text))).await;
    assert_eq!((source.most_at_once.load(Ordering::SeqCst), before.elapsed().as_secs()), (40, 5));
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_get_the_failure_and_who_comes_later_asks_again() {
    let folder = folder();
    let source = Source { fails: Some(Fault::Passes), ..Source::slow(1) };
    let cassette = Cassette::new(folder.path(), Mode::Replay);
    for round in 1..4 {
        let answers = join_all((0..10).map(|_| source.ask(&cassette, "?"))).await;
        assert!(answers.iter().all(|answer| *answer == Ok(Err(Fault::Passes))));
        assert_eq!(source.asked(), round);
    }
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}

#[tokio::test(start_paused = true)]
async fn when_the_one_who_asks_is_dropped_the_next_takes_over() {
    let (folder, source) = (folder(), Source::slow(10));
    let cassette = Cassette::new(folder.path(), Mode::Replay);
    let impatient = timeout(SECOND * 5, source.ask(&cassette, "?"));
    let patient = join_all((0..5).map(|_| source.ask(&cassette, "?")));
    let before = Instant::now();
    let (dropped, answers) = futures::join!(impatient, patient);
    assert!(dropped.is_err() && answers.iter().all(|answer| *answer == said("answer 2")));
    assert_eq!((source.asked(), before.elapsed().as_secs()), (2, 15));

    // When all go, nothing is left of it.
    let mut gone = Box::pin(join_all((0..5).map(|_| source.ask(&cassette, "gone"))));
    assert!((&mut gone).now_or_never().is_none());
    assert!(!cassette.flights.is_empty());
    drop(gone);
    assert!(cassette.flights.is_empty());
}

#[tokio::test]
async fn who_comes_after_a_failure_does_not_get_it() {
    let flights = Flights::<Result<u32, Fault>>::default();
    let (fail, failed) = tokio::sync::oneshot::channel();
    let mut first = Box::pin(flights.share("key", async { failed.await.unwrap() }));
    let mut waiting = Box::pin(flights.share("key", async { panic!("the first has asked already") }));
    assert!((&mut first).now_or_never().is_none() && (&mut waiting).now_or_never().is_none());
    fail.send(Err(Fault::Passes)).unwrap();
    assert_eq!(first.await, Err(Fault::Passes));
    assert_eq!(flights.share("key", async { Ok(7) }).await, Ok(7));
    assert_eq!(waiting.await, Err(Fault::Passes));
    assert!(flights.is_empty());
}

#[test]
fn nobody_sees_half_a_recording() {
    let noise = |seed: u64| {
        let mut bytes = vec![0; 200_000];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes.iter().map(|byte| char::from(b'!' + byte % 94)).collect::<String>()
    };
    let folder = folder();
    let answers: Vec<String> = (0..40).map(noise).collect();
    let writer = Cassette::new(folder.path(), Mode::Record);
    let write =
        async |answer: &String| writer.answer(&asked("?"), async { Ok(answer.clone()) }).await.unwrap().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(write(&answers[0]));
    let (place, is_done, seen) = (recording(folder.path()), AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                let found = Recording::<String, Fault>::decode(&fs::read(&place).unwrap(), &asked("?")).unwrap();
                assert!(answers.contains(&found.answer.unwrap()));
                seen.fetch_add(1, Ordering::SeqCst);
            }
        });
        runtime.block_on(async {
            for answer in &answers[1..] {
                write(answer).await;
            }
        });
        is_done.store(true, Ordering::SeqCst);
    });
    assert!(seen.into_inner() > 0);
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
async fn cassettes_on_one_folder_ask_once() {
    let (folder, source) = (folder(), Source::slow(5));
    let cassettes: Vec<_> = (0..8).map(|_| Cassette::new(folder.path(), Mode::Replay)).collect();
    let answers = join_all(cassettes.iter().map(|cassette| source.ask(cassette, "?"))).await;
    assert!(answers.iter().all(|answer| *answer == said("answer 1")));
    assert_eq!(source.asked(), 1);
    assert_eq!(files(&folder.path().join("pending")), Vec::<PathBuf>::new(), "locks do not pile up");
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_next_who_holds_the_lock_asks() {
    let folder = folder();
    let source = Source { fails: Some(Fault::Passes), ..Source::slow(5) };
    let cassettes: Vec<_> = (0..6).map(|_| Cassette::new(folder.path(), Mode::Replay)).collect();
    join_all(cassettes.iter().map(|cassette| source.ask(cassette, "?"))).await;
    assert_eq!((source.asked(), source.most_at_once.load(Ordering::SeqCst)), (6, 1), "one after the other");
}
