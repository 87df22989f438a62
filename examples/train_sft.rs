//! How does a model learn from what an agent did? Fine-tunes a small Qwen3 from scratch.
//!
//! ```sh
//! cargo run --release --example train_sft
//! cargo run --release --example train_sft -- FOLDER
//! ```
//!
//! A teacher attempts questions of a made-up world; what it said in the attempts that were right is learnt from. The run is
//! in FOLDER, or in `target/train_sft`: metrics, checkpoints, the model, and `loss.svg`. Ctrl-C stops it with a checkpoint,
//! and the same command goes on from there.

#[path = "parts/lessons.rs"]
mod lessons;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use offseeker::language_model::{GenerateOptions, Network, Sampling, generate};
use offseeker::toy_world::{Category, Part, TeacherOptions};
use offseeker::trainer::metrics::read_metrics;
use offseeker::trainer::plot;
use offseeker::trainer::schedule::{Schedule, Warmup};
use offseeker::trainer::{
    AdamW, Batching, Engine, Length, Order, PerStep, Progress, Reading, Run, Sequences, Sft, Training, held_out_loss,
    sft, stop_on_signals,
};
use offseeker::trajectory::Message;

const STEPS: u64 = 800;

#[tokio::main]
async fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/train_sft"), PathBuf::from);
    match train(&folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn train(folder: &Path) -> Result<(), Box<dyn Error>> {
    // What is learnt from, and what is held out: questions about other things.
    let world = lessons::world()?;
    let categories = [Category::OneHop];
    let made = |part, questions| lessons::attempts(&world, &categories, part, questions, 1, TeacherOptions::default());
    let (attempts, held_out) = (made(Part::Train, 700).await?, made(Part::HeldOut, 30).await?);
    let renderer = lessons::renderer(lessons::tokenizer(&attempts)?)?;
    let sequences =
        |samples: &[_], place: &str| Sequences::of_samples(samples, &renderer, &Reading::default(), Path::new(place));
    let data = sequences(&lessons::right_samples(&attempts)?, "attempts")?;
    let held_out = sequences(&lessons::right_samples(&held_out)?, "held-out attempts")?;
    println!("{} sequences, {} tokens, {} of them learnt", data.all().len(), data.tally().tokens, data.tally().learnt);

    // A model of half a million weights, which all learn.
    let weights = lessons::fresh(renderer.tokenizer().vocabulary(), 96, 3)?;
    println!("{} weights", weights.values().len());
    let mut policy = Engine::whole(weights);
    let training = Training {
        length: Length::Steps(STEPS),
        batching: Batching { per_step: PerStep::Sequences(2), order: Order::Shuffled, tokens_at_once: 2048 },
        schedule: Schedule { warmup: Warmup::Steps(20), ..Schedule::cosine(2e-3, 1e-4) },
        optimiser: AdamW { beta2: 0.98, weight_decay: 0.05, ..AdamW::default() },
        ..Training::default()
    };
    let settings = Sft { training, ..Sft::default() };
    let mut progress = Progress::new(STEPS);
    let run = Run::new(folder)
        .stopped_by(&stop_on_signals()?)
        .watched_by(|metrics| progress.show(metrics))
        .looking(100, |policy| Ok([("held_out_loss".to_owned(), held_out_loss(policy, &held_out, 2048)?)].into()));
    let outcome = sft(&mut policy, &data, &settings, run)?;

    plot::draw(&read_metrics(&folder.join("metrics.jsonl"))?, &folder.join("loss.svg"))?;
    let Some(model) = outcome.model else {
        println!("stopped after step {}; the same command goes on", outcome.steps);
        return Ok(());
    };
    renderer.tokenizer().save(&model)?;
    println!("{} and {}", model.display(), folder.join("loss.svg").display());

    // What it says to a question that it has not seen.
    let question = world.tasks(Category::OneHop, Part::HeldOut, 1, 9)?.remove(0).question;
    let prompt = renderer.prompt(&[Message::system("Look it up."), Message::user(&question.text)], &[])?;
    let ends = renderer.tokenizer().ends().to_vec();
    let options = GenerateOptions { sampling: Sampling::greedy(), most_tokens: 120, ends };
    let said = generate(&Network::new(policy.weights()), &[prompt], &options, &mut |_, _| true)?;
    let tokens: Vec<u32> = said[0].tokens.iter().map(|sampled| sampled.token).collect();
    println!("\n{}\n{}", question.text, renderer.tokenizer().decode_text(&tokens)?);
    Ok(())
}
