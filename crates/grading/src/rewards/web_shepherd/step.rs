//! How far one step brings an attempt along its checklist.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use offseeker_trajectory::{Message, NodeId, Question, QuestionId, Span, Trajectory};
use tokio::sync::OnceCell;

use super::verdict::read_verdicts;
use super::{Checklist, NextToken, Synonyms, counted, pooled, step_score};
use crate::rewards::prompts::STEP;
use crate::rewards::turns::{clipped, turns, written};
use crate::{GradeError, Judge, Judgement, Prompt, StepGrader};

/// The likeliest tokens that are looked at where a verdict stands.
const LIKELIEST: usize = 10;

/// The most checklists that are kept at hand.
const MOST_KEPT: usize = 1024;

/// The most bytes of what was done before that the model is shown, and of the step.
const MOST_BEFORE: usize = 32 << 10;

type Kept = Mutex<BTreeMap<QuestionId, Arc<OnceCell<Option<Checklist>>>>>;

/// How far one step brings an attempt along its checklist, from 0 to 1.
///
/// The checklist is that in the question's metadata; where there is none, the model writes one, once for all attempts at
/// the question. A step on which no reply can be read, and every step where no checklist could be written, has no value.
#[derive(Debug)]
pub struct WebShepherd {
    judge: Judge,
    odds: Option<Arc<dyn NextToken>>,
    kept: Kept,
    /// How many replies a step is judged by. 5.
    pub replies: u32,
    /// The temperature of those. 1.
    pub temperature: f64,
    /// What verdicts may begin with.
    pub synonyms: Synonyms,
    /// The prompt; fills in `task`, `list`, `before` and `step`.
    pub prompt: Prompt,
}

impl WebShepherd {
    /// `web-shepherd`: counts what is written.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self {
            judge,
            odds: None,
            kept: Mutex::default(),
            replies: 5,
            temperature: 1.0,
            synonyms: Synonyms::default(),
            prompt: STEP.prompt(),
        }
    }

    /// Weighs each verdict by its probability where it stands, as this model gives it. It should be the model that judges.
    #[must_use]
    pub fn weighing(self, odds: Arc<dyn NextToken>) -> Self {
        Self { odds: Some(odds), ..self }
    }

    async fn checklist(&self, question: &Question) -> Result<Option<Checklist>, GradeError> {
        if let Some(checklist) = Checklist::of(question) {
            return Ok(Some(checklist));
        }
        let cell = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MOST_KEPT && !kept.contains_key(&question.id) {
                kept.clear();
            }
            Arc::clone(kept.entry(question.id.clone()).or_default())
        };
        let write = || async {
            Ok(match Checklist::write(&self.judge, question).await? {
                Judgement::Read(checklist) => Some(checklist),
                Judgement::Unreadable { .. } => None,
            })
        };
        cell.get_or_try_init(write).await.cloned()
    }

    /// The score by one reply; none where it cannot be read.
    async fn once(&self, values: &[(&str, &str)], items: usize, vote: u32) -> Result<Option<f64>, GradeError> {
        let mut judge = self.judge.clone();
        judge.sampling.temperature = Some(self.temperature);
        let read = |reply: &str| read_verdicts(reply, items).map(|verdicts| (reply.to_owned(), verdicts));
        let Judgement::Read((reply, verdicts)) = judge.ask(self.name(), &self.prompt, values, vote, read).await? else {
            return Ok(None);
        };
        let mut chances = Vec::with_capacity(items);
        for (verdict, place) in verdicts {
            let weighed = self.weighed(values, &reply[..place.start]).await?;
            chances.push(weighed.unwrap_or_else(|| counted(verdict)));
        }
        Ok(Some(step_score(&chances)))
    }

    async fn weighed(&self, values: &[(&str, &str)], begun: &str) -> Result<Option<[f64; 3]>, GradeError> {
        let Some(odds) = &self.odds else { return Ok(None) };
        let asked = [Message::user(self.prompt.fill(values))];
        let tokens = odds.likeliest(&asked, begun, LIKELIEST).await;
        let tokens = tokens.map_err(|source| GradeError::Judge { grader: self.name().to_owned(), source })?;
        Ok(pooled(&tokens, &self.synonyms))
    }
}

/// What was done before a step, and the step itself.
fn around(attempt: &Trajectory, step: NodeId) -> (String, String) {
    let path = attempt.path(step);
    let done = path.iter().filter(|id| **id != step).filter_map(|id| attempt.node(*id));
    let done: Vec<String> =
        done.filter(|node| node.as_sampled().is_some()).map(|node| written(&node.message).trim().to_owned()).collect();
    let before = if done.is_empty() { "(nothing)".to_owned() } else { done.join("\n---\n") };
    let step = attempt.node(step).map(|node| written(&node.message).into_owned()).unwrap_or_default();
    (clipped(&before, MOST_BEFORE).into_owned(), clipped(&step, MOST_BEFORE).into_owned())
}

#[async_trait]
impl StepGrader for WebShepherd {
    fn name(&self) -> &str {
        "web-shepherd@1"
    }

    async fn grade(&self, attempt: &Trajectory, step: NodeId) -> Result<Option<Span>, GradeError> {
        if !turns(attempt).any(|(id, _)| id == step) {
            return Ok(None);
        }
        let Some(checklist) = self.checklist(&attempt.question).await? else { return Ok(None) };
        let (before, taken) = around(attempt, step);
        let list = checklist.numbered();
        let values = [("task", attempt.question.text.as_str()), ("list", &list), ("before", &before), ("step", &taken)];
        let mut scores = Vec::new();
        for vote in 0..self.replies.max(1) {
            scores.extend(self.once(&values, checklist.0.len(), vote).await?);
        }
        if scores.is_empty() {
            return Ok(None);
        }
        let value = scores.iter().sum::<f64>() / scores.len() as f64;
        let note = format!("{}: {} of {} replies", self.name(), scores.len(), self.replies.max(1));
        Ok(Some(Span { node: step, value, note }))
    }
}
