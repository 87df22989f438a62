//! Who hangs up, and who asks the program to end.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};

use crate::ran::program;

/// Sends a signal to the program.
pub(crate) fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
}

#[test]
fn a_reader_that_hangs_up_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    for words in ["config", "--help", "completions bash"] {
        let mut child = program(folder.path(), words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{words}");
    }
}
