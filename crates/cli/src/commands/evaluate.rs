//! `offseeker evaluate`: measures an agent on a benchmark.

use std::path::PathBuf;

use clap::Args;
use offseeker_agent_loop::run;
use offseeker_evaluation::runs::{Event, Watcher};
use offseeker_evaluation::{Benchmark, Contestant, Evaluation, Format, Subset};
use offseeker_trajectory::Question;

use crate::corpus::CorpusArguments;
use crate::date::today;
use crate::failure::Failure;
use crate::graders::GraderArguments;
use crate::lines;
use crate::model::ModelArguments;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::store::StoreArguments;
use crate::toolset::AgentArguments;

/// Measures an agent on a benchmark that you have as a file, or on questions.
///
/// Attempts, verdicts and grades are in the store; the same command goes on where it was. What is sealed in its file is
/// sealed in the store.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker evaluate target/world/questions/test.jsonl --world target/world --model-folder target/sft/model --protocol few-words --store target/evaluation.db
  offseeker evaluate browsecomp.csv --format browsecomp --web brave --base-url http://localhost:8000/v1 --model qwen3 --judge browsecomp --store target/browsecomp.db

Formats: questions, gaia, browsecomp, browsecomp-zh, browsecomp-plus, browsecomp-plus-decrypted, hle, xbench, webwalkerqa,
frames, search-r1, plain. Ends with 4 where more was lost than the report allows.")]
pub(crate) struct Evaluate {
    /// The file of the benchmark
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What its rows are
    #[arg(long, value_name = "FORMAT", default_value = "questions")]
    format: String,
    #[command(flatten)]
    store: StoreArguments,
    #[command(flatten)]
    corpus: CorpusArguments,
    #[command(flatten)]
    model: ModelArguments,
    #[command(flatten)]
    agent: AgentArguments,
    #[command(flatten)]
    graders: GraderArguments,
    /// What the contestant is called in the report
    #[arg(long, value_name = "NAME", default_value = "agent")]
    name: String,
    /// Measures the same model without tools, asked for its answer at once, beside it
    #[arg(long)]
    closed_book: bool,
    /// How many attempts there are at each question
    #[arg(long, value_name = "N", default_value_t = 1)]
    times: u32,
    /// How many attempts are made at once
    #[arg(long, value_name = "N", default_value_t = 8)]
    at_once: usize,
    /// The first questions alone
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// A label of the questions that there are figures by; may be given several times
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// The hash that the list of questions has to have
    #[arg(long, value_name = "HASH")]
    pinned: Option<String>,
    /// The date that the report names; today, where it is not said
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Writes the report as JSON too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Evaluate {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let benchmark = self.benchmark()?;
        let sources = self.corpus.opened()?;
        let missing = || Failure::usage("no model is named").hint("add --base-url and --model, or --model-folder");
        let model = self.model.open(self.agent.protocol_name(false), self.agent.window)?.ok_or_else(missing)?;
        let agent = self.agent.agent(model, &sources, false, session).await?;
        let store = self.store.open().await?;
        let hash = benchmark.hash();

        let mut evaluation = Evaluation::new(benchmark, store, self.date.clone().unwrap_or_else(today));
        if self.closed_book {
            let beside = "closed book";
            evaluation = evaluation.between(Contestant::closed_book(beside, self.agent.seed, agent.clone())?);
            evaluation = evaluation.comparing(beside, &self.name);
        }
        evaluation = evaluation.between(Contestant::of(&self.name, self.agent.seed, agent)?);
        evaluation = self.graders.open(&self.model)?.into_iter().fold(evaluation, Evaluation::graded_by);
        (evaluation.attempts, evaluation.at_once, evaluation.labels) = (self.times, self.at_once, self.labels.clone());
        evaluation.stop = session.stop.clone();
        evaluation.watcher = watcher(session);
        let report = match Box::pin(evaluation.run()).await {
            _ if session.stop.is_asked() => return Err(Failure::stopped()),
            report => report?,
        };
        let json = report.json();
        let facts: serde_json::Value = serde_json::from_str(&json).expect("a report is JSON");
        let outcome = Outcome::done(report.to_string()).with("questions", hash).with("report", facts);
        let outcome = outcome.lacking(!report.is_sound());
        let Some(out) = &self.out else { return Ok(outcome) };
        offseeker_durable::write(out, format!("{json}\n").as_bytes()).map_err(Failure::io(out))?;
        Ok(outcome.made("file", out))
    }

    fn benchmark(&self) -> Result<Benchmark, Failure> {
        let benchmark = if self.format == "questions" {
            let questions: Vec<Question> = lines::read(&self.file, "question")?;
            let name = self
                .file
                .file_stem()
                .map_or_else(|| "questions".to_owned(), |name| name.to_string_lossy().into_owned());
            Benchmark::of(name, questions)?
        } else {
            let format = Format::named(&self.format).ok_or_else(|| {
                let names = Format::ALL.map(Format::name).join(", ");
                Failure::usage(format!("there is no format {:?}", self.format))
                    .hint(format!("there are questions, {names}"))
            })?;
            format.read(&self.file)?
        };
        let benchmark = match self.limit {
            Some(count) => benchmark.subset(&Subset::First { count })?,
            None => benchmark,
        };
        Ok(match &self.pinned {
            Some(hash) => benchmark.pinned_to(hash)?,
            None => benchmark,
        })
    }
}

/// Tells how far it is.
fn watcher(session: &Session) -> Watcher {
    let session = session.clone();
    Watcher::new(move |event| match event {
        Event::Attempting { contestant, event: run::Event::Progress(pace) } => {
            session.note(format!("{contestant}: {pace}"));
        }
        Event::Retrying { contestant, lost } => session.note(format!("{contestant}: {lost} attempts are made anew")),
        Event::Measured { contestant } => session.note(format!("{contestant}: done")),
        _ => {}
    })
}
