//! The thread that tends a guest: asks, listens, watches the limits, kills.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Instant;

use nix::sys::signal::Signal;
use tokio::sync::mpsc::UnboundedSender;

use super::guest::{Guest, Sight, TICK};
use super::plan::Plan;
use super::wire::{FromGuest, ToGuest};
use super::{Bound, CodeError, Execution, HostCall, Outcome};

/// A piece of code that is to be run.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) code: String,
    pub(super) is_last: bool,
    pub(super) functions: Vec<String>,
    pub(super) events: UnboundedSender<Event>,
    pub(super) answers: Receiver<ToGuest>,
    pub(super) abandoned: Arc<AtomicBool>,
}

/// What happens while it runs.
#[derive(Debug)]
pub(super) enum Event {
    /// It calls a function of the host, and waits.
    Called { name: String, call: HostCall },
    /// It has ended, or could not be run.
    Ended(Result<Execution, CodeError>),
}

/// Runs what is asked for until nobody can ask any more.
pub(super) fn tend(plan: &Plan, jobs: &Receiver<Job>) {
    let mut guest = None;
    while let Ok(job) = jobs.recv() {
        let result = run(plan, &mut guest, &job);
        // Nobody listens any more where the piece was given up.
        let _ = job.events.send(Event::Ended(result));
    }
}

fn run(plan: &Plan, place: &mut Option<Guest>, job: &Job) -> Result<Execution, CodeError> {
    let living = place.take().and_then(Guest::if_alive);
    let is_fresh = living.is_none();
    let mut guest = match living {
        Some(guest) => guest,
        None => Guest::start(plan, job.is_last)?,
    };
    let since = Instant::now();
    guest.begin();
    guest.say(&ToGuest::Run { code: job.code.clone(), functions: job.functions.clone() });
    let End { mut outcome, value, lives } =
        Watch { plan, job, since, calls: 0, awaits: false, done: None }.run(&mut guest);
    if lives {
        guest.listen();
    } else {
        guest.end();
    }
    let (stdout, stderr) = (guest.printed.take(), guest.complained.take());
    if outcome == (Outcome::Killed { signal: Signal::SIGABRT as i32 }) && stderr.text.contains(OUT_OF_MEMORY) {
        outcome = Outcome::Exceeded { bound: Bound::Memory };
    }
    if lives {
        *place = Some(guest);
    }
    Ok(Execution { outcome, stdout, stderr, value, elapsed: since.elapsed(), is_fresh, state_kept: lives })
}

/// What an executable in Rust says before it gives up for lack of memory.
const OUT_OF_MEMORY: &str = "allocation of ";

/// How a piece of code ended, and whether its guest lives on.
struct End {
    outcome: Outcome,
    value: Option<String>,
    lives: bool,
}

impl End {
    fn of(outcome: Outcome) -> Self {
        Self { outcome, value: None, lives: false }
    }

    fn beyond(bound: Bound) -> Self {
        Self::of(Outcome::Exceeded { bound })
    }
}

/// Watches one piece of code.
struct Watch<'a> {
    plan: &'a Plan,
    job: &'a Job,
    since: Instant,
    calls: u32,
    /// Whether the guest waits for the answer of a function.
    awaits: bool,
    done: Option<End>,
}

impl Watch<'_> {
    fn run(mut self, guest: &mut Guest) -> End {
        loop {
            let seen = match guest.look() {
                Sight::Nothing => None,
                Sight::Said(message) => self.hear(message, guest),
                Sight::Severed => Some(End::of(Outcome::Severed)),
                Sight::Ended(status) => Some(self.bury(status)),
            };
            if let Some(end) = seen.or_else(|| self.beyond(guest)) {
                return end;
            }
            if self.awaits
                && let Ok(answer) = self.job.answers.recv_timeout(TICK)
            {
                guest.say(&answer);
                self.awaits = false;
            }
        }
    }

    fn hear(&mut self, message: FromGuest, guest: &mut Guest) -> Option<End> {
        match message {
            FromGuest::Done { exit, value, exceeded } if self.done.is_none() => {
                let outcome = exceeded.map_or(Outcome::Finished { exit }, |bound| Outcome::Exceeded { bound });
                let end = End { outcome, value, lives: !self.job.is_last };
                if end.lives {
                    return Some(end);
                }
                guest.dismiss();
                self.done = Some(end);
                None
            }
            FromGuest::Call { name, args, kwargs } if self.done.is_none() && !self.awaits => {
                self.calls += 1;
                if self.calls > self.plan.limits.calls {
                    return Some(End::beyond(Bound::Calls));
                }
                self.awaits = true;
                let call = HostCall { args, kwargs };
                // Where nobody listens any more, the piece was given up, and that is seen below.
                let _ = self.job.events.send(Event::Called { name, call });
                None
            }
            _ => Some(End::of(Outcome::Severed)),
        }
    }

    fn beyond(&self, guest: &mut Guest) -> Option<End> {
        if self.job.abandoned.load(Ordering::Relaxed) {
            return Some(End::of(Outcome::Severed));
        }
        if self.since.elapsed() > self.plan.limits.wall {
            return Some(End::beyond(Bound::Wall));
        }
        guest.exceeds(self.plan).map(End::beyond)
    }

    /// The process has ended: as it said before, unless it came to a bad end afterwards.
    fn bury(&mut self, status: ExitStatus) -> End {
        match (self.done.take(), status.code(), status.signal()) {
            (Some(end), Some(0), _) => end,
            (_, Some(exit), _) => End::of(Outcome::Finished { exit }),
            (_, None, Some(signal)) if signal == Signal::SIGXCPU as i32 => End::beyond(Bound::Cpu),
            (_, None, Some(signal)) => End::of(Outcome::Killed { signal }),
            (_, None, None) => End::of(Outcome::Severed),
        }
    }
}
