//! Everything that a run is made by, as one TOML file.

mod agent;
mod corpus;
mod documented;
mod evaluation;
mod filter_fields;
mod learning;
mod questions;
mod scale;
mod section;
mod student;
mod teacher;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

use std::path::Path;

use offseeker_agent_loop::Protocol;
use offseeker_curation::Recipe;
use offseeker_tools::Profile;

pub use agent::{AgentConfig, AttemptsConfig, ContextKind, RolloutsConfig};
pub use corpus::{CorpusConfig, CorpusKind, FolderCorpus, WorldCorpus};
pub use evaluation::{Contestant, EvaluationConfig};
pub use learning::{DpoConfig, PairsConfig, SftConfig};
pub use questions::{Counts, PlannedQuestions, QuestionsConfig};
pub use scale::Scale;
pub use student::{FolderStudent, FreshStudent, StudentConfig, StudentKind};
pub use teacher::{EndpointTeacher, LocalTeacher, ScriptedTeacher, TeacherConfig, TeacherKind};

use crate::PipelineError;
use section::section;

/// The longest configuration that is read, in bytes.
const LONGEST: u64 = 1 << 20;

section! {
    /// Everything that a run is made by. The default is the miniature at its small scale.
    ///
    /// ```
    /// use offseeker_pipeline::Config;
    ///
    /// let config = Config::parse("[corpus.world]\nseed = 11\n", "my.toml".as_ref())?;
    /// assert_eq!((config.corpus.world.seed, config.student.fresh.width), (11, 128));
    /// assert_eq!(Config::parse(&config.documented(), "my.toml".as_ref())?, config);
    ///
    /// let error = Config::parse("[corpus]\nsort = \"world\"\n", "my.toml".as_ref()).unwrap_err();
    /// assert!(error.to_string().starts_with("my.toml:2:1: unknown field `sort`"));
    /// # Ok::<(), offseeker_pipeline::PipelineError>(())
    /// ```
    Config {
        /// What the run is called.
        name: String = "miniature".to_owned(),
        /// What everything is drawn from that has no seed of its own.
        seed: u64 = 42,
        /// What is searched and read.
        corpus: CorpusConfig = CorpusConfig::default(),
        /// Which questions are asked.
        questions: QuestionsConfig = QuestionsConfig::default(),
        /// How all agents of the run work.
        agent: AgentConfig = AgentConfig::default(),
        /// Who teaches.
        teacher: TeacherConfig = TeacherConfig::default(),
        /// How often the teacher attempts the questions to learn from.
        attempts: AttemptsConfig = AttemptsConfig::default(),
        /// Which of its attempts are learnt from: five stages.
        filter: Recipe = filter_fields::few_words(),
        /// Who learns.
        student: StudentConfig = StudentConfig::default(),
        /// Fine-tuning on attempts that passed the filter.
        sft: SftConfig = SftConfig::default(),
        /// How the student attempts questions to learn from.
        rollouts: RolloutsConfig = RolloutsConfig::default(),
        /// Which pairs are made of the student's attempts.
        pairs: PairsConfig = PairsConfig::default(),
        /// Preference: the better attempt of each pair becomes likelier.
        dpo: DpoConfig = DpoConfig::default(),
        /// Who is measured, and how.
        evaluation: EvaluationConfig = EvaluationConfig::default(),
    }
}

impl Config {
    /// Reads a configuration. `place` is where it comes from, for errors.
    ///
    /// # Errors
    ///
    /// [`PipelineError::Config`] with line and column where it is no TOML of this form, [`PipelineError::Value`] where a
    /// value makes no sense.
    pub fn parse(text: &str, place: &Path) -> Result<Self, PipelineError> {
        let config: Self = toml::from_str(text).map_err(|error| misread(text, place, &error))?;
        config.check()?;
        Ok(config)
    }

    /// Reads a configuration from a file.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and where the file cannot be read.
    pub fn read(file: &Path) -> Result<Self, PipelineError> {
        let size = std::fs::metadata(file).map_err(PipelineError::io(file))?.len();
        if size > LONGEST {
            let what = format!("it has {size} bytes, and a configuration at most {LONGEST}");
            return Err(PipelineError::Config { file: file.to_owned(), line: 1, column: 1, what });
        }
        Self::parse(&std::fs::read_to_string(file).map_err(PipelineError::io(file))?, file)
    }

    /// Says whether one can run so.
    ///
    /// # Errors
    ///
    /// [`PipelineError::Value`], when not: the field, and what to do.
    pub fn check(&self) -> Result<(), PipelineError> {
        let world = self.corpus.kind == CorpusKind::World;
        let scripted = self.teacher.kind == TeacherKind::Scripted;
        refuse(
            world && self.corpus.world.worlds == 0,
            "corpus.world.worlds",
            "it is 0; learn from one world at least",
        )?;
        refuse(
            world && self.corpus.world.worlds > 1_000,
            "corpus.world.worlds",
            "it is above 1000, where the fresh world begins",
        )?;
        refuse(
            !world && self.corpus.folder.path.as_os_str().is_empty(),
            "corpus.folder.path",
            "it is empty; name the folder that has the pages",
        )?;
        refuse(
            !world && scripted,
            "teacher.kind",
            "a scripted teacher knows made-up encyclopedias only; use `endpoint` or `local` with a folder",
        )?;
        let endpoint = &self.teacher.endpoint;
        let asks = self.teacher.kind == TeacherKind::Endpoint;
        refuse(asks && endpoint.base_url.is_empty(), "teacher.endpoint.base_url", "it is empty; name the server")?;
        refuse(asks && endpoint.model.is_empty(), "teacher.endpoint.model", "it is empty; name the model")?;
        let is_local = self.teacher.kind == TeacherKind::Local;
        let no_folder = self.teacher.local.path.as_os_str().is_empty();
        refuse(is_local && no_folder, "teacher.local.path", "it is empty; name the folder of the model")?;
        let has_folder = self.student.kind == StudentKind::Folder;
        let no_folder = self.student.folder.path.as_os_str().is_empty();
        refuse(has_folder && no_folder, "student.folder.path", "it is empty; name the folder of the model")?;
        self.check_names()?;
        self.check_numbers()
    }

    /// Whether what is named is there.
    fn check_names(&self) -> Result<(), PipelineError> {
        let protocols = [
            ("agent.protocol", &self.agent.protocol, true),
            ("teacher.endpoint.protocol", &self.teacher.endpoint.protocol, self.teacher.kind == TeacherKind::Endpoint),
            ("teacher.local.protocol", &self.teacher.local.protocol, self.teacher.kind == TeacherKind::Local),
        ];
        for (field, name, is_used) in protocols {
            refuse(is_used && Protocol::shipped(name).is_none(), field, "no protocol of this name is shipped")?;
        }
        refuse(Profile::shipped(&self.agent.profile).is_none(), "agent.profile", "no profile of this name is shipped")?;
        let is_scripted = self.teacher.kind == TeacherKind::Scripted;
        refuse(
            is_scripted && (self.agent.protocol != "few-words" || self.agent.profile != "few-words"),
            "agent.protocol",
            "the scripted teacher speaks `few-words`, as protocol and as profile",
        )
    }

    /// Whether numbers are such that something can be made by them.
    fn check_numbers(&self) -> Result<(), PipelineError> {
        let positive = [
            ("attempts.times", self.attempts.times as usize),
            ("attempts.at_once", self.attempts.at_once),
            ("rollouts.times", self.rollouts.times as usize),
            ("rollouts.at_once", self.rollouts.at_once),
            ("evaluation.times", self.evaluation.times as usize),
            ("evaluation.at_once", self.evaluation.at_once),
            ("evaluation.temperatures", self.evaluation.temperatures.len()),
            ("sft.per_step", self.sft.per_step),
            ("dpo.per_step", self.dpo.per_step),
            ("student.fresh.width", self.student.fresh.width),
            ("student.fresh.layers", self.student.fresh.layers),
            ("student.fresh.heads", self.student.fresh.heads),
        ];
        for (field, value) in positive {
            refuse(value == 0, field, "it is 0, or empty; it has to be one at least")?;
        }
        let shares = [
            ("sft.opening", self.sft.opening),
            ("sft.chains", self.sft.chains),
            ("sft.floor", self.sft.floor),
            ("dpo.floor", self.dpo.floor),
            ("dpo.warmup", self.dpo.warmup),
            ("questions.planned.held_out", self.questions.planned.held_out),
            ("questions.planned.development", self.questions.planned.development),
        ];
        for (field, value) in shares {
            refuse(!(0.0..=1.0).contains(&value), field, "it is a share, from 0 to 1")?;
        }
        let temperatures = [
            ("attempts.temperature", self.attempts.temperature),
            ("rollouts.temperature", self.rollouts.temperature),
            ("evaluation.sampled", self.evaluation.sampled),
        ];
        let of_list = self.evaluation.temperatures.iter().map(|value| ("evaluation.temperatures", *value));
        for (field, value) in temperatures.into_iter().chain(of_list) {
            refuse(!(0.0..=10.0).contains(&value), field, "it is a temperature, from 0 to 10")?;
        }
        let levels = self.questions.planned.levels.len();
        refuse(levels != 4, "questions.planned.levels", "there are four levels; give each a weight")?;
        self.sft.settings().training.check()?;
        self.dpo.settings(String::new()).training.check()?;
        Ok(())
    }
}

fn refuse(is_wrong: bool, field: &'static str, what: &str) -> Result<(), PipelineError> {
    if is_wrong { Err(PipelineError::Value { field, what: what.to_owned() }) } else { Ok(()) }
}

/// What is wrong with a text, and where.
fn misread(text: &str, place: &Path, error: &toml::de::Error) -> PipelineError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    PipelineError::Config { file: place.to_owned(), line, column, what: error.message().to_owned() }
}
