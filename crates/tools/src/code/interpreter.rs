//! Runs code that a model wrote.

use std::path::PathBuf;
use std::sync::Arc;

use super::confinement::Confinement;
use super::guest::Guest;
use super::plan::{Plan, Shown};
use super::{CodeError, Description, Engine, Execution, HostFunction, Limits, Session};

/// How code is to be run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How much a piece of code may use.
    pub limits: Limits,
    /// What is to interpret it; by default the machine's Python, and the embedded interpreter where there is none.
    pub engine: Option<Engine>,
    /// The Python to use; by default the first `python3` that works.
    pub python: Option<PathBuf>,
    /// The executable of the embedded interpreter; by default it is looked for. See [`serve_if_guest`](super::serve_if_guest).
    pub worker: Option<PathBuf>,
    /// Whether code may run where the system gives no whole sandbox. What is missing is in the [`Description`].
    pub allow_unsandboxed: bool,
}

/// Runs code that a model wrote, in a process of its own that may do next to nothing.
///
/// ```no_run
/// # async fn run() -> Result<(), offseeker_tools::code::CodeError> {
/// use offseeker_tools::code::{Interpreter, Options};
///
/// let interpreter = Interpreter::detect(Options::default()).await?;
/// let execution = interpreter.run("sum(range(10))").await?;
/// assert_eq!(execution.value.as_deref(), Some("45"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Interpreter {
    plan: Arc<Plan>,
    description: Arc<Description>,
    functions: Vec<HostFunction>,
}

impl Interpreter {
    /// Finds what can run code here, starts it once, and sees whether what should hold it back does.
    pub async fn detect(options: Options) -> Result<Self, CodeError> {
        let found = tokio::task::spawn_blocking(move || Self::find(&options)).await;
        found.map_err(|error| CodeError::broken("the search for an interpreter broke off", error))?
    }

    fn find(options: &Options) -> Result<Self, CodeError> {
        match options.engine {
            Some(Engine::Python) => Self::python(options),
            Some(Engine::Monty) => Self::monty(options),
            None => Self::python(options).or_else(|first| {
                Self::monty(options).map_err(|second| match (first, second) {
                    // A sandbox that is missing or broken is what the caller can do something about.
                    (first @ (CodeError::Unsandboxed { .. } | CodeError::Broken { .. }), _) => first,
                    (first, second) => CodeError::NoInterpreter { tried: format!("{first}; {second}") },
                })
            }),
        }
    }

    #[cfg(feature = "python")]
    fn python(options: &Options) -> Result<Self, CodeError> {
        let python = super::python::Python::find(options.python.as_deref())?;
        let shown =
            Shown { program: python.program.clone(), readable: python.readable.clone(), overhead: python.overhead() };
        let confinement = Confinement::new(shown);
        if !confinement.missing().is_empty() && !options.allow_unsandboxed {
            return Err(CodeError::Unsandboxed { missing: confinement.missing().join(", ") });
        }
        let plan = Plan {
            arguments: python.arguments(),
            program: python.program,
            marker: None,
            confinement,
            limits: options.limits,
        };
        Self::seen_to_hold(plan, Engine::Python, python.version)
    }

    #[cfg(not(feature = "python"))]
    fn python(_: &Options) -> Result<Self, CodeError> {
        Err(CodeError::NoInterpreter { tried: "python3 is not tried without the feature `python`".to_owned() })
    }

    #[cfg(feature = "monty")]
    fn monty(options: &Options) -> Result<Self, CodeError> {
        let program = super::monty::find(options.worker.as_deref())?;
        let overhead = super::monty::overhead(&program);
        let confinement = Confinement::new(Shown { program: program.clone(), readable: Vec::new(), overhead });
        let marker = Some(super::wire::WORKER);
        let plan = Plan { program, arguments: Vec::new(), marker, confinement, limits: options.limits };
        Self::seen_to_hold(plan, Engine::Monty, monty_types::MONTY_VERSION.to_owned())
    }

    #[cfg(not(feature = "monty"))]
    fn monty(_: &Options) -> Result<Self, CodeError> {
        let tried = "there is no embedded interpreter without the feature `monty`".to_owned();
        Err(CodeError::NoInterpreter { tried })
    }

    /// Starts a guest, and looks at its process from outside.
    fn seen_to_hold(plan: Plan, engine: Engine, version: String) -> Result<Self, CodeError> {
        let guest = Guest::start(&plan, true)?;
        plan.confinement.verify(guest.pid())?;
        drop(guest);
        let mut enforced = plan.confinement.enforced();
        if engine == Engine::Monty {
            enforced.insert(0, "an interpreter without files, network, processes and native code".to_owned());
        }
        let missing = [plan.confinement.missing(), plan.confinement.lacking()].concat();
        let description = Description { engine, version, enforced, missing };
        Ok(Self { plan: Arc::new(plan), description: Arc::new(description), functions: Vec::new() })
    }

    /// Lets code call functions of the host. One with the name of an earlier one takes its place.
    #[must_use]
    pub fn with_functions(mut self, functions: impl IntoIterator<Item = HostFunction>) -> Self {
        for function in functions {
            self.functions.retain(|other| other.name() != function.name());
            self.functions.push(function);
        }
        self
    }

    /// What interprets code.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.description.engine
    }

    /// What runs code here, and what protects the machine from it.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// How much a piece of code may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.plan.limits
    }

    /// Runs a piece of code that shares nothing with any other. When the future is dropped it is killed.
    pub async fn run(&self, code: &str) -> Result<Execution, CodeError> {
        self.session().run_once(code).await
    }

    /// Begins a session, in which variables stay. The interpreter starts with the first piece of code.
    #[must_use]
    pub fn session(&self) -> Session {
        Session::new(self.plan.clone(), self.functions.clone())
    }
}
