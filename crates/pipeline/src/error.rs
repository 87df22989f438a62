//! Why a run cannot go on.

use std::io;
use std::path::{Path, PathBuf};

use offseeker_agent_loop::run::RunError;
use offseeker_chat::ChatError;
use offseeker_curation::CurationError;
use offseeker_entity_graph::GraphError;
use offseeker_grading::GradeError;
use offseeker_language_model::{DialogueError, LocalError, NetworkError, TokenizerError};
use offseeker_question_synthesis::SynthesisError;
use offseeker_search::{CorpusError, IndexError};
use offseeker_tools::KitError;
use offseeker_toy_world::WorldError;
use offseeker_trainer::TrainError;
use offseeker_trajectory::TrajectoryError;
use offseeker_trajectory_store::StoreError;
use offseeker_trajectory_store::formats::FormatError;

use crate::Stage;

/// Why a run cannot go on. What was made is kept; run again, it goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PipelineError {
    /// A configuration cannot be read.
    #[error("{}:{line}:{column}: {what}", file.display())]
    Config {
        /// The file.
        file: PathBuf,
        /// The line.
        line: usize,
        /// The character in the line.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// A value of a configuration makes no sense.
    #[error("{field}: {what}")]
    Value {
        /// The field, with its sections.
        field: &'static str,
        /// What is wrong, and what to do.
        what: String,
    },
    /// Another process works in the folder.
    #[error("another run is under way in {}; wait for it, or use another folder", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// Somebody asked it to stop.
    #[error("stopped at {stage}; everything is kept, and the same command goes on from there")]
    Stopped {
        /// The stage that was under way.
        stage: Stage,
    },
    /// A stage failed.
    #[error("{stage}: {source}")]
    Stage {
        /// The stage.
        stage: Stage,
        /// Why.
        source: Box<PipelineError>,
    },
    /// There is nothing to go on with.
    #[error("there is nothing to go on with: {what}")]
    Nothing {
        /// What is missing, and what to do.
        what: String,
    },
    /// A question would be learnt from that says something of a held-out one.
    #[error("the question {question} has to do with something that is held out; take other seeds, or another share")]
    Leak {
        /// The question.
        question: String,
    },
    /// A question does not hold in the graph that it was made of.
    #[error(
        "the question {question} does not have its one answer in the graph; make the graph and the questions again"
    )]
    Unfounded {
        /// The question.
        question: String,
    },
    /// A file is not as it was written.
    #[error("{}:{line}: {what}; remove it, and it is made again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The line.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// The system refuses a file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A task of the run fell.
    #[error("a task of the run fell: {reason}")]
    Task {
        /// What it said.
        reason: String,
    },
    /// Of the made-up encyclopedia.
    #[error(transparent)]
    World(#[from] WorldError),
    /// Of the pages in a folder.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// Of the index of pages.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Of the graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Of growing a graph by a model.
    #[error(transparent)]
    Expand(#[from] offseeker_entity_graph::expand::ExpandError),
    /// Of the making of questions.
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
    /// Of a model.
    #[error(transparent)]
    Chat(#[from] ChatError),
    /// Of the tools.
    #[error(transparent)]
    Kit(#[from] KitError),
    /// Of a run of attempts.
    #[error(transparent)]
    Attempts(#[from] RunError),
    /// Of the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of grading.
    #[error(transparent)]
    Grade(#[from] GradeError),
    /// Of the cutting of data.
    #[error(transparent)]
    Curation(#[from] CurationError),
    /// Of a file of data.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Of a tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// Of a dialogue.
    #[error(transparent)]
    Dialogue(#[from] DialogueError),
    /// Of a network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Of a model that runs here.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// Of training.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Of the page.
    #[error(transparent)]
    View(#[from] offseeker_viewer::ViewError),
    /// Of something that has no name.
    #[error(transparent)]
    Trajectory(#[from] TrajectoryError),
}

impl PipelineError {
    /// What the system says of a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// Whether somebody asked the run to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped { .. })
    }

    /// The same, with the stage in which it was.
    pub(crate) fn at(self, stage: Stage) -> Self {
        match self {
            Self::Stopped { .. } | Self::Stage { .. } => self,
            source => Self::Stage { stage, source: Box::new(source) },
        }
    }
}
