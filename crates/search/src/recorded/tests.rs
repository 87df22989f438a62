//! What is kept, under which name, and for how long.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use offseeker_pages::{Library, PageError, Shelf};
use offseeker_remote::Mode;
use tempfile::TempDir;

use super::Recorded;
use crate::slow::{Fate, Slow};
use crate::{Hit, LibraryExt, Locale, Query, Scripted, SearchBackend, SearchError, conformance};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { files.extend(recordings(&entry.path())) } else { files.push(entry.path()) }
    }
    files
}

/// Finds one hit that says how often it was asked.
fn counting() -> Arc<Scripted> {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Arc::new(Scripted::by(move |_| {
        let number = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        Ok(vec![Hit::new(format!("https://karlin.example/{number}"), "", "")])
    }))
}

async fn find(backend: &impl SearchBackend, text: &str) -> Result<String, &'static str> {
    let hits = backend.search(&Query::new(text)).await.map_err(|error| error.kind())?;
    Ok(hits[0].url.trim_start_matches("https://karlin.example/").to_owned())
}

#[tokio::test(start_paused = true)]
async fn it_fulfils_the_laws() {
    for mode in [Mode::Live, Mode::Record, Mode::Replay] {
        let folder = folder();
        // The second round finds what the first has recorded.
        for _ in 0..2 {
            let recorded = Recorded::new(conformance::echo(), folder.path(), mode);
            conformance::check_port(&recorded).await.unwrap();
            conformance::check_transparent(&recorded).await.unwrap();
            conformance::check_library(&recorded, "https://echo.example/mill").await.unwrap();
            conformance::check_transparent_library(&recorded).await.unwrap();
        }
        if mode != Mode::Live {
            let silent = Scripted::by(|_| panic!("a strict replay never asks")).named("echo");
            conformance::check_port(&Recorded::new(silent, folder.path(), Mode::ReplayStrict)).await.unwrap();
            let empty = Named(Shelf::default(), "echo").recorded(folder.path(), Mode::ReplayStrict);
            conformance::check_library(&empty, "https://echo.example/mill").await.unwrap();
        }
    }
    let folder = folder();
    for _ in 0..2 {
        let cache = Recorded::cache(conformance::echo(), folder.path(), Duration::from_secs(3600));
        conformance::check_port(&cache).await.unwrap();
        conformance::check_transparent(&cache).await.unwrap();
        conformance::check_transparent_library(&cache).await.unwrap();
    }
}

/// A library under another name.
#[derive(Debug)]
struct Named<L>(L, &'static str);

#[async_trait::async_trait]
impl<L: Library> Library for Named<L> {
    fn name(&self) -> &str {
        self.1
    }

    async fn get(&self, url: &str) -> Result<offseeker_pages::Page, PageError> {
        self.0.get(url).await
    }
}

#[tokio::test]
async fn each_mode_asks_when_it_should() {
    // Mode, and what the first, the second and, in a strict replay after them, the third query find.
    for (mode, first, second, third) in [
        (Mode::Live, Ok("1"), Ok("2"), Err("not_recorded")),
        (Mode::Record, Ok("1"), Ok("2"), Ok("2")),
        (Mode::Replay, Ok("1"), Ok("1"), Ok("1")),
        (Mode::ReplayStrict, Err("not_recorded"), Err("not_recorded"), Err("not_recorded")),
    ] {
        let (inner, folder) = (counting(), folder());
        let recorded = Recorded::new(inner.clone(), folder.path(), mode);
        for expected in [first, second] {
            assert_eq!(find(&recorded, "?").await, expected.map(str::to_owned), "{mode:?}");
        }
        let again = Recorded::new(inner, folder.path(), Mode::ReplayStrict);
        assert_eq!(find(&again, "?").await, third.map(str::to_owned), "{mode:?}");
    }
}

#[tokio::test]
async fn a_cache_grows_old_and_can_still_be_played_back() {
    let (folder, inner) = (folder(), counting());
    let cache = |fresh_s| Recorded::cache(inner.clone(), folder.path(), Duration::from_secs(fresh_s));
    assert_eq!(find(&cache(3600), "?").await.unwrap(), "1");
    assert_eq!(find(&cache(3600), "?").await.unwrap(), "1");
    backdate(folder.path(), 3600 * 2);
    for mode in [Mode::Replay, Mode::ReplayStrict] {
        assert_eq!(find(&Recorded::new(inner.clone(), folder.path(), mode), "?").await.unwrap(), "1");
    }
    assert_eq!(find(&cache(3600 * 3), "?").await.unwrap(), "1");
    assert_eq!(find(&cache(3600), "?").await.unwrap(), "2");
    assert_eq!(find(&cache(3600), "?").await.unwrap(), "2");
}

/// Makes the one recording in a folder older than it is.
fn backdate(folder: &Path, seconds: u64) {
    let [path] = &recordings(folder)[..] else { panic!("there is not one recording") };
    let text = String::from_utf8(zstd::decode_all(&fs::read(path).unwrap()[..]).unwrap()).unwrap();
    let mut body: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
    body["recorded_at"] = (body["recorded_at"].as_u64().unwrap() - seconds).into();
    let body = body.to_string();
    let head = serde_json::json!({ "blake3": blake3::hash(body.as_bytes()).to_hex().to_string() });
    fs::write(path, zstd::encode_all(format!("{head}\n{body}\n").as_bytes(), 3).unwrap()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_answers_and_verdicts_are_kept() {
    for (fate, is_kept) in [
        (Fate::Answer, true),
        (Fate::Verdict, true),
        (Fate::Transient, false),
        (Fate::Limited(1), false),
        (Fate::Broken, false),
        (Fate::NotRecorded, false),
    ] {
        let (folder, inner) = (folder(), Arc::new(Slow::new("slow", 1)));
        inner.meets(fate);
        let recorded = Recorded::new(inner.clone(), folder.path(), Mode::Replay);
        for _ in 0..2 {
            let _ = recorded.search(&Query::new("?")).await;
            let _ = recorded.get("https://karlin.example/").await;
        }
        assert_eq!(inner.asked().len(), if is_kept { 2 } else { 4 }, "{fate:?}");
        assert_eq!(recordings(folder.path()).len(), if is_kept { 2 } else { 0 }, "{fate:?}");
    }
}

#[tokio::test]
async fn what_changes_the_hits_changes_the_recording() {
    let base = Query { locale: Some(Locale::new("us", "en")), ..Query::new("caf\u{e9}") };
    let check = async |change: fn(&mut Query), name: &str, is_same: bool| {
        let folder = folder();
        Recorded::new(counting(), folder.path(), Mode::Replay).search(&base).await.unwrap();
        let mut changed = base.clone();
        change(&mut changed);
        let other = Recorded::new(Scripted::finding([]).named(name), folder.path(), Mode::ReplayStrict);
        assert_eq!(other.search(&changed).await.is_ok(), is_same, "{changed:?} asked of {name}");
    };
    check(|_| {}, "scripted", true).await;
    check(|it| it.text = "cafe\u{301}".to_owned(), "scripted", true).await;
    check(|_| {}, "another", false).await;
    check(|it| it.text.push('!'), "scripted", false).await;
    check(|it| it.limit += 1, "scripted", false).await;
    check(|it| it.locale = None, "scripted", false).await;
    check(|it| it.locale = Some(Locale::new("us", "de")), "scripted", false).await;
}

#[tokio::test(start_paused = true)]
async fn who_asks_the_same_at_the_same_time_shares_one_answer() {
    let (folder, inner) = (folder(), Arc::new(Slow::new("slow", 5)));
    let recorded = Recorded::new(inner.clone(), folder.path(), Mode::Replay);
    let query = Query::new("?");
    let answers = join_all((0..20).map(|_| recorded.search(&query))).await;
    let pages = join_all((0..20).map(|_| recorded.get("?"))).await;
    assert!(answers.iter().all(Result::is_ok) && pages.iter().all(Result::is_ok));
    assert_eq!(inner.asked().len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_the_folder_is_said() {
    let folder = folder();
    let path = folder.path().join("recordings");
    let strict = Recorded::new(counting(), &path, Mode::ReplayStrict);
    let expected = SearchError::NotRecorded { backend: "scripted".to_owned(), text: "?".to_owned() };
    assert_eq!(strict.search(&Query::new("?")).await, Err(expected));
    let strict = Recorded::new(Shelf::default(), &path, Mode::ReplayStrict);
    assert_eq!(strict.get("?").await, Err(PageError::NotRecorded { url: "?".to_owned() }));
    fs::write(&path, "a file where the folder should be").unwrap();
    let inner = counting();
    let failed = Recorded::new(inner.clone(), &path, Mode::Record).search(&Query::new("?")).await.unwrap_err();
    assert!(failed.kind() == "broken" && failed.to_string().contains(path.to_str().unwrap()), "{failed}");
    assert_eq!(inner.asked().len(), 0);
}
