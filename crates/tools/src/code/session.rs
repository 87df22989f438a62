//! Runs code, one piece after the other, with variables that stay.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as threads;

use tokio::sync::mpsc as tasks;

use super::plan::Plan;
use super::tend::{Event, Job, tend};
use super::wire::ToGuest;
use super::{Bound, CodeError, Execution, HostCall, HostFunction};

/// Runs code, one piece after the other. Variables, functions and files of one piece are there for the next.
///
/// A session that reached a limit, crashed or was cut short is over: its [`Execution::state_kept`] says so, and the next
/// piece starts afresh. A piece whose future is dropped is killed at once. The session itself ends when it is dropped.
///
/// It is an object, not a name: nobody else can get hold of it.
#[derive(Debug)]
pub struct Session {
    plan: Arc<Plan>,
    functions: Vec<HostFunction>,
    jobs: Option<threads::Sender<Job>>,
}

impl Session {
    pub(super) fn new(plan: Arc<Plan>, functions: Vec<HostFunction>) -> Self {
        Self { plan, functions, jobs: None }
    }

    /// Runs a piece of code.
    pub async fn run(&mut self, code: &str) -> Result<Execution, CodeError> {
        self.ask(code, false).await
    }

    /// Runs the only piece of code: the interpreter ends with it, and threads that it left are awaited.
    pub(super) async fn run_once(mut self, code: &str) -> Result<Execution, CodeError> {
        self.ask(code, true).await
    }

    async fn ask(&mut self, code: &str, is_last: bool) -> Result<Execution, CodeError> {
        if code.len() > self.plan.limits.source {
            return Ok(Execution::refused(Bound::Source, !is_last));
        }
        let (events, mut happened) = tasks::unbounded_channel();
        let (answers, answered) = threads::channel();
        let abandoned = Abandoned::default();
        let functions = self.functions.iter().map(|function| function.name().to_owned()).collect();
        let job = Job {
            code: code.to_owned(),
            is_last,
            functions,
            events,
            answers: answered,
            abandoned: abandoned.0.clone(),
        };
        self.jobs()?.send(job).map_err(|_| gone())?;
        while let Some(event) = happened.recv().await {
            match event {
                Event::Called { name, call } => {
                    let answer = self.answer(&name, call).await;
                    // A guest that is gone by now tells of it in the next event.
                    let _ = answers.send(answer);
                }
                Event::Ended(result) => return result,
            }
        }
        Err(gone())
    }

    async fn answer(&self, name: &str, call: HostCall) -> ToGuest {
        let Some(function) = self.functions.iter().find(|function| function.name() == name) else {
            return ToGuest::Failed { reason: format!("there is no function {name}") };
        };
        match function.call(call).await {
            Ok(value) => ToGuest::Given { value },
            Err(reason) => ToGuest::Failed { reason },
        }
    }

    /// The way to the thread that tends the guest. The thread lives as long as the session: a guest dies with the
    /// thread that started it, and a thread of the runtime may end at any time.
    fn jobs(&mut self) -> Result<&threads::Sender<Job>, CodeError> {
        if self.jobs.is_none() {
            let (jobs, asked) = threads::channel();
            let plan = self.plan.clone();
            std::thread::Builder::new()
                .name("offseeker-code".to_owned())
                .spawn(move || tend(&plan, &asked))
                .map_err(|error| CodeError::broken("a thread for the interpreter cannot be started", error))?;
            self.jobs = Some(jobs);
        }
        Ok(self.jobs.as_ref().expect("it was made above"))
    }
}

/// Tells the thread, when it is dropped, that nobody waits for the answer.
#[derive(Debug, Default)]
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn gone() -> CodeError {
    CodeError::Broken { reason: "the thread that tends the interpreter is gone".to_owned() }
}
