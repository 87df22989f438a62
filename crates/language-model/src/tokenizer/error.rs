//! What can be wrong with a tokenizer, its files, or a text for it.

use std::io;
use std::path::PathBuf;

/// What can be wrong with a tokenizer, its files, or a text for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenizerError {
    /// A file could not be read.
    #[error("{} cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written; what was there before is as it was.
    #[error("{} cannot be written: {source}", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is larger than such a file ever is.
    #[error("{} is larger than the {most} bytes that such a file may have; is it the right file?", file.display())]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The most bytes that it may have.
        most: u64,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8 at byte {at}; save it again as UTF-8", file.display())]
    NotUtf8 {
        /// The file.
        file: PathBuf,
        /// The first byte that is wrong.
        at: usize,
    },
    /// A file does not hold what it should.
    #[error("{}: {place}: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where in the file.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// The tokenizer does not work on bytes.
    #[error("{}: {reason}; only byte-level tokenizers are read, such as those of Qwen, GPT-2 and Llama 3", file.display())]
    NotByteLevel {
        /// The file.
        file: PathBuf,
        /// What is missing.
        reason: &'static str,
    },
    /// A file names a token that the vocabulary does not have.
    #[error("{}: {place} names the token {token:?}, which tokenizer.json does not have; the files belong to different models", file.display())]
    UnknownToken {
        /// The file that names the token.
        file: PathBuf,
        /// Where in the file.
        place: String,
        /// The token.
        token: String,
    },
    /// An id that the vocabulary does not have.
    #[error("there is no token {id}: the vocabulary has {size} ids; the ids come from another tokenizer")]
    UnknownId {
        /// The id.
        id: u32,
        /// One more than the largest id.
        size: usize,
    },
    /// A text that cannot be split exactly.
    #[error("the text has more than {most} white-space characters in a row from byte {at}; shorten them")]
    WhiteSpace {
        /// Where the white space begins.
        at: usize,
        /// The most that is split exactly.
        most: usize,
    },
    /// The text cannot be encoded.
    #[error("the text cannot be encoded: {reason}")]
    Encode {
        /// What the tokenizer said.
        reason: String,
    },
    /// A special token that takes white space beside it cannot be told from text.
    #[error(
        "the special token {token:?} takes in what stands beside it, so a text that holds it cannot be told from it"
    )]
    Greedy {
        /// The token.
        token: String,
    },
    /// The vocabulary that was asked for cannot hold the bytes and the special tokens.
    #[error("a vocabulary of {asked} is too small: 256 bytes and the added tokens need {least}")]
    Vocabulary {
        /// How many tokens were asked for.
        asked: usize,
        /// The least that is possible.
        least: usize,
    },
    /// A special token is empty or named twice.
    #[error("the added token {token:?} is empty or named twice")]
    AddedToken {
        /// The token.
        token: String,
    },
    /// The training failed.
    #[error("the vocabulary cannot be trained: {reason}")]
    Training {
        /// What the trainer said.
        reason: String,
    },
}
