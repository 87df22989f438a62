//! An agent as a tool of another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use offseeker_tools::{Observation, Tool, ToolError};
use offseeker_trajectory::{
    CallStatus, Origin, Question, Source, StopReason, ToolSpec, Trajectory, TrajectoryId, content_id,
};
use offseeker_trajectory_store::StoreError;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::Researcher;
use super::researcher::make;
use crate::attempt::{let_caller_rest, stop_of_caller};
use crate::{Journal, Pause, Stop};

tokio::task_local! {
    /// How many agents stand above the one that is at work.
    static DEPTH: u32;
}

/// An agent as a tool of another: a question in, its answer out.
///
/// What the agent does is an attempt of its own. Where it is [journalled](Self::journalled), an attempt that calls it and
/// is taken up again finds what it did; its id follows from the [attempt that calls it](Self::within), the name of the tool
/// and the question. Asked the same again, it gives the same answer. Where the agent rests, because somebody asked it to
/// or a budget is spent, the attempt that calls it rests as well, and both go on from there.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_agent_loop::{Agent, AgentTool, Tools};
/// use offseeker_chat::Scripted;
/// use offseeker_tools::{Limits, Toolbox};
/// use offseeker_trajectory::Question;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let reader = Agent::new(Arc::new(Scripted::saying(["<answer>on the Orsa</answer>"])), Tools::none());
/// let tools = Tools::made_for(move |attempt| {
///     let ask = AgentTool::new("ask", "Asks somebody who reads.", reader.clone()).within(attempt);
///     Toolbox::new([Box::new(ask) as _], Limits::default())
/// });
/// let says = [
///     "<tool_call>{\"name\": \"ask\", \"arguments\": {\"question\": \"Where does the Karlin mill stand?\"}}</tool_call>",
///     "<answer>the Orsa</answer>",
/// ];
/// let attempt = Agent::new(Arc::new(Scripted::saying(says)), tools).attempt(&Question::new("Which river ...?", ["the Orsa"])).await;
/// assert_eq!(attempt.usage().requests, 3);
/// # }
/// ```
///
/// A toolbox gives a call as much time as its [`Limits`](offseeker_tools::Limits) say, which is to be enough for an
/// attempt.
#[derive(Debug)]
pub struct AgentTool {
    spec: ToolSpec,
    researcher: Arc<dyn Researcher>,
    parent: Option<TrajectoryId>,
    journal: Journal,
    stop: Option<Stop>,
    deepest: u32,
    asked: Mutex<HashMap<TrajectoryId, Arc<OnceCell<Observation>>>>,
}

impl AgentTool {
    /// Puts questions to an agent; the model is told the name and the description.
    pub fn new(name: impl Into<String>, description: impl Into<String>, researcher: impl Researcher + 'static) -> Self {
        let question = json!({
            "type": "string",
            "description": "What is to be found out. The other agent knows nothing but this text.",
        });
        let parameters = json!({"type": "object", "properties": {"question": question}, "required": ["question"]});
        Self {
            spec: ToolSpec::new(name, description, parameters),
            researcher: Arc::new(researcher),
            parent: None,
            journal: Journal::none(),
            stop: None,
            deepest: 3,
            asked: Mutex::default(),
        }
    }

    /// Works for this attempt; see [`Tools::made_for`](crate::Tools::made_for). Where it is not said, attempts that ask the
    /// same are answered the same.
    #[must_use]
    pub fn within(self, parent: &TrajectoryId) -> Self {
        Self { parent: Some(parent.clone()), ..self }
    }

    /// Writes the attempts of the agent down where this journal does.
    #[must_use]
    pub fn journalled(self, journal: &Journal) -> Self {
        Self { journal: journal.beside(), ..self }
    }

    /// Lets this stop the agent. Where it is not said, what stops the attempt that calls stops an agent that is
    /// [journalled](Self::journalled); one that is not comes to its end first, because nothing of it would be left.
    #[must_use]
    pub fn stopped_by(self, stop: &Stop) -> Self {
        Self { stop: Some(stop.clone()), ..self }
    }

    /// Answers no call below so many agents; three where it is not said.
    #[must_use]
    pub fn at_most(self, deepest: u32) -> Self {
        Self { deepest, ..self }
    }

    /// The attempt at a question, with nothing said yet.
    fn beginning(&self, question: &str) -> Trajectory {
        let mut beginning = Trajectory::new(Question::new(question, Vec::<String>::new()), 0);
        let named = json!({"parent": self.parent, "tool": self.spec.name, "question": question});
        beginning.id = TrajectoryId::new(content_id(&named).expect("texts have a canonical form"));
        if let Some(parent) = &self.parent {
            beginning.metadata.insert("parent".to_owned(), parent.as_str().into());
        }
        beginning
    }

    /// What an attempt gave, asked for once however many calls want it.
    async fn ask(&self, beginning: Trajectory, depth: u32) -> Result<Observation, ToolError> {
        let cell = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.entry(beginning.id.clone()).or_default().clone()
        };
        let making = cell.get_or_try_init(|| async {
            let stop = self.stop();
            let made = make(&*self.researcher, beginning, &self.journal, &stop);
            // Boxed, because a future that calls agents that call agents has no end.
            let made = DEPTH.scope(depth + 1, Box::pin(made)).await;
            let made = made.map_err(|pause| self.rests(pause))?;
            observation(&self.spec.name, &made)
        });
        making.await.cloned()
    }

    fn stop(&self) -> Stop {
        let of_caller = || stop_of_caller().filter(|_| self.journal.lasts());
        self.stop.clone().or_else(of_caller).unwrap_or_default()
    }

    /// The agent rests, and the attempt that calls it with it: both go on from there.
    fn rests(&self, pause: Pause) -> ToolError {
        let error = ToolError::broken(&self.spec.name, format!("its agent rests: {pause}"));
        // Somebody else makes the same attempt: that is no reason for the whole run to rest.
        if !matches!(pause, Pause::Store(StoreError::Conflict { .. } | StoreError::Unfit { .. })) {
            let_caller_rest(pause);
        }
        error
    }
}

#[async_trait]
impl Tool for AgentTool {
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let question = arguments.get("question").and_then(Value::as_str).unwrap_or_default().trim();
        if question.is_empty() {
            return Ok(Observation::new(CallStatus::InvalidArguments, "The question is empty."));
        }
        let depth = DEPTH.try_with(|depth| *depth).unwrap_or_default();
        if depth >= self.deepest {
            let text = "No other agent can be asked from here. Find it out yourself.";
            return Ok(Observation::new(CallStatus::Budget, text));
        }
        self.ask(self.beginning(question), depth).await
    }
}

/// What the calling model is told of an attempt.
fn observation(tool: &str, made: &Trajectory) -> Result<Observation, ToolError> {
    let stop = made.stop.as_ref();
    if let Some(stop) = stop.filter(|stop| stop.is_infrastructure()) {
        return Err(ToolError::broken(tool, format!("its attempt {} ended as {}", made.id, stop.kind())));
    }
    let mut observation = match &made.answer {
        Some(answer) => Observation::ok(answer),
        None => {
            let kind = stop.map_or("unknown", StopReason::kind);
            Observation::new(CallStatus::NotFound, format!("No answer was found (the agent ended: {kind})."))
        }
    };
    observation.sources = sources(made);
    observation.usage = made.usage();
    Ok(observation)
}

/// What was seen in an attempt, each place once.
pub(super) fn sources(made: &Trajectory) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for node in made.nodes() {
        let Origin::Observed(observed) = &node.origin else { continue };
        for source in &observed.sources {
            if !sources.contains(source) {
                sources.push(source.clone());
            }
        }
    }
    sources
}
