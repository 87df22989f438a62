//! How does a model learn which of two attempts is better? Trains the model of `train_sft` by preference.
//!
//! ```sh
//! cargo run --release --example train_sft
//! cargo run --release --example train_dpo
//! cargo run --release --example train_dpo -- MODEL FOLDER
//! ```
//!
//! A teacher with faults attempts each question eight times; the best attempts are paired with the worst, as `curation`
//! ranks them. Only what the model said counts, on both sides. The run is in FOLDER, or in `target/train_dpo`. Ctrl-C stops
//! it with a checkpoint, and the same command goes on from there.

#[path = "parts/lessons.rs"]
mod lessons;

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use offseeker::curation::{Digester, PairRules, pair_up};
use offseeker::language_model::{Tokenizer, Weights};
use offseeker::toy_world::{Category, Part, TeacherOptions};
use offseeker::trainer::losses::{PreferenceLoss, PreferenceObjective};
use offseeker::trainer::metrics::read_metrics;
use offseeker::trainer::plot;
use offseeker::trainer::schedule::{Schedule, Warmup};
use offseeker::trainer::{
    Batching, Counted, Dpo, Engine, HeldOutPairs, Length, PerStep, Progress, Reading, Run, SequencePairs, Training,
    dpo, rendering, stop_on_signals,
};
use offseeker::trajectory::{Pair, Trajectory};

const STEPS: u64 = 30;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let model = arguments.next().unwrap_or_else(|| PathBuf::from("target/train_sft/model"));
    let folder = arguments.next().unwrap_or_else(|| PathBuf::from("target/train_dpo"));
    if !model.join("config.json").exists() {
        eprintln!("error: there is no model in {}; `--example train_sft` makes one", model.display());
        return ExitCode::FAILURE;
    }
    match train(&model, &folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn train(model: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let renderer = lessons::renderer(Tokenizer::load(model)?)?;
    let world = lessons::world()?;
    let faults =
        TeacherOptions { seed: 1, guess: 0.9, detour: 0.2, wrong_hypothesis: 0.2, loops: 0.1, malformed: 0.05 };
    let categories = [Category::TwoHops, Category::ClueTwoHops];
    let made = |part, questions| lessons::attempts(&world, &categories, part, questions, 8, faults);
    let sequences = |attempts: &[Trajectory], place: &str| -> Result<SequencePairs, Box<dyn Error>> {
        let pairs = pairs(attempts)?;
        Ok(SequencePairs::of_pairs(&pairs, &renderer, &Reading::default(), Counted::Written, Path::new(place))?)
    };
    let data = sequences(&made(Part::Train, 120).await?, "attempts")?;
    let held_out = sequences(&made(Part::HeldOut, 30).await?, "held-out attempts")?;
    println!("{} pairs, {} of them held out", data.all().len() + held_out.all().len(), held_out.all().len());

    let mut policy = Engine::whole(Weights::read(model)?);
    // A little of the likelihood of the better side keeps what was learnt before.
    let losses = vec![(PreferenceLoss::Sigmoid, 1.0), (PreferenceLoss::Sft, 0.2)];
    let training = Training {
        length: Length::Steps(STEPS),
        batching: Batching { per_step: PerStep::Sequences(4), tokens_at_once: 4096, ..Batching::default() },
        schedule: Schedule { warmup: Warmup::Steps(5), ..Schedule::cosine(5e-5, 5e-6) },
        ..Training::default()
    };
    let objective = PreferenceObjective { losses, ..PreferenceObjective::default() };
    let held_out = HeldOutPairs::new(&mut policy, held_out, &objective, 4096)?;
    let settings = Dpo { objective, training, rendering: rendering(&renderer) };
    let mut progress = Progress::new(STEPS);
    let run = Run::new(folder)
        .stopped_by(&stop_on_signals()?)
        .watched_by(|metrics| progress.show(metrics))
        .looking(10, |policy| held_out.look(policy));
    let outcome = dpo(&mut policy, None, &data, &settings, run)?;

    let rows = read_metrics(&folder.join("metrics.jsonl"))?;
    plot::draw(&rows, &folder.join("loss.svg"))?;
    for alarm in &outcome.alarms {
        println!("note: {alarm}");
    }
    let Some(model) = outcome.model else {
        println!("stopped after step {}; the same command goes on", outcome.steps);
        return Ok(());
    };
    renderer.tokenizer().save(&model)?;
    println!("{} and {}", model.display(), folder.join("loss.svg").display());
    Ok(())
}

/// The best attempts at each question, each with one of the worst.
fn pairs(attempts: &[Trajectory]) -> Result<Vec<Pair>, Box<dyn Error>> {
    let digester = Digester::default();
    let digests: Vec<_> = attempts.iter().map(|attempt| digester.digest(attempt)).collect();
    let by_id: HashMap<_, _> = attempts.iter().map(|attempt| (&attempt.id, attempt)).collect();
    let rules = PairRules::default();
    let paired = pair_up(&digests, &rules);
    println!("{}", paired.report());
    let mut pairs = Vec::new();
    for planned in &paired.planned {
        // A pair that cannot be cut, because the two do not part, teaches nothing.
        pairs.extend(planned.cut(by_id[&planned.chosen], by_id[&planned.rejected], &rules, None).ok());
    }
    Ok(pairs)
}
