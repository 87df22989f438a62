//! How do I train a model of my own? A small convolutional one in candle, by the same function as Qwen3.
//!
//! `cargo run --release --example my_model` takes the lessons of `train_sft`, trains for a minute, and draws
//! `target/my_model/loss.svg`.

#[path = "parts/lessons.rs"]
mod lessons;

use std::error::Error;
use std::path::Path;

use candle_core::{Device, Result, Tensor, Var};
use offseeker::language_model::Batch;
use offseeker::toy_world::{Category, Part, TeacherOptions};
use offseeker::trainer::metrics::read_metrics;
use offseeker::trainer::plot;
use offseeker::trainer::schedule::{Schedule, Warmup};
use offseeker::trainer::{
    AdamW, Batching, CandleModel, CandlePolicy, Length, Padded, PerStep, Progress, Reading, Run, Sequences, Sft,
    Training, held_out_loss, sft, stop_on_signals,
};

const STEPS: u64 = 120;

/// Each layer looks at a token and at one that lies some places before it, each layer further back than the one before.
#[derive(Debug)]
struct Convolutions {
    embedding_vd: Var,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    now_dh: Var,
    before_dh: Var,
    out_hd: Var,
    back: usize,
}

impl Convolutions {
    fn new(vocabulary: usize, width: usize, reaches: &[usize]) -> Result<Self> {
        let var =
            |rows: usize, columns: usize| Var::randn(0_f32, 0.7 / (rows as f32).sqrt(), (rows, columns), &Device::Cpu);
        let layer = |back: &usize| {
            let (now_dh, before_dh, out_hd) = (var(width, 2 * width)?, var(width, 2 * width)?, var(2 * width, width)?);
            Ok(Layer { now_dh, before_dh, out_hd, back: *back })
        };
        let embedding_vd = Var::randn(0_f32, 0.1, (vocabulary, width), &Device::Cpu)?;
        Ok(Self { embedding_vd, layers: reaches.iter().map(layer).collect::<Result<_>>()? })
    }
}

impl Layer {
    fn forward(&self, stream_btd: &Tensor) -> Result<Tensor> {
        let (sequences, longest, width) = stream_btd.dims3()?;
        let back = self.back.min(longest);
        let nothing = Tensor::zeros((sequences, back, width), stream_btd.dtype(), stream_btd.device())?;
        let before_btd = Tensor::cat(&[&nothing, &stream_btd.narrow(1, 0, longest - back)?], 1)?;
        let hidden = stream_btd.broadcast_matmul(&self.now_dh)? + before_btd.broadcast_matmul(&self.before_dh)?;
        stream_btd + hidden?.silu()?.broadcast_matmul(&self.out_hd)?
    }
}

impl CandleModel for Convolutions {
    fn log_probabilities(&self, batch: &Batch) -> Result<Tensor> {
        let padded = Padded::of(batch, &Device::Cpu)?;
        let (sequences, longest) = padded.tokens_bt.dims2()?;
        let tokens = padded.tokens_bt.flatten_all()?;
        let mut stream_btd = self.embedding_vd.embedding(&tokens)?.reshape((sequences, longest, ()))?;
        for layer in &self.layers {
            stream_btd = layer.forward(&stream_btd)?;
        }
        padded.log_probabilities(&stream_btd, &self.embedding_vd)
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let mut all = vec![("embedding".to_owned(), self.embedding_vd.clone())];
        for (number, layer) in self.layers.iter().enumerate() {
            for (name, var) in [("now", &layer.now_dh), ("before", &layer.before_dh), ("out", &layer.out_hd)] {
                all.push((format!("layers.{number}.{name}"), var.clone()));
            }
        }
        all
    }
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let (world, folder) = (lessons::world()?, Path::new("target/my_model"));
    let made =
        |part, questions| lessons::attempts(&world, &[Category::OneHop], part, questions, 1, TeacherOptions::default());
    let (attempts, held_out) = (made(Part::Train, 400).await?, made(Part::HeldOut, 20).await?);
    let renderer = lessons::renderer(lessons::tokenizer(&attempts)?)?;
    let sequences =
        |samples: &[_], place: &str| Sequences::of_samples(samples, &renderer, &Reading::default(), Path::new(place));
    let data = sequences(&lessons::right_samples(&attempts)?, "attempts")?;
    let held_out = sequences(&lessons::right_samples(&held_out)?, "held-out attempts")?;

    let model = Convolutions::new(renderer.tokenizer().vocabulary(), 64, &[1, 2, 4, 8, 16, 32])?;
    let mut policy = CandlePolicy::new(model, "convolutions")?;
    let training = Training {
        length: Length::Steps(STEPS),
        batching: Batching { per_step: PerStep::Sequences(2), tokens_at_once: 2048, ..Batching::default() },
        schedule: Schedule { warmup: Warmup::Steps(10), ..Schedule::cosine(3e-3, 1e-4) },
        optimiser: AdamW { weight_decay: 0.01, ..AdamW::default() },
        ..Training::default()
    };
    let mut progress = Progress::new(STEPS);
    let run = Run::new(folder)
        .stopped_by(&stop_on_signals()?)
        .watched_by(|metrics| progress.show(metrics))
        .looking(30, |policy| Ok([("held_out_loss".to_owned(), held_out_loss(policy, &held_out, 2048)?)].into()));
    let outcome = sft(&mut policy, &data, &Sft { training, ..Sft::default() }, run)?;
    plot::draw(&read_metrics(&folder.join("metrics.jsonl"))?, &folder.join("loss.svg"))?;
    println!("{} steps; {}", outcome.steps, folder.join("loss.svg").display());
    Ok(())
}
