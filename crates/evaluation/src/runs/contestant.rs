//! Who attempts the questions of a benchmark.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use offseeker_agent_loop::{Agent, Limits, Researcher, Tools};
use offseeker_tools::KitError;
use offseeker_trajectory::{Limit, Question, QuestionId, content_id};
use offseeker_trajectory_store::Manifest;
use serde_json::json;

use crate::Control;

/// How the manifest of an agent names a tool.
const TOOL: &str = "tool ";

/// Who attempts the questions of a benchmark: an agent, a panel, any researcher, or a [control](Control).
///
/// An untrained model as a control is the same agent with another model, under a name that says so:
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_agent_loop::{Agent, Tools};
/// use offseeker_chat::Scripted;
/// use offseeker_evaluation::Contestant;
///
/// let agent = |weights: &str| {
///     let model = Scripted::saying(["<answer>the Orsa</answer>"]).named(weights);
///     Agent::new(Arc::new(model), Tools::none())
/// };
/// let contestants = [
///     Contestant::of("untrained", 7, agent("qwen3-0.6b"))?,
///     Contestant::of("trained", 7, agent("qwen3-0.6b-sft"))?,
///     Contestant::closed_book("trained, closed book", 7, agent("qwen3-0.6b-sft"))?,
/// ];
/// assert_eq!(contestants[1].name(), "trained");
/// assert_eq!(contestants[2].control().unwrap().to_string(), "closed book");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Contestant {
    pub(super) manifest: Manifest,
    pub(super) researcher: Arc<dyn Researcher>,
    control: Option<Control>,
    limits: BTreeMap<Limit, u64>,
    /// The questions that it has documents for, where it is given documents.
    informed: Option<BTreeSet<QuestionId>>,
}

impl Contestant {
    /// Any researcher, with what its run is made with: its name is that of the manifest.
    pub fn new(manifest: Manifest, researcher: impl Researcher + 'static) -> Self {
        let researcher = Arc::new(researcher);
        Self { manifest, researcher, control: None, limits: BTreeMap::new(), informed: None }
    }

    /// An agent.
    ///
    /// # Errors
    ///
    /// When its tools cannot be made.
    pub fn of(name: impl Into<String>, seed: u64, agent: Agent) -> Result<Self, KitError> {
        let (manifest, limits) = (agent.manifest(name, seed)?, stated(agent.limits()));
        Ok(Self::new(manifest, agent).limited(limits))
    }

    /// The control that is asked for the answer at once: [`Control::ClosedBook`].
    ///
    /// It is the agent without tools and with one turn, so that its protocol asks for the answer as it does at any limit.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn closed_book(name: impl Into<String>, seed: u64, agent: Agent) -> Result<Self, KitError> {
        let limits = Limits { turns: 1, ..agent.limits().clone() };
        let agent = agent.equipped(Tools::none()).limited(limits).resampling(0);
        Ok(Self::of(name, seed, agent)?.marked(Control::ClosedBook))
    }

    /// The control that works as the agent does, with nothing to call: [`Control::NoTools`].
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn without_tools(name: impl Into<String>, seed: u64, agent: Agent) -> Result<Self, KitError> {
        Ok(Self::of(name, seed, agent.equipped(Tools::none()))?.marked(Control::NoTools))
    }

    /// The control that is given the documents which hold the answer, and no tool: [`Control::Oracle`].
    ///
    /// The documents stand before the question, each between lines that number it. What a model's window has no room for
    /// is lost as it is in any attempt, so give the passages that count where documents are long.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn oracle(
        name: impl Into<String>,
        seed: u64,
        agent: Agent,
        documents: BTreeMap<QuestionId, Vec<String>>,
    ) -> Result<Self, KitError> {
        let hash = content_id(&documents).expect("texts have a canonical form");
        let informed = documents.keys().cloned().collect();
        let agent = agent.equipped(Tools::none()).wording(move |question| with_documents(question, &documents));
        let mut made = Self::of(name, seed, agent)?.marked(Control::Oracle);
        made.manifest.settings.insert("documents".to_owned(), json!(hash));
        made.informed = Some(informed);
        Ok(made)
    }

    /// Says within which limits it works, for a researcher of which that is not known.
    #[must_use]
    pub fn limited(self, limits: BTreeMap<Limit, u64>) -> Self {
        Self { limits, ..self }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.manifest.name
    }

    /// The conditions that it works under, where it is a control and no run.
    #[must_use]
    pub fn control(&self) -> Option<Control> {
        self.control
    }

    /// The limits that are told of it.
    #[must_use]
    pub fn limits(&self) -> &BTreeMap<Limit, u64> {
        &self.limits
    }

    /// The tools that it may call, as its manifest names them.
    pub fn tools(&self) -> impl Iterator<Item = &str> {
        self.manifest.tools.keys().filter_map(|name| name.strip_prefix(TOOL))
    }

    /// The questions that it lacks documents for, where it is to be given some.
    pub(super) fn uninformed<'a>(&self, questions: impl Iterator<Item = &'a QuestionId>) -> Vec<&'a QuestionId> {
        let Some(informed) = &self.informed else { return Vec::new() };
        questions.filter(|id| !informed.contains(*id)).collect()
    }

    /// A control is another run than the agent that it is made of, whatever it is called.
    fn marked(mut self, control: Control) -> Self {
        self.manifest.settings.insert("control".to_owned(), json!(control));
        Self { control: Some(control), ..self }
    }
}

/// What of an agent's limits is worth a word.
fn stated(limits: &Limits) -> BTreeMap<Limit, u64> {
    let always = [
        (Limit::Turns, u64::from(limits.turns)),
        (Limit::Calls, u64::from(limits.calls)),
        (Limit::Context, limits.context),
        (Limit::WallTime, limits.wall_time.as_secs()),
    ];
    let sometimes = [
        (Limit::Requests, limits.requests),
        (Limit::Tokens, limits.tokens),
        (Limit::Cost, limits.cost_microusd),
        (Limit::WorkTime, limits.work_time.map(|time| time.as_secs())),
    ];
    always.into_iter().chain(sometimes.into_iter().filter_map(|(limit, most)| Some((limit, most?)))).collect()
}

/// The question behind the documents that hold its answer.
fn with_documents(question: &Question, documents: &BTreeMap<QuestionId, Vec<String>>) -> String {
    let texts = documents.get(&question.id).map(Vec::as_slice).unwrap_or_default();
    let shown = (1..).zip(texts).map(|(number, text): (usize, &String)| {
        format!("<document number=\"{number}\">\n{}\n</document>\n\n", text.trim())
    });
    let shown: String = shown.collect();
    if shown.is_empty() {
        return question.text.clone();
    }
    format!("Everything that you need stands in these documents.\n\n{shown}{}", question.text)
}
