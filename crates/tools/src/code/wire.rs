//! What the host and the guest, the process that runs the code, say to each other: JSON, one message a line.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Bound;

/// The longest line that is read from a guest.
pub(super) const LONGEST_LINE: usize = 4 << 20;

/// The environment variable that makes an executable of ours a guest of the embedded interpreter.
#[cfg(feature = "monty")]
pub(super) const WORKER: &str = "OFFSEEKER_INTERPRETER";

/// What the host says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ToGuest {
    /// Run this.
    Run { code: String, functions: Vec<String> },
    /// What the function gave that was called.
    Given { value: Value },
    /// Why the function that was called failed.
    Failed { reason: String },
}

/// What the guest says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FromGuest {
    /// It has started.
    Ready {},
    /// It calls a function of the host, and waits.
    Call { name: String, args: Vec<Value>, kwargs: Map<String, Value> },
    /// The code has ended.
    Done { exit: i32, value: Option<String>, exceeded: Option<Bound> },
}

impl ToGuest {
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("strings and JSON values can be written as JSON");
        line.push(b'\n');
        line
    }
}

/// Cuts what comes in into lines, none of them too long.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pending: Vec<u8>,
    searched: usize,
}

/// A line was longer than is read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Lines {
    /// Takes in the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.pending.extend_from_slice(piece);
    }

    /// The next whole line, without its end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        let found = self.pending[self.searched..].iter().position(|byte| *byte == b'\n');
        match found {
            Some(at) => {
                let mut line: Vec<u8> = self.pending.drain(..=self.searched + at).collect();
                self.searched = 0;
                line.pop();
                Ok(Some(line))
            }
            None if self.pending.len() > LONGEST_LINE => Err(TooLong),
            None => {
                self.searched = self.pending.len();
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_anywhere() {
        let mut lines = Lines::default();
        for piece in ["a", "b\nc", "\n\nd"] {
            lines.push(piece.as_bytes());
        }
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("no line is long") {
            found.push(String::from_utf8(line).expect("text"));
        }
        assert_eq!(found, ["ab", "c", ""]);
        lines.push(&vec![b'x'; LONGEST_LINE]);
        assert_eq!(lines.next(), Err(TooLong));
    }
}
