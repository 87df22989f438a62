//! The `python3` of this machine, run in a sandbox of the system.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::CodeError;

/// Runs blocks of code; what a Python is started with.
pub(super) const DRIVER: &str = include_str!("driver.py");

/// A Python that was found.
#[derive(Debug, Clone)]
pub(super) struct Python {
    pub(super) program: PathBuf,
    pub(super) version: String,
    /// What it has to read to start.
    pub(super) readable: Vec<PathBuf>,
}

/// What a Python says of itself.
#[derive(Deserialize)]
struct Answer {
    executable: PathBuf,
    version: String,
    major: u32,
    minor: u32,
    paths: Vec<PathBuf>,
}

const QUESTION: &str = "
import json, os, sys, sysconfig
paths = [p for p in sys.path + list(sysconfig.get_paths().values()) if p and os.path.isabs(p)]
paths += [os.path.join(p, 'pyvenv.cfg') for p in (sys.prefix, os.path.dirname(os.path.dirname(sys.executable)))]
paths += [os.path.join(p, 'lib') for p in (sys.base_prefix, sys.base_exec_prefix)]
print(json.dumps({
    'executable': sys.executable, 'version': sys.version.split()[0],
    'major': sys.version_info[0], 'minor': sys.version_info[1],
    'paths': sorted({os.path.realpath(p) for p in paths if os.path.exists(p)} | {p for p in paths if os.path.exists(p)}),
}))
";

/// How long a Python may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(20);
/// The oldest that the driver runs on.
const OLDEST: (u32, u32) = (3, 8);

impl Python {
    /// The Python that was named, or the first `python3` in `PATH` and the usual places that works.
    pub(super) fn find(named: Option<&Path>) -> Result<Self, CodeError> {
        if let Some(program) = named {
            return Self::ask(program).map_err(|reason| CodeError::NoInterpreter { tried: reason });
        }
        let mut tried = Vec::new();
        for program in candidates().filter(|program| program.is_file()) {
            match Self::ask(&program) {
                Ok(python) => return Ok(python),
                Err(reason) => tried.push(reason),
            }
        }
        if tried.is_empty() {
            tried.push("there is no python3 in PATH".to_owned());
        }
        Err(CodeError::NoInterpreter { tried: tried.join("; ") })
    }

    fn ask(program: &Path) -> Result<Self, String> {
        let named = program.display();
        let answer = listen(program).map_err(|reason| format!("{named}: {reason}"))?;
        let answer: Answer = serde_json::from_slice(&answer).map_err(|_| format!("{named} is no Python"))?;
        if (answer.major, answer.minor) < OLDEST {
            return Err(format!(
                "{named} is Python {}, and {}.{} is the oldest that works",
                answer.version, OLDEST.0, OLDEST.1
            ));
        }
        let mut readable = answer.paths;
        // A folder such as `/usr` would show far more than Python.
        readable.retain(|path| path.components().count() > 2);
        Ok(Self { program: answer.executable, version: answer.version, readable })
    }

    /// How much address space it takes before any code runs: little, and counted as the code's.
    pub(super) fn overhead(&self) -> u64 {
        0
    }

    /// What it is started with; the driver's arguments follow.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        ["-I", "-B", "-X", "utf8", "-c", DRIVER].map(OsString::from).into()
    }
}

fn candidates() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    folders.extend(["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    folders.into_iter().map(|folder| folder.join("python3"))
}

/// Lets a program answer the question, for so long as patience lasts.
fn listen(program: &Path) -> Result<Vec<u8>, String> {
    const LONGEST: u64 = 1 << 20;
    let mut child = Command::new(program)
        .args(["-I", "-B", "-c", QUESTION])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("it does not start: {error}"))?;
    let stdout = child.stdout.take().expect("standard output is a pipe");
    let reader = std::thread::spawn(move || {
        let mut answer = Vec::new();
        stdout.take(LONGEST).read_to_end(&mut answer).map(|_| answer)
    });
    let since = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if since.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not say what it is within {} s", PATIENCE.as_secs()));
            }
        }
    };
    if !status.success() {
        return Err(format!("it ended with {status}"));
    }
    reader.join().map_err(|_| "it cannot be read".to_owned())?.map_err(|error| error.to_string())
}
