//! Writing, finding, reading and exporting 10,000 attempts of 60 kB that were shown many of the same pages.
//!
//! `cargo bench --bench store` measures our side; `benches/peers/store/run.sh` sets Parquet files of pyarrow beside it,
//! made of the same lines. With the feature `parquet` our own Parquet files are measured too.
//!
//! - `--into FOLDER [COUNT]` leaves the files there, and prints one line of JSON for each row of the table.

#[path = "../parts/cpu.rs"]
mod cpu;
mod made;
#[path = "../parts/words.rs"]
mod words;
#[path = "../parts/zipf.rs"]
mod zipf;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures::TryStreamExt;
use offseeker::trajectory::Trajectory;
use offseeker::trajectory_store::embedded::{Embedded, Options};
#[cfg(feature = "parquet")]
use offseeker::trajectory_store::formats::ParquetWriter;
use offseeker::trajectory_store::formats::{Branches, Format, LineWriter};
use offseeker::trajectory_store::{Entry, Filter, Manifest, TrajectoryStore, TrajectoryStoreExt};
use serde_json::{Value, json};

use cpu::cpu_seconds;
use made::Maker;

const COUNT: usize = 10_000;
const WRITERS: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    match words[..] {
        ["--into", folder] => runtime.block_on(all(Path::new(folder), COUNT, |row| println!("{row}"))),
        ["--into", folder, count] => {
            let count = count.parse().expect("a number of attempts");
            runtime.block_on(all(Path::new(folder), count, |row| println!("{row}")));
        }
        _ => {
            // On the disk that the program was built on: what keeps temporary files may be no disk.
            let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made");
            println!("{COUNT} attempts, {WRITERS} writers; MB are those of the lines of our own format\n");
            println!(
                "{:<44} {:>9} {:>9} {:>9} {:>12} {:>9}",
                "", "seconds", "CPU-s", "MB/s", "attempts/s", "MB on disk"
            );
            runtime.block_on(all(folder.path(), COUNT, print));
        }
    }
}

fn print(row: &Value) {
    let number = |name: &str, decimals: usize| {
        row[name].as_f64().map_or_else(String::new, |value| format!("{value:.decimals$}"))
    };
    println!(
        "{:<44} {:>9} {:>9} {:>9} {:>12} {:>9}",
        row["what"].as_str().unwrap_or_default(),
        number("seconds", 2),
        number("cpu_seconds", 2),
        number("mb_per_second", 0),
        number("per_second", 0),
        number("mb", 1)
    );
}

/// A part of the work that is measured.
struct Watch(Instant, f64);

impl Watch {
    fn start() -> Self {
        Self(Instant::now(), cpu_seconds())
    }

    /// What it took for so many attempts of so many bytes in all.
    fn stop(self, what: &str, count: usize, bytes: f64, file: Option<&Path>) -> Value {
        let (seconds, cpu) = (self.0.elapsed().as_secs_f64(), cpu_seconds() - self.1);
        json!({
            "what": what,
            "seconds": seconds,
            "cpu_seconds": cpu,
            "mb_per_second": bytes / 1e6 / seconds,
            "per_second": count as f64 / seconds,
            "mb": file.map(|file| size(file) / 1e6),
        })
    }
}

fn size(path: &Path) -> f64 {
    fs::metadata(path).map_or(0.0, |known| known.len() as f64)
}

async fn all(folder: &Path, count: usize, tell: impl Fn(&Value)) {
    let manifest = Manifest::new("store", 42);
    let maker = Arc::new(Maker::new(manifest.id().expect("the manifest has an id")));
    let bytes: f64 = (0..count).map(|number| lines(Format::Offseeker, &maker.attempt(number))[0].len() as f64).sum();
    let path = folder.join("attempts.db");

    let store = Arc::new(open(&path));
    let watch = Watch::start();
    append(&store, manifest, &maker, count).await;
    tell(&watch.stop("append, each message synced", count, bytes, None));
    let watch = Watch::start();
    // The last one to close the file puts the log into it.
    drop(Arc::into_inner(store).expect("all writers have ended"));
    tell(&watch.stop("close", count, bytes, Some(&path)));

    let store = open(&path);
    for (what, filter) in [
        ("scan, ids of all", Filter::default()),
        ("scan, ids of one stop reason", Filter { stop: Some("malformed".to_owned()), ..Filter::default() }),
        ("scan, ids of one run", Filter { run: maker.attempt(0).run, ..Filter::default() }),
        ("scan, ids of one question", Filter { question: Some(maker.attempt(0).question.id), ..Filter::default() }),
    ] {
        let watch = Watch::start();
        let found = store.count(&filter).await.expect("the store is whole");
        tell(&watch.stop(what, usize::try_from(found).expect("it fits"), 0.0, None));
    }
    let watch = Watch::start();
    let read = store.trajectories(&Filter::default()).try_fold(0, async |count, _| Ok(count + 1)).await;
    assert_eq!(read.expect("the store is whole"), count);
    tell(&watch.stop("read, whole", count, bytes, None));
    for (format, name) in [
        (Format::Offseeker, "offseeker.jsonl"),
        (Format::Offseeker, "offseeker.jsonl.zst"),
        (Format::OpenAi, "openai.jsonl"),
        (Format::OpenAi, "openai.jsonl.zst"),
    ] {
        let (watch, path) = (Watch::start(), folder.join(name));
        export(&store, format, &path).await;
        tell(&watch.stop(&format!("export, {name}"), count, bytes, Some(&path)));
    }
    #[cfg(feature = "parquet")]
    {
        let (watch, path) = (Watch::start(), folder.join("offseeker.parquet"));
        export_parquet(&store, &path).await;
        tell(&watch.stop("export, offseeker.parquet", count, bytes, Some(&path)));
    }
}

fn open(path: &Path) -> Embedded {
    Embedded::open(path, &Options::default()).expect("the store can be opened")
}

fn lines(format: Format, attempt: &Trajectory) -> Vec<String> {
    format.write(attempt, Branches::Main).expect("the format has room for what is made here")
}

/// Writes attempts as a loop does: a message at a time, each on the disk before the next one.
async fn append(store: &Arc<Embedded>, manifest: Manifest, maker: &Arc<Maker>, count: usize) {
    store.write(vec![Entry::Run(Box::new(manifest))], None).await.expect("the disk has room");
    let next = Arc::new(AtomicUsize::new(0));
    let writers = (0..WRITERS).map(|_| {
        let (store, maker, next) = (store.clone(), maker.clone(), next.clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                for entries in writes(&maker.attempt(number)) {
                    store.write(entries, None).await.expect("the disk has room");
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer does not panic");
    }
}

/// What is written of an attempt, each before the next.
fn writes(attempt: &Trajectory) -> Vec<Vec<Entry>> {
    let (id, stop, answer) = (attempt.id.clone(), attempt.stop.clone(), attempt.answer.clone());
    let mut beginning =
        Trajectory::in_run(attempt.run.clone().expect("it has one"), attempt.question.clone(), attempt.attempt);
    (beginning.model, beginning.tools) = (attempt.model.clone(), attempt.tools.clone());
    let mut writes = vec![vec![Entry::Begin(Box::new(beginning))]];
    for (place, node) in attempt.ids().zip(attempt.nodes()) {
        let entry = Entry::Node { attempt: id.clone(), place, node: Box::new(node.clone()) };
        // What is given goes with the beginning.
        if place.index() < 2 { writes[0].push(entry) } else { writes.push(vec![entry]) }
    }
    writes.push(vec![Entry::End { attempt: id, stop: stop.expect("it has an end"), answer }]);
    writes
}

async fn export(store: &Embedded, format: Format, path: &Path) {
    let mut file = LineWriter::create(path).expect("the file can be made");
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await.expect("the store is whole") {
        file.write_all(lines(format, &attempt)).expect("the disk has room");
    }
    file.finish().expect("the disk has room");
}

#[cfg(feature = "parquet")]
async fn export_parquet(store: &Embedded, path: &Path) {
    let mut file = ParquetWriter::create(path).expect("the file can be made");
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await.expect("the store is whole") {
        file.write(attempt).expect("the disk has room");
    }
    file.finish().expect("the disk has room");
}
