//! How alike texts and sets are: words, runs of words, near duplicates, components.
//!
//! Questions are kept apart from benchmarks, attempts from attempts that did the same, pages from copies of questions.
//! All of that asks one question, how much two things have in common, and has to answer it in the same way everywhere,
//! whatever the script. This crate does, and does nothing else: it reads no file and knows no trajectory.
//!
//! - [`words`] splits a text; where a script writes no spaces, each character is a word. [`WordHashes`] are the same
//!   words as numbers, without a text for each.
//! - [`Set`] is what things are compared by: numbers, such as the hashes of [`runs`] of words.
//! - [`KnownTexts`] says which of many texts another one repeats, and how near it comes to them. It is exact.
//! - [`Near`] finds all sets that are nearly the same among very many, by `MinHash`, and verifies what it finds.
//! - [`Components`] are the groups that such pairs make.
//!
//! Hashes are the same on every machine and in every version, so sets can be kept in files. They keep chance apart, not
//! an enemy: who wants to can make two texts with the same hash.
//!
//! ```
//! use offseeker_resemblance::{Near, Set, runs};
//!
//! let texts = ["the mill stands on the Orsa", "The mill stands on the Orsa!", "the castle lies on a hill"];
//! let sets: Vec<Set> = texts.iter().map(|text| runs(text, 3)).collect();
//!
//! let groups = Near::at(0.9).components(&sets);
//! assert_eq!(groups.of(1), 0);
//! assert_eq!(groups.of(2), 2);
//! ```

mod components;
mod known_texts;
mod near;
mod set;
mod tokens;
mod word_hashes;
mod words;

pub use components::Components;
pub use known_texts::{KnownTexts, LONG_RUN, SHORT_RUN};
pub use near::Near;
pub use set::{Set, runs};
pub use tokens::estimate_tokens;
pub use word_hashes::{WordHashes, hash};
pub use words::{is_dense, pairs, words};
