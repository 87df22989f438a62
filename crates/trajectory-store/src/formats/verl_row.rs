//! A question as verl and Search-R1 read it, to learn from by reward.

use offseeker_trajectory::{Answer, Message, Question, QuestionId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::RowError;
use super::error::check_question;

/// A question as verl and Search-R1 read it: `{data_source, prompt, ability, reward_model, extra_info}`.
///
/// The field `id` of `extra_info` is our own: with it a question keeps its name. Aliases stand among the right answers,
/// and come back as answers of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerlRow {
    /// What the reward is chosen by: the name of the data set.
    pub data_source: String,
    /// The conversation that the model goes on with.
    pub prompt: Vec<VerlMessage>,
    /// What is trained.
    #[serde(default)]
    pub ability: String,
    /// What the reward goes by.
    pub reward_model: VerlReward,
    /// Where the row comes from.
    #[serde(default)]
    pub extra_info: VerlExtra,
}

/// A message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerlMessage {
    /// Who speaks.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// What the reward goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerlReward {
    /// How it is found: `rule`.
    pub style: String,
    /// What it is measured by.
    pub ground_truth: VerlTruth,
}

/// The right answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerlTruth {
    /// Any one of them will do.
    pub target: Vec<String>,
}

/// Where a row comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VerlExtra {
    /// The part of the data set: `train`.
    pub split: String,
    /// The place in it, from nought.
    pub index: i64,
    /// The name of the question; empty in rows of others.
    pub id: String,
}

impl VerlRow {
    /// A question of a data set, asked in so many words: the question's own, where the prompt is empty.
    ///
    /// # Errors
    ///
    /// When the question is of a [sealed](RowError::Sealed) benchmark.
    pub fn new(
        question: &Question,
        data_source: &str,
        split: &str,
        index: i64,
        prompt: &[Message],
    ) -> Result<Self, RowError> {
        check_question(question)?;
        Ok(Self::exposed(question, data_source, split, index, prompt))
    }

    /// The same, though the question may be of a sealed benchmark: for who keeps the file as the benchmark is kept.
    #[must_use]
    pub fn exposed(question: &Question, data_source: &str, split: &str, index: i64, prompt: &[Message]) -> Self {
        let message = |role: &str, content: &str| VerlMessage { role: role.to_owned(), content: content.to_owned() };
        let mut prompt: Vec<_> = prompt.iter().map(|said| message(said.role.as_str(), &said.content)).collect();
        if prompt.is_empty() {
            prompt.push(message("user", &question.text));
        }
        let target = question.answers.iter().flat_map(Answer::spellings).map(str::to_owned).collect();
        Self {
            data_source: data_source.to_owned(),
            prompt,
            ability: "fact-reasoning".to_owned(),
            reward_model: VerlReward { style: "rule".to_owned(), ground_truth: VerlTruth { target } },
            extra_info: VerlExtra { split: split.to_owned(), index, id: question.id.as_str().to_owned() },
        }
    }

    /// Reads a row from a line of JSON.
    ///
    /// # Errors
    ///
    /// When the line is no such row.
    pub fn read(line: &str) -> Result<Self, RowError> {
        serde_json::from_str(line).map_err(|error| RowError::NotAnObject { reason: error.to_string() })
    }

    /// The row as a line of JSON.
    #[must_use]
    pub fn line(&self) -> String {
        json!(self).to_string()
    }

    /// The question: what the user says last.
    #[must_use]
    pub fn question(&self) -> Question {
        let asked = self.prompt.iter().rfind(|message| message.role == "user");
        let text = asked.map(|message| message.content.as_str()).unwrap_or_default();
        let mut question = Question::new(text, self.reward_model.ground_truth.target.iter().map(String::as_str));
        if !self.extra_info.id.is_empty() {
            question.id = QuestionId::new(&*self.extra_info.id);
        }
        question.metadata.insert("source".to_owned(), json!(self.data_source));
        question.metadata.insert("split".to_owned(), json!(self.extra_info.split));
        question
    }
}
