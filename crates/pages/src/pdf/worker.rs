//! Reads a file in a process of its own, which may fail in any way without harm.

use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::{Failure, PdfOptions, Read, thread as reader};

/// The largest file that a worker takes, in bytes.
const LARGEST: u64 = 1 << 30;

/// How much longer than the text what a worker writes may be: it is escaped.
const ESCAPED: u64 = 6;

/// A program that reads PDF files in a process of its own.
///
/// It gets a file and gives its text, and can do no harm by crashing, hanging or asking for memory: its time, and on
/// Unix its memory, are limited. It is not shut in: what a flaw in the parser lets it do, it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfWorker {
    /// The program, which calls [`serve_pdf`].
    pub program: PathBuf,
    /// What comes before all other arguments, where the program does other things too.
    pub arguments: Vec<String>,
    /// How much memory it may ask for, in bytes; only Unix keeps this. 2 GiB.
    pub memory: u64,
}

impl PdfWorker {
    /// Has files read by this program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), memory: 2 << 30 }
    }

    pub(super) fn read(&self, bytes: &[u8], options: &PdfOptions) -> Read {
        let begun = Instant::now();
        let mut child = self.start(options)?;
        let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let file = bytes.to_vec();
        // A worker that ends early closes the pipe; what it wrote says why.
        thread::spawn(move || stdin.take().map(|mut stdin| stdin.write_all(&file)));
        let (done, result) = channel();
        let longest = ESCAPED * (options.text as u64 + (1 << 20));
        thread::spawn(move || {
            let mut written = Vec::new();
            let read = stdout.map(|stdout| stdout.take(longest).read_to_end(&mut written));
            let _ = done.send(read.map(|read| read.map(|_| written)));
        });
        let grace = options.time / 10 + Duration::from_millis(500);
        let answer = result.recv_timeout((options.time + grace).saturating_sub(begun.elapsed()));
        let in_time = answer.is_ok();
        let status = end(child, in_time);
        let written = answer.ok().flatten().and_then(Result::ok).unwrap_or_default();
        match serde_json::from_slice::<Read>(&written) {
            Ok(read) => read,
            Err(_) if !in_time => Err(Failure::Timeout),
            Err(_) => Err(Failure::unreadable(format!("it is a PDF file that its reader fails at ({status})"))),
        }
    }

    fn start(&self, options: &PdfOptions) -> Result<Child, Failure> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        let limits = [options.pages as u64, options.text as u64, millis(options.time), self.memory];
        command.args(limits.map(|limit| limit.to_string())).env_clear();
        // A program that is given by its name alone is looked for where this one would look.
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().map_err(|error| {
            let program = self.program.display();
            Failure::Broken(format!("{program}, which reads PDF files, cannot be started: {error}"))
        })
    }
}

/// Ends a process and says how it ended.
fn end(mut child: Child, in_time: bool) -> String {
    if !in_time {
        // It may have ended by itself.
        let _ = child.kill();
    }
    child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Reads one PDF file from the standard input and writes what it says to the standard output, for a [`PdfWorker`].
///
/// The last four arguments of the program are its limits: pages, bytes of text, milliseconds, bytes of memory.
#[must_use]
pub fn serve_pdf() -> ExitCode {
    let arguments: Vec<u64> = std::env::args().rev().take(4).filter_map(|limit| limit.parse().ok()).collect();
    let [memory, time, text, pages] = arguments[..] else {
        eprintln!("give limits as the last arguments: pages, bytes of text, milliseconds, bytes of memory");
        return ExitCode::from(2);
    };
    if let Err(error) = limit_resources(memory) {
        eprintln!("the memory cannot be limited to {memory} bytes: {error}");
        return ExitCode::FAILURE;
    }
    let size = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
    let options = PdfOptions { pages: size(pages), text: size(text), time: Duration::from_millis(time), worker: None };
    let mut file = Vec::new();
    let read = match io::stdin().take(LARGEST).read_to_end(&mut file) {
        Ok(_) => reader::read(&file, &options),
        Err(error) => Err(Failure::Broken(format!("the file cannot be taken over: {error}"))),
    };
    match serde_json::to_writer(io::stdout().lock(), &read) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

#[cfg(unix)]
fn limit_resources(memory: u64) -> io::Result<()> {
    use nix::sys::resource::{Resource, setrlimit};
    // No image of what crashed is left behind.
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    Ok(setrlimit(Resource::RLIMIT_AS, memory, memory)?)
}

#[cfg(not(unix))]
fn limit_resources(_memory: u64) -> io::Result<()> {
    Ok(())
}
