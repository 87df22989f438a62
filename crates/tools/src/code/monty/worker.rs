//! The guest's side of the embedded interpreter: reads code, runs it, replies.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{FromRawFd, RawFd};
use std::sync::atomic::Ordering;
use std::time::Duration;

use monty::{MontyRepl, ReplProgress, ReplStartError};
use monty_types::{
    CompileOptions, ExcType, ExtFunctionResult, MontyException, MontyObject, NameLookupResult, PrintWriter,
    ResourceLimits, ResourceTracker,
};
use serde_json::{Map, Value};

use super::super::Bound;
use super::super::wire::{FromGuest, ToGuest, WORKER};
use super::SERVES;

/// Makes this process a guest of the embedded interpreter, if it was started to be one, and never returns then.
///
/// Called first in `main`, it lets [`Interpreter`](crate::code::Interpreter) start the program's own executable for the
/// embedded interpreter, so that no other has to be installed. The example `run_code` does so.
///
/// ```
/// // In a process that is no guest it does nothing else.
/// offseeker_tools::code::serve_if_guest();
/// ```
pub fn serve_if_guest() {
    SERVES.store(true, Ordering::Relaxed);
    let Some(settings) = std::env::var_os(WORKER) else { return };
    let served = settings.to_str().and_then(Settings::parse).map(serve);
    std::process::exit(if served == Some(Some(())) { 0 } else { 2 });
}

/// How much stack the interpreter gets, for functions that call each other as deep as they may.
const STACK: usize = 64 << 20;

/// What the host says when it starts a guest.
struct Settings {
    replies: RawFd,
    recursion: usize,
    longest_value: usize,
    memory: usize,
    cpu: Duration,
}

impl Settings {
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(' ').map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            replies: next()?.try_into().ok()?,
            recursion: next()?.try_into().ok()?,
            longest_value: next()?.try_into().ok()?,
            memory: next()?.try_into().ok()?,
            cpu: Duration::from_millis(next()?),
        })
    }
}

fn serve(settings: Settings) -> Option<()> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || Worker::new(settings)?.serve()).ok()?;
    thread.join().ok()?
}

struct Worker {
    settings: Settings,
    requests: BufReader<std::io::Stdin>,
    replies: File,
    functions: Vec<String>,
}

impl Worker {
    #[allow(unsafe_code)]
    fn new(settings: Settings) -> Option<Self> {
        if settings.replies <= 2 {
            return None;
        }
        // SAFETY: the host opened the descriptor for this process, and nothing else here uses it.
        let replies = unsafe { File::from_raw_fd(settings.replies) };
        Some(Self { settings, requests: BufReader::new(std::io::stdin()), replies, functions: Vec::new() })
    }

    fn serve(mut self) -> Option<()> {
        self.reply(&FromGuest::Ready {})?;
        let limits = ResourceLimits::default()
            .max_memory(self.settings.memory)
            .max_recursion_depth(self.settings.recursion)
            .max_suspensions(usize::MAX);
        let mut repl = MontyRepl::new("<code>", ResourceTracker::new(limits), CompileOptions::default());
        // Without the allocator that counts, in an executable of the user's, the limit of address space holds alone.
        let _ = monty_alloc::set_limit(Some(self.settings.memory), false);
        while let Some(message) = self.receive() {
            let ToGuest::Run { code, functions } = message else { return None };
            self.functions = functions;
            repl.tracker_mut().set_max_duration(self.settings.cpu);
            let done;
            (repl, done) = self.run(repl, &code)?;
            std::io::stdout().flush().ok()?;
            self.reply(&done)?;
        }
        Some(())
    }

    fn run(&mut self, repl: MontyRepl, code: &str) -> Option<(MontyRepl, FromGuest)> {
        let mut progress = repl.feed_start(code, Vec::new(), PrintWriter::Stdout);
        loop {
            progress = match progress {
                Ok(ReplProgress::Complete { repl, value }) => return Some((repl, self.done(&value))),
                Err(failed) => return Some(self.failed(*failed)),
                Ok(ReplProgress::FunctionCall(call)) => {
                    let result = self.call(&call.function_name, &call.args, &call.kwargs)?;
                    call.resume(result, PrintWriter::Stdout)
                }
                Ok(ReplProgress::NameLookup(lookup)) => {
                    let found = self.functions.iter().find(|name| **name == lookup.name);
                    let found = found.map(|name| MontyObject::Function { name: name.clone(), docstring: None });
                    lookup.resume(NameLookupResult::from(found), PrintWriter::Stdout)
                }
                Ok(ReplProgress::OsCall(call)) => {
                    call.resume(refusal("there are no files, no clock and no system here"), PrintWriter::Stdout)
                }
                Ok(ReplProgress::ResolveFutures(futures)) => {
                    futures.abort(refusal("nothing can be awaited here"), PrintWriter::Stdout)
                }
            };
        }
    }

    /// Lets the host run a function.
    fn call(
        &mut self,
        name: &str,
        args: &[MontyObject],
        kwargs: &[(MontyObject, MontyObject)],
    ) -> Option<ExtFunctionResult> {
        if !self.functions.iter().any(|known| known == name) {
            return Some(ExtFunctionResult::NotFound(name.to_owned()));
        }
        let args = args.iter().map(json).collect::<Result<_, _>>();
        let kwargs = kwargs.iter().map(|(key, value)| Ok((text(key), json(value)?))).collect::<Result<Map<_, _>, _>>();
        let (args, kwargs) = match (args, kwargs) {
            (Ok(args), Ok(kwargs)) => (args, kwargs),
            (Err(error), _) | (_, Err(error)) => return Some(ExtFunctionResult::Error(error)),
        };
        self.reply(&FromGuest::Call { name: name.to_owned(), args, kwargs })?;
        Some(match self.receive()? {
            ToGuest::Given { value } => ExtFunctionResult::Return(object(value)),
            ToGuest::Failed { reason } => ExtFunctionResult::Error(MontyException::runtime_error(reason)),
            ToGuest::Run { .. } => return None,
        })
    }

    fn done(&self, value: &MontyObject) -> FromGuest {
        let value =
            (*value != MontyObject::None).then(|| value.py_repr().chars().take(self.settings.longest_value).collect());
        FromGuest::Done { exit: 0, value, exceeded: None }
    }

    fn failed(&self, failed: ReplStartError) -> (MontyRepl, FromGuest) {
        let ReplStartError { repl, error } = failed;
        let exceeded = match error.exc_type() {
            ExcType::MemoryError => Some(Bound::Memory),
            ExcType::TimeoutError if repl.tracker().elapsed() >= self.settings.cpu => Some(Bound::Cpu),
            _ => None,
        };
        // What is printed goes out before what is complained of, and a host that does not listen is no matter.
        let _ = std::io::stdout().flush();
        let _ = writeln!(std::io::stderr(), "{error}");
        (repl, FromGuest::Done { exit: 1, value: None, exceeded })
    }

    fn receive(&mut self) -> Option<ToGuest> {
        let mut line = String::new();
        let read = self.requests.read_line(&mut line).ok()?;
        if read == 0 { None } else { serde_json::from_str(&line).ok() }
    }

    fn reply(&mut self, message: &FromGuest) -> Option<()> {
        let mut line = serde_json::to_vec(message).ok()?;
        line.push(b'\n');
        self.replies.write_all(&line).ok()
    }
}

fn refusal(why: &str) -> MontyException {
    MontyException::new(ExcType::PermissionError, Some(why.to_owned()))
}

fn text(object: &MontyObject) -> String {
    match object {
        MontyObject::String(text) => text.clone(),
        other => other.py_repr(),
    }
}

/// A value as JSON; what JSON lacks becomes text, but for numbers that are none.
fn json(object: &MontyObject) -> Result<Value, MontyException> {
    Ok(match object {
        MontyObject::None => Value::Null,
        MontyObject::Bool(is) => Value::Bool(*is),
        MontyObject::Int(number) => Value::from(*number),
        MontyObject::Float(number) => serde_json::Number::from_f64(*number).map(Value::Number).ok_or_else(|| {
            let why = format!("{number} cannot be passed to a function of the host");
            MontyException::new(ExcType::ValueError, Some(why))
        })?,
        MontyObject::List(items) | MontyObject::Tuple(items) | MontyObject::Set(items) => {
            Value::Array(items.iter().map(json).collect::<Result<_, _>>()?)
        }
        MontyObject::Dict(pairs) => {
            Value::Object(pairs.iter().map(|(key, value)| Ok((text(key), json(value)?))).collect::<Result<_, _>>()?)
        }
        other => Value::String(text(other)),
    })
}

/// JSON as a value.
fn object(value: Value) -> MontyObject {
    match value {
        Value::Null => MontyObject::None,
        Value::Bool(is) => MontyObject::Bool(is),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => MontyObject::Int(whole),
            None => MontyObject::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Value::String(text) => MontyObject::String(text),
        Value::Array(items) => MontyObject::List(items.into_iter().map(object).collect()),
        Value::Object(fields) => {
            let pairs: Vec<_> =
                fields.into_iter().map(|(key, value)| (MontyObject::String(key), object(value))).collect();
            MontyObject::dict(pairs)
        }
    }
}
