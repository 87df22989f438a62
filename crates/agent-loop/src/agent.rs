//! A model, its tools, and how they work together.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use offseeker_chat::{ChatModel, Sampling};
use offseeker_tools::{Kit, KitError, Toolbox, ToolboxError};
use offseeker_trajectory::{Question, Trajectory, TrajectoryId, content_id};
use offseeker_trajectory_store::{Manifest, ModelUse, Stored};
use serde_json::{Value, json};

use crate::attempt::Attempt;
use crate::context::{ContextPolicy, Full};
use crate::course::Reading;
use crate::{Journal, Limits, LoopGuard, Pause, Protocol, Stop};

/// A model, its tools, and how they work together: makes attempts at questions.
///
/// An agent remembers nothing. What an attempt remembers is in its trajectory and its toolbox, and both are its own, so
/// one agent makes any number of attempts at once.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_agent_loop::{Agent, Tools};
/// use offseeker_chat::Scripted;
/// use offseeker_tools::{Function, Observation};
/// use offseeker_trajectory::{Question, StopReason};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Mill {
///     name: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let model = Scripted::saying([
///     "<think>Let me look.</think><tool_call>{\"name\": \"river_of\", \"arguments\": {\"name\": \"Karlin\"}}</tool_call>",
///     "<think>That is it.</think><answer>the Orsa</answer>",
/// ]);
/// let tools = Tools::made_of(|| {
///     vec![Box::new(Function::new("river_of", "Says which river a mill stands on.", async |mill: Mill| {
///         Ok(Observation::ok(format!("The {} mill stands on the Orsa.", mill.name)))
///     })) as _]
/// });
///
/// let agent = Agent::new(Arc::new(model), tools);
/// let attempt = agent.attempt(&Question::new("Which river does the Karlin mill stand on?", ["the Orsa"])).await;
/// assert_eq!(attempt.stop, Some(StopReason::Answered));
/// assert_eq!(attempt.answer.as_deref(), Some("the Orsa"));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Agent {
    pub(crate) model: Arc<dyn ChatModel>,
    pub(crate) tools: Tools,
    pub(crate) protocol: Protocol,
    pub(crate) policy: Arc<dyn ContextPolicy>,
    pub(crate) limits: Limits,
    pub(crate) guard: LoopGuard,
    pub(crate) resamples: u32,
    pub(crate) seed: Option<u64>,
    pub(crate) wording: Wording,
}

/// Puts a question into words for the model.
#[derive(Clone)]
pub(crate) struct Wording(Arc<dyn Fn(&Question) -> String + Send + Sync>);

impl Wording {
    pub(crate) fn of(&self, question: &Question) -> String {
        (self.0)(question)
    }
}

impl Default for Wording {
    /// The text of the question.
    fn default() -> Self {
        Self(Arc::new(|question| question.text.clone()))
    }
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wording").finish_non_exhaustive()
    }
}

/// What became of an attempt.
#[derive(Debug)]
pub struct Made {
    /// The attempt. One that rests has no reason to stop.
    pub trajectory: Trajectory,
    /// Why it rests, if it does.
    pub rests: Option<Pause>,
}

impl Made {
    /// The attempt of one whom nobody will take up again: one that rests has ended.
    pub(crate) fn for_good(mut self) -> Trajectory {
        if let Some(pause) = self.rests {
            self.trajectory.stop = Some(pause.as_stop());
        }
        self.trajectory
    }
}

impl Agent {
    /// An agent that speaks OffSeeker's protocol, keeps its whole conversation, and stays within the usual limits.
    pub fn new(model: Arc<dyn ChatModel>, tools: impl Into<Tools>) -> Self {
        Self {
            model,
            tools: tools.into(),
            protocol: Protocol::default(),
            policy: Arc::new(Full),
            limits: Limits::default(),
            guard: LoopGuard::default(),
            resamples: 5,
            seed: None,
            wording: Wording::default(),
        }
    }

    /// Speaks another protocol.
    #[must_use]
    pub fn speaking(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }

    /// Works with other tools.
    #[must_use]
    pub fn equipped(self, tools: impl Into<Tools>) -> Self {
        Self { tools: tools.into(), ..self }
    }

    /// Puts questions to the model in other words, such as with documents to go by. What is made of a question has to be
    /// the same each time, and is not part of the [manifest](Self::manifest).
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use offseeker_agent_loop::{Agent, Tools};
    /// # use offseeker_chat::Scripted;
    /// # use offseeker_trajectory::Question;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let agent = Agent::new(Arc::new(Scripted::saying(["<answer>the Orsa</answer>"])), Tools::none());
    /// let hurried = agent.wording(|question| format!("{} In short!", question.text));
    /// let attempt = hurried.attempt(&Question::new("Which river?", ["the Orsa"])).await;
    /// assert!(attempt.nodes()[1].message.content.ends_with("Which river? In short!"));
    /// assert_eq!(attempt.question.text, "Which river?");
    /// # }
    /// ```
    #[must_use]
    pub fn wording(self, words: impl Fn(&Question) -> String + Send + Sync + 'static) -> Self {
        Self { wording: Wording(Arc::new(words)), ..self }
    }

    /// Samples otherwise than the protocol says.
    #[must_use]
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.protocol.sampling = sampling;
        self
    }

    /// Keeps the conversation within the window by another policy than keeping all of it.
    #[must_use]
    pub fn remembering(self, policy: impl ContextPolicy + 'static) -> Self {
        Self { policy: Arc::new(policy), ..self }
    }

    /// Bounds attempts by these limits.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Notices by these rules that an attempt goes in circles.
    #[must_use]
    pub fn guarded(self, guard: LoopGuard) -> Self {
        Self { guard, ..self }
    }

    /// Samples a turn that cannot be read again so many times.
    #[must_use]
    pub fn resampling(self, times: u32) -> Self {
        Self { resamples: times, ..self }
    }

    /// Derives a seed for each request from this one, the attempt and the place of the request in it.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Derives seeds from this one, unless it does from another already.
    pub(crate) fn seeded_unless(self, seed: u64) -> Self {
        Self { seed: self.seed.or(Some(seed)), ..self }
    }

    /// The protocol.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The name of the model.
    #[must_use]
    pub fn model_name(&self) -> &str {
        self.model.name()
    }

    /// What a run of this agent is made with: to be completed with what the agent does not know of, such as the corpus.
    ///
    /// # Errors
    ///
    /// When its tools cannot be made.
    pub fn manifest(&self, name: impl Into<String>, seed: u64) -> Result<Manifest, KitError> {
        let toolbox = self.tools.toolbox(&TrajectoryId::new(""))?;
        let mut manifest = Manifest::new(name, seed);
        let hash = |value: Value| content_id(&value).expect("what was made here has a canonical form");
        let sampling = json!(self.protocol.sampling);
        let sampling = sampling.as_object().cloned().unwrap_or_default();
        let model = ModelUse { sampling, ..ModelUse::new(self.model.name()) };
        manifest.models.insert("agent".to_owned(), model);
        manifest.versions.insert(env!("CARGO_PKG_NAME").to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        manifest.prompts.insert(format!("protocol {}", self.protocol.name), hash(json!(self.protocol)));
        let instructions = self.policy.instructions();
        if !instructions.is_empty() {
            manifest.prompts.insert(format!("policy {}", self.policy.name()), hash(json!(instructions)));
        }
        for spec in toolbox.specs() {
            manifest.tools.insert(format!("tool {}", spec.name), hash(json!(spec)));
        }
        manifest.tools.extend(self.tools.engines.iter().map(|(what, name)| ((*what).to_owned(), name.clone())));
        let settings = json!({
            "limits": self.limits,
            "guard": self.guard,
            "resamples": self.resamples,
            "policy": {"name": self.policy.name(), "settings": self.policy.settings()},
        });
        manifest.settings = settings.as_object().cloned().unwrap_or_default();
        if let Some(own) = self.seed {
            manifest.settings.insert("seed".to_owned(), own.into());
        }
        Ok(manifest)
    }

    /// Makes one attempt. It never fails: what went wrong is in the trajectory.
    pub async fn attempt(&self, question: &Question) -> Trajectory {
        let beginning = Stored::new(Trajectory::new(question.clone(), 0));
        self.go_on(beginning, &Journal::none(), &Stop::default()).await.for_good()
    }

    /// Makes an attempt from where it is on: from its beginning, or from where it was when the program stopped.
    ///
    /// Each step is in the journal before the next one is taken. What is in the journal is not done again.
    pub async fn go_on(&self, stored: Stored, journal: &Journal, stop: &Stop) -> Made {
        if stored.trajectory.stop.is_some() {
            return Made { trajectory: stored.trajectory, rests: None };
        }
        let (reading, toolbox) = match self.ready(&stored.trajectory.id) {
            Ok(ready) => ready,
            Err(pause) => return Made { trajectory: stored.trajectory, rests: Some(pause) },
        };
        let mut attempt = Attempt::new(self, reading, toolbox, journal, stop, stored);
        let halt = attempt.make().await;
        attempt.close(halt).await
    }

    /// What an attempt is made with.
    fn ready(&self, attempt: &TrajectoryId) -> Result<(Reading, Toolbox), Pause> {
        let reading = Reading::of(&self.protocol, self.protocol.dialect()?);
        let toolbox = self.tools.toolbox(attempt).map_err(|error| Pause::Tools { reason: error.to_string() })?;
        Ok((reading, toolbox))
    }
}

/// Makes the toolbox of each attempt.
#[derive(Clone)]
pub struct Tools {
    make: Arc<Make>,
    /// What works behind the tools, for the manifest.
    engines: BTreeMap<&'static str, String>,
}

type Make = dyn Fn(&TrajectoryId) -> Result<Toolbox, KitError> + Send + Sync;

impl Tools {
    /// No tools.
    #[must_use]
    pub fn none() -> Self {
        Self::made_of(Vec::new)
    }

    /// Tools that are made for each attempt, within the usual limits.
    pub fn made_of(make: impl Fn() -> Vec<Box<dyn offseeker_tools::Tool>> + Send + Sync + 'static) -> Self {
        Self::made_by(move || Toolbox::new(make(), offseeker_tools::Limits::default()))
    }

    /// A toolbox that is made for each attempt.
    pub fn made_by(make: impl Fn() -> Result<Toolbox, ToolboxError> + Send + Sync + 'static) -> Self {
        Self::made_for(move |_| make())
    }

    /// A toolbox that is made for each attempt and knows which one, as [`AgentTool`](crate::compose::AgentTool) wants to.
    pub fn made_for(make: impl Fn(&TrajectoryId) -> Result<Toolbox, ToolboxError> + Send + Sync + 'static) -> Self {
        Self { make: Arc::new(move |attempt| make(attempt).map_err(KitError::from)), engines: BTreeMap::new() }
    }

    pub(crate) fn toolbox(&self, attempt: &TrajectoryId) -> Result<Toolbox, KitError> {
        (self.make)(attempt)
    }
}

impl From<Kit> for Tools {
    fn from(kit: Kit) -> Self {
        Self { engines: kit.engines(), make: Arc::new(move |_| kit.toolbox()) }
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").field("engines", &self.engines).finish_non_exhaustive()
    }
}
