//! What code printed, up to a length: its beginning and its end.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// What code printed. Of more than is kept there are the beginning and the end, with a note between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// What is kept.
    pub text: String,
    /// How many characters were cut out.
    pub cut: u64,
}

/// Takes in a stream and keeps so much of it as is to be shown; memory does not grow with the stream.
#[derive(Debug)]
pub(super) struct Capture {
    most: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    characters: u64,
    bytes: u64,
}

/// The longest character in bytes.
const WIDEST: usize = 4;

impl Capture {
    /// Keeps at most so many characters.
    pub(super) fn new(most: usize) -> Self {
        Self { most, head: Vec::new(), tail: VecDeque::new(), characters: 0, bytes: 0 }
    }

    /// How many bytes came in.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes in the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.bytes += piece.len() as u64;
        self.characters += piece.iter().filter(|byte| !is_continuation(**byte)).count() as u64;
        let room = self.most.saturating_mul(WIDEST);
        let (first, rest) = piece.split_at(piece.len().min(room - self.head.len()));
        self.head.extend_from_slice(first);
        let rest = &rest[rest.len() - rest.len().min(room)..];
        let surplus = (self.tail.len() + rest.len()).saturating_sub(room);
        self.tail.drain(..surplus);
        self.tail.extend(rest);
    }

    /// What is to be shown of it; the next stream begins.
    pub(super) fn take(&mut self) -> Printed {
        let taken = std::mem::replace(self, Self::new(self.most));
        taken.finish()
    }

    fn finish(self) -> Printed {
        let tail: Vec<u8> = self.tail.into();
        let is_whole = (self.head.len() + tail.len()) as u64 == self.bytes;
        let (start, end) = if is_whole {
            let all = String::from_utf8_lossy(&[self.head, tail].concat()).into_owned();
            if all.chars().count() <= self.most {
                return Printed { text: all, cut: 0 };
            }
            (all.clone(), all)
        } else {
            let broken = tail.iter().take_while(|byte| is_continuation(**byte)).count();
            (String::from_utf8_lossy(&self.head).into_owned(), String::from_utf8_lossy(&tail[broken..]).into_owned())
        };
        let last = self.most / 2;
        let first: String = start.chars().take(self.most - last).collect();
        let skipped = end.chars().count().saturating_sub(last);
        let last: String = end.chars().skip(skipped).collect();
        let cut = self.characters.saturating_sub(self.most as u64).max(1);
        Printed { text: format!("{first}\n[... {cut} characters are left out here ...]\n{last}"), cut }
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_beginning_and_the_end() {
        check(10, &["short"], "short", 0);
        check(10, &["exactly", "ten"], "exactlyten", 0);
        check(4, &["abcdefgh"], "ab\n[... 4 characters are left out here ...]\ngh", 4);
        check(4, &["ab", "cd", "ef", "gh"], "ab\n[... 4 characters are left out here ...]\ngh", 4);
        check(4, &["ä".repeat(1_000).as_str(), "öü"], "ää\n[... 998 characters are left out here ...]\nöü", 998);
        check(3, &["€".repeat(4).as_str()], "€€\n[... 1 characters are left out here ...]\n€", 1);
        check(0, &["abc"], "\n[... 3 characters are left out here ...]\n", 3);
        check(0, &[""], "", 0);
    }

    #[track_caller]
    fn check(most: usize, pieces: &[&str], expected: &str, cut: u64) {
        let mut capture = Capture::new(most);
        for piece in pieces {
            capture.push(piece.as_bytes());
        }
        assert_eq!(capture.take(), Printed { text: expected.into(), cut });
        assert_eq!(capture.take(), Printed::default(), "nothing is left for the next");
    }

    #[test]
    fn a_flood_is_not_buffered() {
        let mut capture = Capture::new(100);
        for _ in 0..10_000 {
            capture.push(&[b'x'; 1_000]);
            assert!(capture.head.len() + capture.tail.len() <= 2 * 100 * WIDEST);
        }
        assert_eq!(capture.bytes(), 10_000_000);
        assert_eq!(capture.take().cut, 9_999_900);
    }
}
