//! Filtering, collapsing and pairing 50,000 attempts: attempts a second, and the memory that it takes.
//!
//! `cargo bench --bench curation` measures our side; `benches/peers/curation/run.sh` sets datasketch beside it, over
//! the same sets of calls and with the same threshold. What is measured runs in a process of its own, so that its
//! memory is its own; the attempts are made 100 at a time, as they would come from a store, and that takes no part in
//! the time.
//!
//! - `--all COUNT` prints one line of JSON for each row of the table.
//! - `--sets FILE COUNT` writes the sets that attempts are compared by, one to a line, as numbers with spaces between.
//! - `--near FILE THRESHOLD PAIRS` finds the pairs of these sets that are nearly the same and writes them into a file.

#[path = "../parts/cpu.rs"]
mod cpu;
mod made;
#[path = "../parts/memory.rs"]
mod memory;
#[path = "../parts/words.rs"]
mod words;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cpu::cpu_seconds;
use made::Maker;
use memory::memory;
use offseeker::curation::{Digester, PairRules, Recipe, Report, Stage, pair_up, select};
use offseeker::resemblance::{Near, Set};
use offseeker::trajectory::{Trajectory, TrajectoryId};
use serde_json::{Value, json};

const COUNT: usize = 50_000;

/// Attempts that are in memory at a time.
const BATCH: usize = 100;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--all", count] => all(count.parse()?),
        ["--sets", file, count] => sets(file, count.parse()?)?,
        ["--near", file, threshold, pairs] => println!("{}", near(file, threshold.parse()?, pairs)?),
        _ => table()?,
    }
    Ok(())
}

fn table() -> Outcome<()> {
    let count = COUNT.to_string();
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(["--all", &count]).stderr(Stdio::inherit()).output()?;
    println!("{COUNT} attempts\n{:<44} {:>9} {:>9} {:>12}", "", "seconds", "CPU-s", "attempts/s");
    for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row: Value = serde_json::from_slice(line)?;
        match row["peak_mb"].as_f64() {
            Some(peak) => println!("{} ({peak:.0} MB at the peak)", row["what"].as_str().unwrap_or_default()),
            None => {
                let number = |name: &str| row[name].as_f64().unwrap_or_default();
                let what = row["what"].as_str().unwrap_or_default();
                let (seconds, cpu, rate) = (number("seconds"), number("cpu_seconds"), number("per_second"));
                println!("{what:<44} {seconds:>9.2} {cpu:>9.2} {rate:>12.0}");
            }
        }
    }
    Ok(())
}

/// A part of the work that is measured.
fn timed<T>(what: &str, count: usize, work: impl FnOnce() -> T) -> T {
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let done = work();
    tell(what, count, begun.elapsed(), cpu_seconds() - cpu);
    done
}

fn tell(what: &str, count: usize, took: Duration, cpu: f64) {
    let seconds = took.as_secs_f64();
    println!("{}", json!({"what": what, "seconds": seconds, "cpu_seconds": cpu, "per_second": count as f64 / seconds}));
}

fn all(count: usize) {
    let (maker, digester, recipe) = (Maker::new(), Digester::default(), Recipe::default());
    let (mut took, mut used, mut digests) = (Duration::ZERO, 0.0, Vec::with_capacity(count));
    for first in (0..count).step_by(BATCH) {
        let attempts: Vec<Trajectory> = (first..count.min(first + BATCH)).map(|it| maker.attempt(it)).collect();
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        digests.extend(attempts.iter().map(|attempt| digester.digest(attempt)));
        (took, used) = (took + begun.elapsed(), used + cpu_seconds() - cpu);
    }
    tell("digest, one thread", count, took, used);

    let bytes: usize = digests.iter().step_by(100).map(|digest| json!(digest).to_string().len()).sum();
    let selection = timed("select, five stages", count, || select(&digests, &recipe));
    let alone = Recipe { stages: vec![Stage::Diversity], ..Recipe::default() };
    timed("collapse and cap alone", count, || select(&digests, &alone));
    let report = timed("report", count, || Report::of(&digests, &recipe, &selection));
    let rules = PairRules::default();
    let pairs = timed("plan pairs", count, || pair_up(&digests, &rules));
    let places: HashMap<&str, usize> = digests.iter().enumerate().map(|(at, it)| (it.attempt.as_str(), at)).collect();
    let (mut cut, mut took, mut used) = (0, Duration::ZERO, 0.0);
    for batch in pairs.planned.chunks(BATCH / 2) {
        let attempt = |id: &TrajectoryId| maker.attempt(places[id.as_str()]);
        let sides: Vec<_> = batch.iter().map(|it| (it, attempt(&it.chosen), attempt(&it.rejected))).collect();
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        cut += sides.iter().filter(|(it, chosen, rejected)| it.cut(chosen, rejected, &rules, None).is_ok()).count();
        (took, used) = (took + begun.elapsed(), used + cpu_seconds() - cpu);
    }
    tell("cut pairs, by the attempt", 2 * cut, took, used);
    let average = bytes / digests.len().div_ceil(100).max(1);
    let what = format!("{} kept, {cut} pairs; a digest has {average} bytes of JSON", report.kept.attempts);
    println!("{}", json!({"what": what, "peak_mb": memory("VmHWM") / 1e6}));
}

fn sets(file: &str, count: usize) -> Outcome<()> {
    let (maker, digester) = (Maker::new(), Digester::default());
    let mut out = BufWriter::new(File::create(file)?);
    for number in 0..count {
        let set = digester.digest(&maker.attempt(number)).calls.sequence;
        let members: Vec<String> = set.members().iter().map(u64::to_string).collect();
        writeln!(out, "{}", members.join(" "))?;
    }
    Ok(out.flush()?)
}

fn near(file: &str, threshold: f64, pairs: &str) -> Outcome<Value> {
    let mut sets: Vec<Set> = Vec::new();
    for line in BufReader::new(File::open(file)?).lines() {
        let members: Result<Vec<u64>, _> = line?.split(' ').map(str::parse).collect();
        sets.push(Set::from(members?));
    }
    let (begun, cpu) = (Instant::now(), cpu_seconds());
    let found = Near::at(threshold).pairs(&sets);
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let lines: Vec<String> = found.iter().map(|(left, right)| format!("{left} {right}\n")).collect();
    fs::write(pairs, lines.concat())?;
    Ok(json!({"seconds": seconds, "cpu_seconds": cpu, "pairs": found.len(), "peak_mb": memory("VmHWM") / 1e6}))
}
