//! `offseeker train`: trains a model on samples or pairs.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use offseeker_language_model::AdapterConfig;
use offseeker_pipeline::config::FreshStudent;
use offseeker_pipeline::stages::{self, Learning};
use offseeker_pipeline::{Config, Corpora, Corpus, Flow, RunFolder, Stage, Watch, model};

use crate::corpus;
use crate::failure::Failure;
use crate::model::check_folder;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::store::file_of;

/// Trains a model that runs here: fine-tuning on samples, preference on pairs.
///
/// Both go on after their last checkpoint when the same command is given again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker train fresh --store target/attempts.db --world target/world --out target/fresh
  offseeker train sft target/data/samples.jsonl --model-folder target/fresh --protocol few-words --out target/sft
  offseeker train dpo target/data/pairs.jsonl --model-folder target/sft/model --protocol few-words --out target/dpo
  offseeker train sft target/my-run --out target/again

Instead of a file, the folder of a run stands for its data, its model and its configuration. Rates, steps and the like are in
[sft] and [dpo] of a configuration.")]
pub(crate) struct Train {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a small model that knows nothing: its tokenizer of what was said in attempts, its weights of a seed
    Fresh {
        /// A store of attempts, or the folder of a run
        #[arg(long, value_name = "STORE")]
        store: PathBuf,
        /// A folder that `offseeker world` made, whose pages the tokenizer is made of too
        #[arg(long, value_name = "FOLDER")]
        world: Option<PathBuf>,
        /// The protocol that it will speak
        #[arg(long, value_name = "NAME", default_value = "few-words")]
        protocol: String,
        /// A configuration, of which [student.fresh] counts
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The folder of the model
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Fine-tunes a model on samples
    Sft(Lesson),
    /// Teaches a model which side of each pair is better
    Dpo(Lesson),
}

/// What is learnt, by whom.
#[derive(Debug, Args)]
struct Lesson {
    /// A file of samples or pairs, or the folder of a run
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// The folder of the model that learns
    #[arg(long, value_name = "FOLDER")]
    model_folder: Option<PathBuf>,
    /// The folder of the training: metrics, checkpoints, and the model in `model`
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// The protocol in which the attempts were made
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,
    /// A configuration, of which [sft] or [dpo] counts
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// An adapter of this rank learns, instead of all weights
    #[arg(long, value_name = "RANK")]
    rank: Option<usize>,
    /// How much the adapter counts, before that is divided by its rank
    #[arg(long, value_name = "ALPHA", default_value_t = 32.0)]
    alpha: f64,
    /// The learning rate at its highest
    #[arg(long, value_name = "RATE")]
    rate: Option<f64>,
    /// How many times the data are gone through
    #[arg(long, value_name = "N")]
    epochs: Option<u64>,
}

impl Train {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Fresh { store, world, protocol, config, out } => {
                let config = read(config.as_deref())?;
                fresh(store, world.as_deref(), protocol, &config.student.fresh, out, session).await
            }
            Command::Sft(lesson) => {
                let (data, learning, config) = lesson.ready("samples.jsonl", "untrained")?;
                let mut sft = config.sft;
                sft.rate = lesson.rate.unwrap_or(sft.rate);
                sft.epochs = lesson.epochs.unwrap_or(sft.epochs);
                learnt(session.watch(Stage::Sft), learning, move |learning, watch| {
                    stages::learn(&data, learning, &sft, watch)
                })
                .await
            }
            Command::Dpo(lesson) => {
                let (data, learning, config) = lesson.ready("pairs.jsonl", "sft")?;
                let mut dpo = config.dpo;
                dpo.rate = lesson.rate.unwrap_or(dpo.rate);
                dpo.epochs = lesson.epochs.unwrap_or(dpo.epochs);
                learnt(session.watch(Stage::Dpo), learning, move |learning, watch| {
                    stages::prefer(&data, learning, &dpo, watch)
                })
                .await
            }
        }
    }
}

impl Lesson {
    /// The data, the training and the configuration. The folder of a run has all of them.
    fn ready(&self, file: &str, taught: &str) -> Result<(PathBuf, Learning, Config), Failure> {
        let run = RunFolder::new(&self.data);
        let is_run = run.config().exists();
        let config = match &self.config {
            None if is_run => run.read_config()?,
            other => read(other.as_deref())?,
        };
        let data = if is_run { run.data(file) } else { self.data.clone() };
        if !data.is_file() {
            return Err(Failure::new(format!("{} is no file of training data", data.display()))
                .hint("`offseeker curate` makes samples.jsonl and pairs.jsonl"));
        }
        let of_run = || {
            is_run.then(|| {
                if taught == "untrained" { run.training(taught) } else { model::trained(&run.training(taught)) }
            })
        };
        let missing = || {
            Failure::usage("no model is named").hint("add --model-folder; `offseeker train fresh` makes a small one")
        };
        let folder = self.model_folder.clone().or_else(of_run).ok_or_else(missing)?;
        check_folder(&folder)?;
        let adapter = self
            .rank
            .filter(|rank| *rank > 0)
            .map(|rank| (AdapterConfig { alpha: self.alpha, ..AdapterConfig::new(rank) }, 1));
        let protocol = self.protocol.clone().unwrap_or_else(|| config.agent.protocol.clone());
        Ok((data, Learning { model: folder, protocol, adapter, to: self.out.clone() }, config))
    }
}

fn read(config: Option<&Path>) -> Result<Config, Failure> {
    Ok(match config {
        Some(file) => Config::read(file)?,
        None => Config::default(),
    })
}

/// Trains where nothing else waits, and says what came of it.
async fn learnt(
    watch: Watch,
    learning: Learning,
    train: impl FnOnce(&Learning, &Watch) -> Result<Flow, offseeker_pipeline::PipelineError> + Send + 'static,
) -> Result<Outcome, Failure> {
    let to = learning.to.clone();
    std::fs::create_dir_all(&to).map_err(Failure::io(&to))?;
    let flow = tokio::task::spawn_blocking(move || train(&learning, &watch)).await??;
    if flow.went == 0 {
        return Ok(Outcome::done("there is no pair, so nothing was learnt").with("flow", flow).lacking(true));
    }
    let steps = flow.counted.get("steps").copied().unwrap_or_default();
    let said = format!("{steps} steps over {} of the data", flow.came);
    Ok(Outcome::done(said).with("flow", flow).made("model", &model::trained(&to)))
}

async fn fresh(
    store: &Path,
    world: Option<&Path>,
    protocol: &str,
    config: &FreshStudent,
    out: &Path,
    session: &Session,
) -> Result<Outcome, Failure> {
    let store = file_of(store);
    if !store.exists() {
        return Err(Failure::new(format!("{} is no store: there is no such file", store.display()))
            .hint("`offseeker attempt QUESTIONS --store FILE` makes one"));
    }
    let learnt = match world {
        Some(folder) => vec![Corpus::of_world(corpus::world(folder)?, 3)],
        None => Vec::new(),
    };
    let corpora = Corpora { learnt, fresh: None };
    let flow = stages::student(&store, &corpora, protocol, config, out, &session.watch(Stage::Student)).await?;
    let of = |what: &str| flow.counted.get(what).copied().unwrap_or_default();
    let said = format!("{} weights, {} tokens", of("weights"), of("tokens"));
    Ok(Outcome::done(said).with("flow", &flow).made("model", out))
}
