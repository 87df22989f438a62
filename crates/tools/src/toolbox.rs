//! The tools of one attempt.

use std::collections::HashSet;
use std::time::Duration;

use futures::StreamExt;
use offseeker_chat::arguments::{self, ArgumentError, Schema};
use offseeker_trajectory::{CallStatus, ToolCall, ToolSpec};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::coercion::coerce;
use crate::output::cap;
use crate::{Observation, Tool, ToolError};

/// The tools of one attempt: finds the one that a call names, reads its arguments, and bounds what comes of it.
///
/// A toolbox is made fresh for each attempt, because tools remember things: see [`Kit`](crate::Kit).
///
/// ```
/// use offseeker_tools::{Function, Limits, Observation, Toolbox};
/// use offseeker_trajectory::{CallStatus, ToolCall};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Arguments {
///     words: Vec<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let count = Function::new("count", "Counts words.", async |arguments: Arguments| {
///     Ok(Observation::ok(format!("{} words", arguments.words.len())))
/// });
/// let toolbox = Toolbox::new([Box::new(count) as _], Limits::default())?;
///
/// let calls = [
///     ToolCall::new("1", "count", r#"{"words": ["mill", "castle"]}"#),
///     ToolCall::new("2", "count", r#"{"words": "mill"}"#),
///     ToolCall::new("3", "weigh", "{}"),
/// ];
/// let observations: Vec<_> = toolbox.call_all(&calls).await.into_iter().collect::<Result<_, _>>()?;
/// assert_eq!(observations[0].text, "2 words");
/// assert_eq!(observations[1].coerced, ["words: one thing became a list of one"]);
/// assert_eq!(observations[2].status, CallStatus::InvalidArguments);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Toolbox {
    tools: Vec<Entry>,
    specs: Vec<ToolSpec>,
    limits: Limits,
    /// Calls of an earlier life of the program, of tools that remember.
    past: Mutex<Vec<ToolCall>>,
}

#[derive(Debug)]
struct Entry {
    schema: Schema,
    tool: Box<dyn Tool>,
}

/// What bounds the calls of a toolbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The most calls of one turn that are under way at once.
    pub at_once: usize,
    /// The longest time that a call may take.
    pub time: Duration,
    /// The longest text that the model is given for a call, in estimated tokens.
    pub tokens: usize,
}

impl Default for Limits {
    /// Five calls at once, fifteen minutes and 16,000 tokens each.
    fn default() -> Self {
        Self { at_once: 5, time: Duration::from_secs(900), tokens: 16_000 }
    }
}

/// Why tools do not make a toolbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToolboxError {
    /// Two tools have one name.
    #[error("two tools are called {name:?}; give one of them another name")]
    SameName {
        /// The name.
        name: String,
    },
    /// What a tool says of its arguments is no schema.
    #[error(transparent)]
    Schema(#[from] ArgumentError),
}

impl Toolbox {
    /// Puts tools together.
    ///
    /// # Errors
    ///
    /// When two have one name, or one has a schema that is none.
    pub fn new(tools: impl IntoIterator<Item = Box<dyn Tool>>, limits: Limits) -> Result<Self, ToolboxError> {
        let mut toolbox = Self { tools: Vec::new(), specs: Vec::new(), limits, past: Mutex::default() };
        let mut names = HashSet::new();
        for tool in tools {
            let spec = tool.spec();
            if !names.insert(spec.name.clone()) {
                return Err(ToolboxError::SameName { name: spec.name });
            }
            toolbox.tools.push(Entry { schema: Schema::compile(&spec)?, tool });
            toolbox.specs.push(spec);
        }
        Ok(toolbox)
    }

    /// What the model is told of the tools, in their order.
    #[must_use]
    pub fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    /// What bounds the calls.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes an attempt up again in which these calls were made, in their order.
    ///
    /// Tools that [remember](Tool::remembers) make theirs once more, before the first new call of such a tool; nothing is
    /// done where none comes. What they ask remotely they ask again, unless recordings lie underneath.
    pub fn take_up(&mut self, calls: impl IntoIterator<Item = ToolCall>) {
        let remembered: Vec<ToolCall> = calls.into_iter().filter(|call| self.remembers(&call.name)).collect();
        self.past.get_mut().extend(remembered);
    }

    fn remembers(&self, name: &str) -> bool {
        let place = self.specs.iter().position(|spec| spec.name == name);
        place.is_some_and(|place| self.tools[place].tool.remembers())
    }

    /// Makes the calls of an earlier life once more.
    async fn recall(&self) -> Result<(), ToolError> {
        let mut past = self.past.lock().await;
        for call in past.drain(..) {
            if let Ok((tool, arguments, _)) = self.prepare(&call) {
                self.bounded(tool, arguments).await?;
            }
        }
        Ok(())
    }

    /// Makes calls side by side, and gives what came of them in the order of the calls.
    ///
    /// The calls begin in their order, so that of two calls of a tool that remembers, the first comes first.
    pub async fn call_all(&self, calls: &[ToolCall]) -> Vec<Result<Observation, ToolError>> {
        let at_once = self.limits.at_once.max(1);
        futures::stream::iter(calls).map(|call| self.call(call)).buffered(at_once).collect().await
    }

    /// Makes one call.
    ///
    /// # Errors
    ///
    /// When something broke that the model cannot be told of; the attempt cannot go on.
    pub async fn call(&self, call: &ToolCall) -> Result<Observation, ToolError> {
        if self.remembers(&call.name) {
            self.recall().await?;
        }
        let begun = Instant::now();
        let mut observation = match self.prepare(call) {
            Ok((tool, arguments, coerced)) => {
                let mut observation = self.bounded(tool, arguments).await?;
                observation.coerced.splice(0..0, coerced);
                observation
            }
            Err(reason) => Observation::new(CallStatus::InvalidArguments, reason),
        };
        cap(&mut observation, self.limits.tokens);
        observation.elapsed = begun.elapsed();
        tracing::debug!(
            tool = call.name,
            status = ?observation.status,
            elapsed_s = observation.elapsed.as_secs_f64(),
            bytes = observation.text.len(),
            "called a tool"
        );
        Ok(observation)
    }

    async fn bounded(&self, tool: &dyn Tool, arguments: Value) -> Result<Observation, ToolError> {
        let limit = self.limits.time;
        match tokio::time::timeout(limit, tool.call(arguments)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let text = format!("The call was given up because it took longer than {} s.", limit.as_secs_f64());
                Ok(Observation::new(CallStatus::Timeout, text))
            }
        }
    }

    /// The tool that is called, its arguments, and what was done to make them fit; or words for the model.
    fn prepare(&self, call: &ToolCall) -> Result<(&dyn Tool, Value, Vec<String>), String> {
        let place =
            self.specs.iter().position(|spec| spec.name == call.name).ok_or_else(|| self.unknown(&call.name))?;
        let (entry, spec) = (&self.tools[place], &self.specs[place]);
        let wrong = |error: ArgumentError| format!("The arguments of {} cannot be used: {error}.", call.name);
        let read = arguments::read(&call.arguments).map_err(wrong)?;
        let (arguments, coerced) = match entry.schema.check(&read.value) {
            Ok(()) => (read.value, Vec::new()),
            Err(_) => coerce(&spec.parameters, read.value),
        };
        entry.schema.check(&arguments).map_err(wrong)?;
        Ok((&*entry.tool, arguments, coerced))
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.specs.iter().map(|spec| spec.name.as_str()).collect();
        let shown: String = name.chars().take(100).collect();
        if names.is_empty() {
            format!("There is no tool {shown:?}, nor any other.")
        } else {
            format!("There is no tool {shown:?}. The tools are: {}.", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests;
