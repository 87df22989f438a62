//! Lets a model look for other answers.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::{ChatModel, Sampling};
use serde_json::{Value, json};

use crate::names::compared;
use crate::planner::unread;
use crate::prompt::{Prompt, ask, object};
use crate::statements::statements_about;
use crate::{Candidates, Draft, Ground, Pass, Rejection, SynthesisError};

const NAME: &str = "unique_by_model";
const OTHERS: [&str; 3] = ["question", "answer", "most"];
const FITS: [&str; 3] = ["question", "candidate", "evidence"];

/// Lets a model look for other answers, and checks each against what the graph has written about it; throws drafts out
/// for which one fits. A candidate of which nothing is written does not fit.
#[derive(Debug, Clone)]
pub struct UniqueByModel {
    ground: Arc<Ground>,
    model: Arc<dyn ChatModel>,
    others: Prompt,
    fits: Prompt,
    /// How many candidates are asked for and checked. 8.
    pub most: usize,
}

impl UniqueByModel {
    /// Asks a model, and checks by a graph.
    #[must_use]
    pub fn new(ground: Arc<Ground>, model: Arc<dyn ChatModel>) -> Self {
        let others = Prompt::shipped(include_str!("../../prompts/others.txt"), &OTHERS);
        let fits = Prompt::shipped(include_str!("../../prompts/fits.txt"), &FITS);
        Self { ground, model, others, fits, most: 8 }
    }

    /// Asks with other prompts: for other answers, which fills in `{question}`, `{answer}` and `{most}`, and whether one
    /// fits, which fills in `{question}`, `{candidate}` and `{evidence}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where they do not.
    pub fn prompted(self, others: &str, fits: &str) -> Result<Self, SynthesisError> {
        Ok(Self { others: Prompt::new(NAME, others, &OTHERS)?, fits: Prompt::new(NAME, fits, &FITS)?, ..self })
    }

    /// What the model holds for other answers.
    async fn candidates(&self, draft: &Draft) -> Result<Vec<String>, Rejection> {
        let most = self.most.to_string();
        let values = [("question", draft.text.as_str()), ("answer", &draft.plan.answer.text), ("most", &most)];
        let prompt = self.others.fill(&values);
        let reply = ask(self.model.as_ref(), NAME, draft, prompt, &Sampling::greedy()).await?;
        let listed = object(&reply).and_then(|object| {
            let others = object.get("others")?.as_array()?.clone();
            others.iter().map(|other| other.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
        });
        let Some(mut others) = listed else {
            let reason = "the list of other answers could not be read";
            return Err(Rejection::undetermined(NAME, "list_unreadable", reason));
        };
        let right: Vec<_> = draft.plan.answer.spellings().map(compared).collect();
        others.retain(|other| !other.trim().is_empty() && !right.contains(&compared(other)));
        others.truncate(self.most);
        Ok(others)
    }

    /// Whether what is written about a candidate makes it an answer.
    async fn fits(&self, draft: &Draft, candidate: &str) -> Result<bool, Rejection> {
        let unread = |error| unread(NAME, &error);
        for node in self.ground.graph().named(candidate).map_err(unread)? {
            let evidence = statements_about(&self.ground, node).map_err(unread)?;
            if evidence.is_empty() {
                continue;
            }
            let values = [("question", draft.text.as_str()), ("candidate", candidate), ("evidence", &evidence)];
            let prompt = self.fits.fill(&values);
            let reply = ask(self.model.as_ref(), NAME, draft, prompt, &Sampling::greedy()).await?;
            let fits = object(&reply).and_then(|object| object.get("fits")?.as_str().map(str::to_lowercase));
            match fits.as_deref() {
                Some("yes") => return Ok(true),
                Some("no" | "unknown") => {}
                _ => {
                    let reason = format!("whether {candidate} fits could not be read");
                    return Err(Rejection::undetermined(NAME, "verdict_unreadable", reason));
                }
            }
        }
        Ok(false)
    }
}

#[async_trait]
impl Pass for UniqueByModel {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> Value {
        json!({
            "model": self.model.name(),
            "prompts": [self.others.hash(), self.fits.hash()],
            "most": self.most,
        })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let mut refuted = Vec::new();
        for candidate in self.candidates(&draft).await? {
            if self.fits(&draft, &candidate).await? {
                let reason = format!("what is written about {candidate} fits as well");
                return Err(Rejection::rejected(NAME, "another_answer", reason));
            }
            refuted.push(candidate);
        }
        draft.checks.unique_by_model = Some(Candidates { refuted });
        Ok(draft)
    }
}
