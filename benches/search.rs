//! Time, size and memory of a full-text index over 200,000 made documents, and how well it finds known ones.
//!
//! `cargo bench --bench search` measures our side; `benches/peers/search/run.sh` sets other engines beside it, over the
//! same documents and queries. What is measured runs in a process of its own, so that its memory is its own.
//!
//! - `--make FOLDER` writes the documents and queries, `corpus.jsonl` and `queries.jsonl`.
//! - `--build FOLDER` and `--ask FOLDER THREADS KIND` print one line of JSON.

#[path = "parts/memory.rs"]
mod memory;
#[path = "parts/words.rs"]
mod words;
#[path = "parts/zipf.rs"]
mod zipf;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use memory::memory;
use offseeker::search::{Corpus, Language, LocalIndex, Query, Settings, WriterOptions};
use serde_json::{Value, json};
use words::{Dice, word};
use zipf::Zipf;

const DOCUMENTS: usize = 200_000;
const WORDS: usize = 200_000;
const QUERIES: usize = 300;

/// Queries of three rarer words, and queries that have four words of any kind beside them, as models write them.
const KINDS: [&str; 2] = ["short", "wordy"];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--make", folder] => make(Path::new(folder)),
        ["--build", folder] => println!("{}", build(Path::new(folder))),
        ["--ask", folder, threads, kind] => {
            println!("{}", ask(Path::new(folder), threads.parse().expect("a number of threads"), kind));
        }
        _ => all(),
    }
}

fn all() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    make(folder.path());
    let built = again(&["--build", path(folder.path())]);
    let number = |value: &Value, name: &str| value[name].as_f64().expect("a number");
    println!(
        "{DOCUMENTS} documents, {:.0} MB; built in {:.1} s, {:.0} MB on disk, peak memory {:.0} MB\n",
        number(&built, "corpus_mb"),
        number(&built, "seconds"),
        number(&built, "index_mb"),
        number(&built, "peak_mb"),
    );
    println!(
        "{:>8} {:>8} {:>12} {:>10} {:>10} {:>8} {:>16}",
        "queries", "threads", "queries/s", "p50", "p99", "MRR", "memory (own)"
    );
    for kind in KINDS {
        for threads in ["1", "2"] {
            let asked = again(&["--ask", path(folder.path()), threads, kind]);
            println!(
                "{kind:>8} {threads:>8} {:>12.0} {:>7.2} ms {:>7.2} ms {:>8.4} {:>6.0} ({:.0}) MB",
                number(&asked, "queries_per_second"),
                number(&asked, "p50_ms"),
                number(&asked, "p99_ms"),
                number(&asked, "mrr"),
                number(&asked, "memory_mb"),
                number(&asked, "own_mb"),
            );
        }
    }
    println!("\nmemory: resident, files that are mapped included; own: without them");
}

fn again(arguments: &[&str]) -> Value {
    let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
    let output = command.args(arguments).stderr(Stdio::inherit()).output().expect("the program runs again");
    serde_json::from_slice(&output.stdout).expect("it prints one line of JSON")
}

fn path(folder: &Path) -> &str {
    folder.to_str().expect("the folder has a name of plain characters")
}

fn make(folder: &Path) {
    let (zipf, mut dice) = (Zipf::of(WORDS), Dice(0x9e37_79b9_7f4a_7c15));
    let words: Vec<String> = (0..WORDS).map(word).collect();
    let create = |name: &str| BufWriter::new(File::create(folder.join(name)).expect("the file can be made"));
    let (mut corpus, mut queries) = (create("corpus.jsonl"), create("queries.jsonl"));
    for document in 0..DOCUMENTS {
        let length = 120 + dice.below(161);
        let text: Vec<usize> = (0..length).map(|_| zipf.draw(&mut dice)).collect();
        let title: Vec<usize> = (0..4).map(|_| text[dice.below(length)]).collect();
        let spell =
            |numbers: &[usize]| numbers.iter().map(|number| words[*number].as_str()).collect::<Vec<_>>().join(" ");
        let row = json!({"url": format!("doc:{document}"), "title": spell(&title), "text": spell(&text)});
        writeln!(corpus, "{row}").expect("the file can be written");
        if document % (DOCUMENTS / QUERIES) == 0 {
            // Words that are neither among the most frequent nor in this document alone.
            let rarer: HashSet<usize> = text.iter().copied().filter(|number| (100..4_000).contains(number)).collect();
            let mut rarer: Vec<usize> = rarer.into_iter().collect();
            rarer.sort_unstable();
            let mut chosen: Vec<usize> = (0..3).map(|_| rarer.swap_remove(dice.below(rarer.len()))).collect();
            let short = spell(&chosen);
            chosen.extend((0..4).map(|_| zipf.draw(&mut dice)));
            let query = json!({"url": format!("doc:{document}"), "short": short, "wordy": spell(&chosen)});
            writeln!(queries, "{query}").expect("the file can be written");
        }
    }
}

fn build(folder: &Path) -> Value {
    let (corpus, index) = (folder.join("corpus.jsonl"), folder.join("index"));
    let start = Instant::now();
    // The words are made, so there are no endings to cut off; the peers cut none off either.
    let settings = Settings { language: Language::None, ..Settings::default() };
    let made = LocalIndex::create(&index, settings).expect("the index can be made");
    let mut writer = made.writer(WriterOptions { threads: 2, ..WriterOptions::default() }).expect("nobody else writes");
    writer.add_all(&mut Corpus::open(&corpus).expect("the corpus is there"), |_| {}).expect("the corpus is whole");
    writer.finish().expect("the disk has room");
    let seconds = start.elapsed().as_secs_f64();
    let bytes: u64 =
        fs::read_dir(&index).expect("the index is there").map(|entry| size(&entry.expect("a file").path())).sum();
    json!({
        "seconds": seconds,
        "index_mb": bytes as f64 / 1e6,
        "corpus_mb": size(&corpus) as f64 / 1e6,
        "peak_mb": memory("VmHWM") / 1e6,
    })
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |known| known.len())
}

fn ask(folder: &Path, threads: usize, kind: &str) -> Value {
    let index = LocalIndex::open(folder.join("index")).expect("the index is whole");
    let queries = queries(&folder.join("queries.jsonl"), kind);
    let answer = |(_, query): &(String, String)| {
        let start = Instant::now();
        index.find(&Query::new(query)).expect("the index is whole");
        start.elapsed()
    };
    for query in &queries[..20] {
        answer(query);
    }
    let start = Instant::now();
    let answered: Vec<Duration> = std::thread::scope(|scope| {
        let part = |place: usize| queries.iter().skip(place).step_by(threads).map(answer).collect::<Vec<_>>();
        let running: Vec<_> = (0..threads).map(|place| scope.spawn(move || part(place))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a query does not panic")).collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let mut times: Vec<f64> = answered.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let (memory_mb, own_mb) = (memory("VmRSS") / 1e6, memory("RssAnon") / 1e6);
    let rank = |(url, query): &(String, String)| {
        let hits = index.find(&Query::new(query).limit(100)).expect("the index is whole");
        let scores: Vec<f32> = hits.iter().map(|hit| hit.score.unwrap_or_default()).collect();
        hits.iter().position(|hit| hit.url == *url).map_or(0.0, |place| reciprocal_rank(&scores, scores[place]))
    };
    json!({
        "queries_per_second": queries.len() as f64 / seconds,
        "p50_ms": times[times.len() / 2],
        "p99_ms": times[times.len() * 99 / 100],
        "mrr": queries.iter().map(rank).sum::<f64>() / queries.len() as f64,
        "memory_mb": memory_mb,
        "own_mb": own_mb,
    })
}

/// One by the rank of a document, nought behind the tenth. Documents with the same score share their ranks: which of
/// them an engine shows first is chance.
fn reciprocal_rank(scores: &[f32], own: f32) -> f64 {
    let better = scores.iter().filter(|score| **score > own * (1.0 + 1e-5)).count();
    let same = scores.iter().filter(|score| (**score - own).abs() <= own * 1e-5).count();
    let ranks = better + 1..=better + same;
    ranks.filter(|rank| *rank <= 10).map(|rank| 1.0 / rank as f64).sum::<f64>() / same as f64
}

fn queries(path: &PathBuf, kind: &str) -> Vec<(String, String)> {
    let lines = BufReader::new(File::open(path).expect("the queries are there")).lines();
    let query = |line: std::io::Result<String>| {
        let query: Value = serde_json::from_str(&line.expect("a line")).expect("a query is JSON");
        let text = |name: &str| query[name].as_str().expect("a string").to_owned();
        (text("url"), text(kind))
    };
    lines.map(query).collect()
}
