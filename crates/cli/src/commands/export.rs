//! `offseeker export`: writes attempts, samples or pairs in formats of others.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use futures::TryStreamExt;
use offseeker_trajectory::{Pair, Sample};
use offseeker_trajectory_store::formats::{Branches, Format, LineWriter, PairFormat, SampleFormat, write_dataset_info};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};

use crate::failure::Failure;
use crate::lines;
use crate::outcome::Outcome;
use crate::store::StoreArguments;

/// Writes attempts, samples or pairs in formats of others, for TRL, LLaMA-Factory, verl and the like.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker export attempts --store target/attempts.db --format openai --out attempts.jsonl
  offseeker export samples target/data/samples.jsonl --format trl --out sft.jsonl
  offseeker export pairs target/data/pairs.jsonl --format sharegpt --out llama-factory/dpo.jsonl

A name that ends in .zst is packed. With sharegpt, LLaMA-Factory's dataset_info.json is written beside.
Formats of attempts: offseeker, openai, sharegpt, trl, offseeker-result, offseeker-run, tongyi, openseeker, openresearcher,
webdancer.")]
pub(crate) struct Export {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Attempts of a store
    Attempts {
        #[command(flatten)]
        store: StoreArguments,
        /// The format
        #[arg(long, value_name = "FORMAT", default_value = "openai")]
        format: String,
        /// The file that is made
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Writes every conversation that was kept, not the last one of each attempt alone
        #[arg(long)]
        all_branches: bool,
    },
    /// Samples
    Samples {
        /// A file of samples, as `offseeker curate` makes it
        #[arg(value_name = "SAMPLES")]
        samples: PathBuf,
        /// The format
        #[arg(long, value_enum, default_value = "trl")]
        format: OfSamples,
        /// The file that is made
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Pairs
    Pairs {
        /// A file of pairs, as `offseeker curate` makes it
        #[arg(value_name = "PAIRS")]
        pairs: PathBuf,
        /// The format
        #[arg(long, value_enum, default_value = "trl")]
        format: OfPairs,
        /// The file that is made
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OfSamples {
    /// Ours, which keeps everything
    Offseeker,
    /// OpenAI's messages
    Openai,
    /// ShareGPT as LLaMA-Factory reads it
    Sharegpt,
    /// TRL's conversations
    Trl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OfPairs {
    /// Ours, which keeps everything
    Offseeker,
    /// ShareGPT as LLaMA-Factory reads it
    Sharegpt,
    /// TRL's preferences
    Trl,
}

impl Export {
    pub(crate) async fn run(&self) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Attempts { store, format, out, all_branches } => attempts(store, format, out, *all_branches).await,
            Command::Samples { samples, format, out } => {
                let to = match format {
                    OfSamples::Offseeker => SampleFormat::Offseeker,
                    OfSamples::Openai => SampleFormat::OpenAi,
                    OfSamples::Sharegpt => SampleFormat::ShareGpt,
                    OfSamples::Trl => SampleFormat::Trl,
                };
                let rows: Vec<Sample> = lines::read(samples, "sample")?;
                let written = rows.iter().map(|sample| to.write(sample));
                finish(written, out, (*format == OfSamples::Sharegpt).then_some(false))
            }
            Command::Pairs { pairs, format, out } => {
                let to = match format {
                    OfPairs::Offseeker => PairFormat::Offseeker,
                    OfPairs::Sharegpt => PairFormat::ShareGpt,
                    OfPairs::Trl => PairFormat::Trl,
                };
                let rows: Vec<Pair> = lines::read(pairs, "pair")?;
                let written = rows.iter().map(|pair| to.write(pair));
                finish(written, out, (*format == OfPairs::Sharegpt).then_some(true))
            }
        }
    }
}

async fn attempts(store: &StoreArguments, format: &str, out: &Path, all: bool) -> Result<Outcome, Failure> {
    let format = Format::named(format).ok_or_else(|| {
        let names = Format::ALL.map(Format::name).join(", ");
        Failure::usage(format!("there is no format {format:?}")).hint(format!("there are {names}"))
    })?;
    let store = store.open_existing().await?;
    let branches = if all { Branches::Kept } else { Branches::Main };
    make_room(out)?;
    let mut file = LineWriter::create(out)?;
    let mut attempts = store.trajectories(&Filter::default());
    while let Some(attempt) = attempts.try_next().await? {
        file.write_all(format.write(&attempt, branches)?)?;
    }
    let rows = file.finish()?;
    Ok(Outcome::done(format!("{rows} rows")).with("rows", rows).made("file", out))
}

/// Writes rows. A ranking, or none, is said in the description of LLaMA-Factory, where that is wanted.
fn finish<E: std::error::Error + 'static>(
    written: impl Iterator<Item = Result<String, E>>,
    out: &Path,
    ranking: Option<bool>,
) -> Result<Outcome, Failure> {
    make_room(out)?;
    let mut file = LineWriter::create(out)?;
    for (number, row) in (1..).zip(written) {
        file.write(&row.map_err(|error| {
            let failure = Failure::from(error);
            Failure { what: format!("row {number}: {}", failure.what), ..failure }
        })?)?;
    }
    let rows = file.finish()?;
    let outcome = Outcome::done(format!("{rows} rows")).with("rows", rows).made("file", out);
    let (Some(ranking), Some(name)) = (ranking, out.file_name().and_then(|name| name.to_str())) else {
        return Ok(outcome);
    };
    let folder = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dataset = name.split('.').next().unwrap_or(name);
    write_dataset_info(folder, dataset, name, ranking)?;
    Ok(outcome.made("description", &folder.join("dataset_info.json")))
}

fn make_room(file: &Path) -> Result<(), Failure> {
    match file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => std::fs::create_dir_all(parent).map_err(Failure::io(parent)),
        None => Ok(()),
    }
}
