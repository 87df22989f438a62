//! Lets a model word a draft, or hide more of it.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::{ChatModel, Sampling};
use offseeker_pages::{is_dense, words};

use super::triples;
use serde::Serialize;
use serde_json::{Value, json};

use crate::names::compared;
use crate::planner::unread;
use crate::prompt::{Prompt, ask, tagged};
use crate::wording::worded_as;
use crate::{Draft, Ground, Pass, Phrasebook, Rejection, SynthesisError, leaks};

const DECLARED: [&str; 4] = ["language", "triples", "question", "answer"];

/// Characters that say about as much as one word, where a script writes no spaces; in tenths.
const CHARACTERS_A_WORD: usize = 16;

/// What the two passes that rewrite a text have in common.
#[derive(Debug, Clone)]
struct Rewriting {
    ground: Arc<Ground>,
    model: Arc<dyn ChatModel>,
    prompt: Prompt,
    limits: Limits,
    sampling: Sampling,
}

/// What a text that a model wrote has to be like, beside that it gives nothing away and keeps language and answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// How often a model tries. 3.
    pub tries: u32,
    /// The fewest words, or as many as the earlier text has, if these are fewer. 40. Where a script writes no spaces, 1.6
    /// characters count as a word.
    pub least_words: usize,
    /// The most words, or as many as the earlier text has, if these are more. 220.
    pub most_words: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tries: 3, least_words: 40, most_words: 220 }
    }
}

impl Rewriting {
    fn new(ground: Arc<Ground>, model: Arc<dyn ChatModel>, prompt: &str) -> Self {
        let prompt = Prompt::shipped(prompt, &DECLARED);
        let sampling = Sampling { temperature: Some(0.7), ..Sampling::default() };
        Self { ground, model, prompt, limits: Limits::default(), sampling }
    }

    fn settings(&self) -> Value {
        json!({
            "model": self.model.name(),
            "prompt": self.prompt.hash(),
            "limits": self.limits,
            "sampling": self.sampling,
        })
    }

    /// The draft with the first text that is as it should be; with the earlier one and a note where none is.
    async fn rewrite(&self, pass: &str, mut draft: Draft) -> Result<Draft, Rejection> {
        let (formal, answer) = (triples(&draft), draft.plan.answer.text.clone());
        let values = [
            ("language", draft.language.as_str()),
            ("triples", &formal),
            ("question", &draft.text),
            ("answer", &answer),
        ];
        let prompt = self.prompt.fill(&values);
        let mut fault = String::new();
        for number in 0..self.limits.tries {
            // A prompt is never sent again as it is.
            let sampling = Sampling { seed: Some(number.into()), ..self.sampling.clone() };
            let reply = ask(self.model.as_ref(), pass, &draft, prompt.clone(), &sampling).await?;
            match self.accepted(&draft, &reply) {
                Ok(text) => {
                    draft.text = text;
                    return Ok(draft);
                }
                Err(Refused::Fault(it)) => fault = it,
                Err(Refused::Unread(error)) => return Err(unread(pass, &error)),
            }
        }
        draft.note(pass, format!("the earlier text stays: {fault}"));
        Ok(draft)
    }

    /// The text of a reply, if it is as it should be.
    fn accepted(&self, draft: &Draft, reply: &str) -> Result<String, Refused> {
        let fault = |text: &str| Err(Refused::Fault(text.to_owned()));
        let Some(text) = tagged(reply, "question").filter(|text| !text.is_empty()) else {
            return fault("the reply has no question in it");
        };
        let spoken = tagged(reply, "answer").map(compared);
        if !draft.plan.answer.spellings().any(|spelling| spoken.as_ref() == Some(&compared(spelling))) {
            return fault("the reply has another answer");
        }
        if is_chinese(text) != draft.language.starts_with("zh") {
            return fault("the text is in another language");
        }
        let (length, before) = (length(text), length(&draft.text));
        if length < self.limits.least_words.min(before) || length > self.limits.most_words.max(before) {
            return fault("the text is too short or too long");
        }
        let leaks = leaks(&self.ground, text, &draft.plan, draft.level).map_err(Refused::Unread)?;
        match leaks.first() {
            Some(leak) => Err(Refused::Fault(format!("the text says {} ({})", leak.text(), leak.code()))),
            None => Ok(text.to_owned()),
        }
    }
}

/// Why a text is not taken.
enum Refused {
    Fault(String),
    Unread(offseeker_entity_graph::GraphError),
}

/// Whether a text is written mostly in a script without spaces.
fn is_chinese(text: &str) -> bool {
    let letters = || text.chars().filter(|char| char.is_alphabetic());
    letters().filter(|char| is_dense(*char)).count() * 3 > letters().count()
}

/// How many words a text has, or would have.
fn length(text: &str) -> usize {
    let dense = text.chars().filter(|char| is_dense(*char)).count();
    words(text).count() - dense + dense * 10 / CHARACTERS_A_WORD
}

/// Words a draft by a model, after the triples of its plan and the plain wording by templates.
///
/// What the model writes is taken where its answer is the same, its language is that of the draft, its length is within
/// the [`Limits`] and it gives nothing away; else the plain wording stays, with a note.
#[derive(Debug, Clone)]
pub struct WriteByModel {
    rewriting: Rewriting,
    phrasebook: Arc<Phrasebook>,
}

/// Lets a model put the text of a draft into vaguer words. It is taken under the same conditions as with
/// [`WriteByModel`].
#[derive(Debug, Clone)]
pub struct ObscureByModel {
    rewriting: Rewriting,
}

const WRITE: &str = "write_by_model";
const OBSCURE: &str = "obscure_by_model";

impl WriteByModel {
    /// Words by a model, and by the shipped phrasebook before it.
    #[must_use]
    pub fn new(ground: Arc<Ground>, model: Arc<dyn ChatModel>) -> Self {
        let rewriting = Rewriting::new(ground, model, include_str!("../../prompts/write.txt"));
        Self { rewriting, phrasebook: Arc::default() }
    }

    /// Goes by another phrasebook.
    #[must_use]
    pub fn with_phrasebook(self, phrasebook: impl Into<Arc<Phrasebook>>) -> Self {
        Self { phrasebook: phrasebook.into(), ..self }
    }

    /// Asks with another prompt, which fills in `{language}`, `{triples}`, `{question}` and `{answer}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it does not.
    pub fn prompted(mut self, prompt: &str) -> Result<Self, SynthesisError> {
        self.rewriting.prompt = Prompt::new(WRITE, prompt, &DECLARED)?;
        Ok(self)
    }

    /// Takes other texts.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.rewriting.limits = limits;
        self
    }
}

impl ObscureByModel {
    /// Rewrites by a model.
    #[must_use]
    pub fn new(ground: Arc<Ground>, model: Arc<dyn ChatModel>) -> Self {
        Self { rewriting: Rewriting::new(ground, model, include_str!("../../prompts/obscure.txt")) }
    }

    /// Asks with another prompt, which fills in `{language}`, `{triples}`, `{question}` and `{answer}`.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it does not.
    pub fn prompted(mut self, prompt: &str) -> Result<Self, SynthesisError> {
        self.rewriting.prompt = Prompt::new(OBSCURE, prompt, &DECLARED)?;
        Ok(self)
    }

    /// Takes other texts.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.rewriting.limits = limits;
        self
    }
}

#[async_trait]
impl Pass for WriteByModel {
    fn name(&self) -> &str {
        WRITE
    }

    fn settings(&self) -> Value {
        json!({ "rewriting": self.rewriting.settings(), "phrasebook": self.phrasebook.hash() })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let Some(phrases) = self.phrasebook.phrases(&draft.language) else {
            let reason = format!("the phrasebook has no words for the language {:?}", draft.language);
            return Err(Rejection::rejected(WRITE, "no_phrases", reason));
        };
        draft.text = worded_as(&draft.plan, &draft.kinds(), phrases);
        self.rewriting.rewrite(WRITE, draft).await
    }
}

#[async_trait]
impl Pass for ObscureByModel {
    fn name(&self) -> &str {
        OBSCURE
    }

    fn settings(&self) -> Value {
        self.rewriting.settings()
    }

    async fn apply(&self, draft: Draft) -> Result<Draft, Rejection> {
        self.rewriting.rewrite(OBSCURE, draft).await
    }
}
