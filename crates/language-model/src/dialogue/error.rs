//! Why a dialogue cannot be rendered, or cannot be learnt from.

use std::path::PathBuf;

use offseeker_trajectory::SampleId;

use crate::TokenizerError;

/// Why a dialogue cannot be rendered, or cannot be learnt from.
///
/// Messages and calls are numbered from nought.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialogueError {
    /// A template is no template, or failed on these messages.
    #[error("template {name:?}{}: {reason}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// The template: its file or its name.
        name: String,
        /// The line in it.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// There is no template of this name.
    #[error("there is no chat template {name:?}; there are: {}", there_are.join(", "))]
    NoTemplate {
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        there_are: Vec<String>,
    },
    /// The template writes a token that the tokenizer does not have.
    #[error(
        "line {line} of template {name:?} writes {token:?}, which the tokenizer does not have; they belong to different models"
    )]
    MissingToken {
        /// The template.
        name: String,
        /// The line in it.
        line: usize,
        /// The token.
        token: String,
    },
    /// The tokenizer does not say at which token a turn ends.
    #[error("the tokenizer does not say at which token a turn ends; set eos_token in tokenizer_config.json")]
    NoEndToken,
    /// A message comes where its role has no place.
    #[error("message {message} is of the {role}: {reason}")]
    Role {
        /// The message.
        message: usize,
        /// Its role.
        role: offseeker_trajectory::Role,
        /// What is wrong with that.
        reason: &'static str,
    },
    /// There are no messages.
    #[error("there are no messages")]
    NoMessages,
    /// A message says nothing.
    #[error("message {message} of the {role} says nothing; leave it out")]
    Empty {
        /// The message.
        message: usize,
        /// Its role.
        role: offseeker_trajectory::Role,
    },
    /// A message is larger than any that is rendered.
    #[error("message {message} has {bytes} bytes, more than the {most} that a message may have")]
    TooLarge {
        /// The message.
        message: usize,
        /// Its size.
        bytes: usize,
        /// The most.
        most: usize,
    },
    /// The arguments of a call are no object, which this template needs them to be.
    #[error("message {message}, call {call}: the arguments are not a JSON object: {reason}")]
    Arguments {
        /// The message.
        message: usize,
        /// The call.
        call: usize,
        /// What is wrong with them.
        reason: String,
    },
    /// What stands before a turn in the whole dialogue is not the prompt that the model was given.
    #[error(
        "up to byte {at} what stands before message {message} is its prompt, then it is not: the template writes a message otherwise once others follow it, so this turn cannot be learnt from exactly; use another template or thinking policy"
    )]
    NotThePrompt {
        /// The message of the model.
        message: usize,
        /// The first byte of the rendered dialogue that differs.
        at: usize,
    },
    /// The template leaves out a part of what the model wrote.
    #[error("the template leaves out the {what} of message {message}; use another template or thinking policy")]
    LeftOut {
        /// The message.
        message: usize,
        /// The part.
        what: &'static str,
    },
    /// The template does not end a turn of the model with one of the tokenizer's ending tokens.
    #[error("the template writes no ending token after message {message}; the tokenizer's are {ends:?}")]
    NoEnd {
        /// The message.
        message: usize,
        /// The ending tokens.
        ends: Vec<u32>,
    },
    /// A text holds the spelling of a special token, and the template does not pass it through as it is.
    #[error(
        "message {message} holds the spelling of a special token and the template changes the text around it; it cannot be told which tokens are the template's own"
    )]
    Unmarkable {
        /// The first message that holds one.
        message: usize,
    },
    /// A message that the model did not write has a weight.
    #[error("message {message} of the {role} has weight {weight}; only what the model wrote is learnt from")]
    WeightOnGiven {
        /// The message.
        message: usize,
        /// Its role.
        role: offseeker_trajectory::Role,
        /// Its weight.
        weight: f32,
    },
    /// A token of a sample is none of the tokenizer's.
    #[error("token {at} is {id}, but the vocabulary has {size} ids; the sample was made with another tokenizer")]
    ForeignToken {
        /// Its place.
        at: usize,
        /// Its id.
        id: u32,
        /// One more than the largest id.
        size: usize,
    },
    /// The tokenizer failed.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// A template's file could not be read.
    #[error("the template {} cannot be read: {source}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: Box<TokenizerError>,
    },
    /// A sample is no use.
    #[error("sample {sample}: {source}")]
    Sample {
        /// The sample.
        sample: SampleId,
        /// What is wrong with it.
        source: Box<DialogueError>,
    },
}
