//! The words of a text as numbers, without a text for each.

use std::str::Chars;

use crate::is_dense;
use crate::set::spread;

const START: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u64 = 0x0000_0100_0000_01b3;

/// The [`words`](crate::words) of a text as numbers: the [`hash`] of each, in their order.
///
/// ```
/// use offseeker_resemblance::{WordHashes, hash};
///
/// let found: Vec<u64> = WordHashes::of("The MILL: 磨坊").collect();
/// assert_eq!(found, ["the", "mill", "磨", "坊"].map(hash));
/// ```
#[derive(Debug, Clone)]
pub struct WordHashes<'a> {
    rest: Chars<'a>,
}

impl<'a> WordHashes<'a> {
    /// The words of a text.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Self { rest: text.chars() }
    }
}

impl Iterator for WordHashes<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let first = self.rest.by_ref().find(|char| char.is_alphanumeric())?;
        let mut hash = taken(START, first);
        if is_dense(first) {
            return Some(spread(hash));
        }
        loop {
            let before = self.rest.clone();
            match self.rest.next() {
                Some(char) if char.is_ascii_alphanumeric() || (char.is_alphanumeric() && !is_dense(char)) => {
                    hash = taken(hash, char);
                }
                Some(char) if is_dense(char) => {
                    self.rest = before;
                    break;
                }
                _ => break,
            }
        }
        Some(spread(hash))
    }
}

/// The number of a text: the same on every machine and in every version. A word is written in lower case here.
#[must_use]
pub fn hash(text: &str) -> u64 {
    spread(text.chars().fold(START, mixed))
}

fn taken(hash: u64, char: char) -> u64 {
    if char.is_ascii() {
        mixed(hash, char.to_ascii_lowercase())
    } else {
        // As `str::to_lowercase` has it, but for the sigma at the end of a Greek word.
        char.to_lowercase().map(|char| if char == 'ς' { 'σ' } else { char }).fold(hash, mixed)
    }
}

fn mixed(hash: u64, char: char) -> u64 {
    (hash ^ u64::from(char)).wrapping_mul(FACTOR)
}
