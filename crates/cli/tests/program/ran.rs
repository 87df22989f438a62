//! How the program is run in tests.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What came of running the program.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program in a folder, told words that are parted by spaces, and no key.
pub(crate) fn program(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offseeker"));
    command.current_dir(folder).args(words.split_whitespace()).stdin(Stdio::null());
    for variable in ["OFFSEEKER_API_KEY", "BRAVE_API_KEY", "SEARXNG_URL", "OFFSEEKER_POSTGRES"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program.
pub(crate) fn run(folder: &Path, words: &str) -> Ran {
    let output = program(folder, words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the program for a machine, and gives the one object that it says.
pub(crate) fn json(folder: &Path, words: &str) -> Value {
    let ran = run(folder, &format!("{words} --json --quiet"));
    let said: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{words}: {error}\n{ran:?}"));
    assert!(matches!(ran.code, Some(0 | 4)), "{words}: {ran:?}");
    assert_eq!(ran.out.lines().count(), 1, "{words}");
    assert_eq!(said["command"], words.split_whitespace().next().unwrap());
    said
}
