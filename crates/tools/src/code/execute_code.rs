//! The tool by which a model runs code.

use async_trait::async_trait;
use offseeker_trajectory::{CallStatus, ToolSpec};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Bound, CodeError, Execution, Interpreter, Outcome, Session};
use crate::{Observation, Tool, ToolError};

/// Lets a model run code.
///
/// Each call stands alone, unless the tool [keeps variables](Self::keeping_variables); then it is made fresh for each
/// attempt, and its calls run one after the other.
#[derive(Debug)]
pub struct ExecuteCode {
    interpreter: Interpreter,
    spec: ToolSpec,
    field: String,
    session: Option<Mutex<Session>>,
}

impl ExecuteCode {
    /// The tool under the name `execute_code`, with the code in the field `code`.
    #[must_use]
    pub fn new(interpreter: Interpreter) -> Self {
        let parameters = json!({
            "type": "object",
            "properties": {"code": {"type": "string", "description": "The Python code to run."}},
            "required": ["code"],
        });
        let description = "Runs Python code in a sandbox without network and gives what it prints and the value of its \
                           last expression.";
        Self {
            interpreter,
            spec: ToolSpec::new("execute_code", description, parameters),
            field: "code".to_owned(),
            session: None,
        }
    }

    /// Tells the model something else of it, and takes the code from the field that is named.
    #[must_use]
    pub fn specified(mut self, spec: ToolSpec, field: impl Into<String>) -> Self {
        self.spec = spec;
        self.field = field.into();
        self
    }

    /// Lets variables of one call be there for the next.
    #[must_use]
    pub fn keeping_variables(mut self) -> Self {
        self.session = Some(Mutex::new(self.interpreter.session()));
        self
    }

    /// What runs the code.
    #[must_use]
    pub fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    async fn run(&self, code: &str) -> Result<Execution, CodeError> {
        match &self.session {
            Some(session) => session.lock().await.run(code).await,
            None => self.interpreter.run(code).await,
        }
    }
}

#[async_trait]
impl Tool for ExecuteCode {
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let Some(code) = arguments.get(&self.field).and_then(Value::as_str) else {
            let text = format!("[Error] `{}` is missing, or is no string.", self.field);
            return Ok(Observation::new(CallStatus::InvalidArguments, text));
        };
        let execution = self.run(code).await.map_err(|error| ToolError::broken(&self.spec.name, error.to_string()))?;
        let text = execution.rendered(self.interpreter.limits(), self.session.is_some());
        let mut observation = Observation::new(execution.status(), text);
        observation.elapsed = execution.elapsed;
        Ok(observation)
    }

    fn remembers(&self) -> bool {
        self.session.is_some()
    }
}

impl Execution {
    /// How the call went that ran the code. Code that raised an exception did what it was asked: it was run.
    #[must_use]
    pub fn status(&self) -> CallStatus {
        match self.outcome {
            Outcome::Finished { .. } => CallStatus::Ok,
            Outcome::Exceeded { bound: Bound::Wall | Bound::Cpu } => CallStatus::Timeout,
            Outcome::Exceeded { bound: Bound::Source } => CallStatus::InvalidArguments,
            Outcome::Exceeded { .. } | Outcome::Killed { .. } => CallStatus::Blocked,
            Outcome::Severed => CallStatus::Internal,
        }
    }

    /// What a model reads of it.
    fn rendered(&self, limits: &super::Limits, is_session: bool) -> String {
        let mut parts = Vec::new();
        if !self.stdout.text.is_empty() {
            parts.push(format!("stdout:\n{}", self.stdout.text.trim_end_matches('\n')));
        }
        if let Some(value) = &self.value {
            parts.push(format!("value:\n{value}"));
        }
        if !self.stderr.text.is_empty() {
            parts.push(format!("stderr:\n{}", self.stderr.text.trim_end_matches('\n')));
        }
        match self.outcome {
            Outcome::Finished { exit: 0 } if parts.is_empty() => parts.push("[Finished without output]".to_owned()),
            Outcome::Finished { exit: 0 } => {}
            Outcome::Finished { exit } => parts.push(format!("[Exit status {exit}]")),
            Outcome::Exceeded { bound } => parts.push(format!("[Stopped: {}]", reached(bound, limits))),
            Outcome::Killed { signal } => parts.push(format!("[Ended by signal {signal}]")),
            Outcome::Severed => parts.push("[Stopped: the interpreter was cut off]".to_owned()),
        }
        if is_session && !self.state_kept {
            parts.push("[The variables are gone; the next call starts afresh]".to_owned());
        }
        parts.join("\n")
    }
}

fn reached(bound: Bound, limits: &super::Limits) -> String {
    match bound {
        Bound::Wall => format!("it took longer than {} s", limits.wall.as_secs_f64()),
        Bound::Cpu => format!("it used more than {} s of processor time", limits.cpu.as_secs_f64()),
        Bound::Memory => format!("it used more than {} MiB of memory", limits.memory >> 20),
        Bound::Threads => format!("it started more than {} threads", limits.threads),
        Bound::Disk => format!("it wrote more than {} MiB, or {} files", limits.disk >> 20, limits.files),
        Bound::Output => format!("it printed more than {} MiB", limits.output >> 20),
        Bound::Source => format!("the code is longer than {} bytes and was not run", limits.source),
        Bound::Calls => format!("it called functions more than {} times", limits.calls),
    }
}
