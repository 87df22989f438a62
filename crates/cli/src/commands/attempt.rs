//! `offseeker attempt`: lets an agent attempt questions.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use futures::stream;
use offseeker_agent_loop::Run;
use offseeker_agent_loop::run::Event;
use offseeker_chat::ChatModel;
use offseeker_pipeline::{QuestionFiles, Set};
use offseeker_toy_world::{Task, Teacher, TeacherOptions};
use offseeker_trajectory::Question;

use crate::corpus::{CorpusArguments, Sources};
use crate::failure::Failure;
use crate::lines;
use crate::model::ModelArguments;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::store::StoreArguments;
use crate::toolset::AgentArguments;

/// Lets an agent attempt questions, into a store.
///
/// The same command goes on where it was: attempts that have ended are not made again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker attempt questions.jsonl --index target/index --base-url http://localhost:8000/v1 --model qwen3 --store target/attempts.db
  offseeker attempt target/world/questions/train.jsonl --world target/world --scripted --times 4 --store target/attempts.db
  offseeker attempt target/world/questions/test.jsonl --world target/world --model-folder target/sft/model --protocol few-words --store target/student.db

A line of questions has at least id, text and answers: {\"id\": \"q1\", \"text\": \"...\", \"answers\": [{\"text\": \"...\"}]}")]
pub(crate) struct Attempt {
    /// A file of JSON lines, each of them a question
    #[arg(value_name = "QUESTIONS")]
    questions: PathBuf,
    #[command(flatten)]
    store: StoreArguments,
    #[command(flatten)]
    corpus: CorpusArguments,
    #[command(flatten)]
    model: ModelArguments,
    /// The scripted teacher of a made-up encyclopedia, who knows the plans beside the questions
    #[arg(long, requires = "world", conflicts_with_all = ["base_url", "model_folder"])]
    scripted: bool,
    /// How often the scripted teacher takes the first hit without checking it
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    guess: f64,
    /// How often the scripted teacher does again what it did before
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    loops: f64,
    #[command(flatten)]
    agent: AgentArguments,
    /// How many times each question is attempted
    #[arg(long, value_name = "N", default_value_t = 1)]
    times: u32,
    /// How many attempts are made at once
    #[arg(long, value_name = "N", default_value_t = 8)]
    at_once: usize,
    /// The first questions alone
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// What the run is called; another name begins anew
    #[arg(long, value_name = "NAME", default_value = "attempts")]
    name: String,
}

impl Attempt {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let mut questions: Vec<Question> = lines::read(&self.questions, "question")?;
        questions.truncate(self.limit.unwrap_or(usize::MAX));
        let sources = self.corpus.opened()?;
        let model = self.model(&sources)?;
        let agent = self.agent.agent(model, &sources, self.scripted, session).await?;
        let store = self.store.open().await?;
        let manifest = agent.manifest(&self.name, self.agent.seed)?;
        let run_id = manifest.id()?;
        let told = session.clone();
        let run = Run::new(agent, store, manifest)
            .attempting(self.times)
            .at_once(self.at_once)
            .mending_failures()
            .stopped_by(session.stop.clone())
            .telling(move |event| {
                if let Event::Progress(pace) = event {
                    told.note(pace);
                }
            });
        let asked = questions.len();
        let summary = Box::pin(run.attempt_all(stream::iter(questions))).await?;
        if summary.was_stopped {
            return Err(Failure::stopped());
        }
        let progress = summary.progress;
        let ended: Vec<String> = summary.ended.iter().map(|(why, count)| format!("{count} {why}")).collect();
        let mut said = format!("{asked} questions, {} attempts", progress.ended);
        if !ended.is_empty() {
            said.push_str(&format!("; here: {}", ended.join(", ")));
        }
        // What failed through no fault of its own is made again by the same command.
        let is_failure = |why: &str| why.ends_with("_failure") || why == "crashed";
        let failed: u64 = summary.ended.iter().filter(|(why, _)| is_failure(why)).map(|(_, count)| count).sum();
        let outcome = Outcome::done(said).with("questions", asked).with("attempts", progress.ended);
        let outcome = outcome.with("ended", &summary.ended).with("usage", summary.usage).with("run", run_id);
        Ok(outcome
            .with("store", self.store.store.display().to_string())
            .lacking(failed > 0 || progress.ended < progress.planned))
    }

    fn model(&self, sources: &Sources) -> Result<Arc<dyn ChatModel>, Failure> {
        if self.scripted {
            return self.teacher(sources);
        }
        let missing = || {
            Failure::usage("no model is named")
                .hint("add --base-url and --model, --model-folder, or --scripted with --world")
        };
        self.model.open(self.agent.protocol_name(false), self.agent.window)?.ok_or_else(missing)
    }

    /// The teacher, who knows the plans of the questions in the same folder.
    fn teacher(&self, sources: &Sources) -> Result<Arc<dyn ChatModel>, Failure> {
        let Some(world) = &sources.world else { return Err(Failure::usage("--scripted goes with --world")) };
        let folder = self.questions.parent().unwrap_or(std::path::Path::new("."));
        let named = self.questions.file_stem().and_then(|name| name.to_str());
        let set = Set::ALL.into_iter().find(|set| Some(set.as_str()) == named);
        let planned = match set {
            Some(set) => QuestionFiles::new(folder).planned(set)?,
            None => Vec::new(),
        };
        if planned.is_empty() {
            return Err(Failure::new(format!("the plans of {} are not known", self.questions.display())).hint(
                "a scripted teacher attempts files that `offseeker world` or `offseeker questions --world` made: train.jsonl, test.jsonl",
            ));
        }
        let tasks: Vec<Task> = planned.into_iter().map(|it| Task { question: it.question, plan: it.plan }).collect();
        let (guess, loops, seed) = (self.guess, self.loops, self.agent.seed);
        let options = TeacherOptions { seed, guess, loops, ..TeacherOptions::default() };
        let teacher = Teacher::new(world.clone(), &tasks, options);
        let is_brief = self.agent.protocol_name(true).starts_with("few-words");
        Ok(Arc::new(if is_brief { teacher.in_few_words() } else { teacher }))
    }
}
