//! A question with everything that is known of it.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use offseeker_durable::{Draft as Unpublished, Lines};
use offseeker_entity_graph::{EntityId, Evidence};
use offseeker_trajectory::{Answer, Metadata, Question, QuestionId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Checks, Difficulty, Draft, Kind, Level, Note, Plan, SynthesisError};

/// The longest line that is read, in bytes.
pub(crate) const LONGEST: usize = 16 << 20;

/// A question with everything that is known of it: a line of a file of questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuestionRow {
    /// Names it.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answer as it is best written.
    pub answer: String,
    /// Other spellings of the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer_aliases: Vec<String>,
    /// The language as a BCP 47 tag.
    pub lang: String,
    /// What is asked about: the first of what is compared, one of those that are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityId>,
    /// How many relations lie between the answer and the clue that is farthest from it.
    pub hops: u32,
    /// What kind of question it is.
    pub kind: Kind,
    /// How much it hides.
    pub level: Level,
    /// Its clues as `WebShaper` formalises them.
    pub formalization: Vec<[String; 3]>,
    /// Where its clues are written.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// What checks found.
    #[serde(default)]
    pub checks: Checks,
    /// How hard it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    /// What the graph is called that it was made of.
    pub graph_id: String,
    /// The content id of its run's settings, where it comes from a run in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// What it asks and by which clues; the evidence stands beside it.
    pub plan: Plan,
    /// What passes had to say of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What else is known of it.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
}

impl From<Draft> for QuestionRow {
    fn from(draft: Draft) -> Self {
        let (formalization, hops) = (draft.plan.formalization(), draft.plan.hops());
        let mut plan = draft.plan;
        let mut evidence: Vec<Evidence> = Vec::new();
        let said = plan.clues.iter_mut().flat_map(|clue| std::mem::take(&mut clue.evidence));
        for found in said.chain(std::mem::take(&mut plan.support)) {
            if !evidence.contains(&found) {
                evidence.push(found);
            }
        }
        let asked = plan.ask.variables();
        Self {
            id: draft.id,
            question: draft.text,
            answer: plan.answer.text.clone(),
            answer_aliases: plan.answer.aliases.clone(),
            lang: draft.language,
            entity: asked.first().and_then(|variable| plan.bindings.get(variable)).copied(),
            hops,
            kind: plan.kind,
            level: draft.level,
            formalization,
            evidence,
            checks: draft.checks,
            difficulty: draft.difficulty,
            graph_id: draft.graph,
            manifest: None,
            plan,
            notes: draft.notes,
            metadata: draft.metadata,
        }
    }
}

impl From<QuestionRow> for Question {
    /// The question as agents are asked it; its metadata says kind, level, hops, graph and difficulty.
    fn from(row: QuestionRow) -> Self {
        let mut metadata = row.metadata;
        let known = [
            ("kind", json!(row.kind)),
            ("level", json!(row.level)),
            ("hops", json!(row.hops)),
            ("graph", json!(row.graph_id)),
            ("difficulty", json!(row.difficulty)),
            ("manifest", json!(row.manifest)),
        ];
        let known = known.into_iter().filter(|(_, value)| *value != Value::Null);
        metadata.extend(known.map(|(name, value)| (name.to_owned(), value)));
        Self {
            id: QuestionId::new(row.id),
            text: row.question,
            answers: vec![Answer { text: row.answer, aliases: row.answer_aliases }],
            language: Some(row.lang),
            metadata,
        }
    }
}

/// The questions of a file, one at a time.
///
/// What is no question is an error that names the file and the line; it is the end.
#[derive(Debug)]
pub struct RowReader {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    ended: bool,
}

impl RowReader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SynthesisError> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|error| SynthesisError::io(path, error))?;
        Ok(Self { path: path.to_owned(), lines: Lines::new(BufReader::new(file), LONGEST), ended: false })
    }

    fn row(&mut self) -> Option<Result<QuestionRow, String>> {
        match self.lines.text() {
            Ok(None) => None,
            Ok(Some(line)) => Some(serde_json::from_slice(line).map_err(|error| error.to_string())),
            Err(error) => Some(Err(error.to_string())),
        }
    }
}

impl Iterator for RowReader {
    type Item = Result<QuestionRow, SynthesisError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.row()?.map_err(|reason| SynthesisError::line(&self.path, self.lines.number(), reason));
        self.ended = row.is_err();
        Some(row)
    }
}

/// Writes questions into a file, one JSON object a line. The file is there when [`finish`](Self::finish) has returned, and
/// before that what was there is.
#[derive(Debug)]
pub struct RowWriter {
    path: PathBuf,
    draft: BufWriter<Unpublished>,
}

impl RowWriter {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// When its folder is not there or cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, SynthesisError> {
        let path = path.as_ref().to_owned();
        let draft = Unpublished::beside(&path).map_err(|error| SynthesisError::io(&path, error))?;
        Ok(Self { path, draft: BufWriter::new(draft) })
    }

    /// Adds a row: a [`QuestionRow`], or what another format makes of one.
    ///
    /// # Errors
    ///
    /// When the disk does not take it, or it cannot be written as JSON.
    pub fn write(&mut self, row: &impl Serialize) -> Result<(), SynthesisError> {
        let line = serde_json::to_string(row).map_err(|error| SynthesisError::io(&self.path, error))?;
        writeln!(self.draft, "{line}").map_err(|error| SynthesisError::io(&self.path, error))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// When the disk does not take it; what was there is then still there.
    pub fn finish(self) -> Result<(), SynthesisError> {
        let failed = |error: std::io::Error| SynthesisError::io(&self.path, error);
        let draft = self.draft.into_inner().map_err(|error| failed(error.into_error()))?;
        draft.publish(&self.path).map_err(failed)
    }
}
