//! Steps a second, our own time in each, and memory, of attempts at a model that answers at once.
//!
//! `cargo bench --bench rollouts` measures the loop with a model in the same process: alone, with a store in memory, and
//! with a store in a file, every step durable. `benches/peers/rollouts/run.sh` sets other loops beside ours, all against
//! one server on loopback. What is measured runs in a process of its own, so that its time and memory are its own.
//!
//! - `--make nowhere|memory|file ATTEMPTS AT_ONCE` makes attempts, with a model in this process.
//! - `--serve` is the server: it says where it listens and answers until it is killed.
//! - `--ask BASE_URL ATTEMPTS AT_ONCE` makes attempts, with a model behind that server, into a file.

#[path = "../parts/cpu.rs"]
mod cpu;
mod load;
#[path = "../parts/memory.rs"]
mod memory;
#[path = "../parts/request.rs"]
mod request;
mod server;
#[path = "../parts/words.rs"]
mod words;
mod world;
#[path = "../parts/zipf.rs"]
mod zipf;

use std::process::{Command, Stdio};

use load::{Keep, Measured};

const ATTEMPTS: &str = "2000";
const AT_ONCE: &str = "1000";
const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<usize>().expect("a whole number");
    let tell = |measured: &Measured| println!("{}", serde_json::to_string(measured).expect("a measurement is JSON"));
    match words[..] {
        ["--make", keep, attempts, at_once] => tell(&load::make(Keep::named(keep), number(attempts), number(at_once))),
        ["--serve"] => server::run(),
        ["--ask", base, attempts, at_once] => tell(&load::ask(base, number(attempts), number(at_once))),
        _ => all(),
    }
}

fn all() {
    println!("{ATTEMPTS} attempts of {} steps, {AT_ONCE} at once; medians of {ROUNDS} rounds\n", world::STEPS);
    println!(
        "{:<34} {:>9} {:>17} {:>26} {:>17}",
        "kept", "steps/s", "CPU µs a step", "memory an attempt (kB)", "file (bytes/step)"
    );
    let mut rounds: [Vec<Measured>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (keep, rounds) in Keep::ALL.into_iter().zip(&mut rounds) {
            rounds.push(again(&["--make", keep.name(), ATTEMPTS, AT_ONCE]));
        }
    }
    for (keep, rounds) in Keep::ALL.into_iter().zip(&rounds) {
        let median = |value: fn(&Measured) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        println!(
            "{:<34} {:>9.0} {:>17.1} {:>26.1} {:>17.0}",
            keep.in_words(),
            median(|measured| measured.steps_per_second),
            median(|measured| measured.cpu_us_per_step),
            median(|measured| measured.bytes_in_flight) / 1e3,
            median(|measured| measured.stored_bytes_per_step),
        );
    }
    println!("\nmemory: what the process takes at its most over what it took before, for each attempt in flight");
}

fn again(arguments: &[&str]) -> Measured {
    let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
    let output = command.args(arguments).stderr(Stdio::inherit()).output().expect("the program runs again");
    serde_json::from_slice(&output.stdout).expect("it prints one line of JSON")
}
