//! A model that is asked what it thinks, until its reply can be read.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::{ChatError, ChatModel, Mode, Recorded, Reply, Request, Sampling};
use offseeker_trajectory::Message;

use crate::{GradeError, Prompt};

/// A model that is asked what it thinks, until its reply can be read.
///
/// # The cache
///
/// A judge that is [recorded](Self::recorded) keeps every reply in a folder and never asks the same twice, also not after
/// a kill, and not in another process on the same folder. A reply belongs to everything that changes it: the name and the
/// revision of the model, the prompt with all that is filled in, the sampling, the number of the vote (which is its seed),
/// and what was read before where a reply had to be asked for again. A failure that passes is not kept. So a prompt that
/// is changed by one letter asks anew, and one that is changed back finds its replies again.
///
/// The folder holds one file for each reply, with what was asked beside it; it may be copied, shared and merged as files.
/// With [`Mode::ReplayStrict`] nothing is ever asked: whoever has the folder gets the same grades without the model.
#[derive(Debug, Clone)]
pub struct Judge {
    model: Arc<dyn ChatModel>,
    /// How it is to sample. Greedy.
    pub sampling: Sampling,
    /// How often it is asked until its reply can be read. 3.
    pub tries: u32,
}

/// What a judge thinks.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement<T> {
    /// Its reply, as it was read.
    Read(T),
    /// No reply could be read, or the model will not reply to this, however often it is asked.
    Unreadable {
        /// What was wrong with the last one.
        reason: String,
    },
}

impl Judge {
    /// A judge that samples greedily and is asked up to three times.
    #[must_use]
    pub fn new(model: Arc<dyn ChatModel>) -> Self {
        Self { model, sampling: Sampling::greedy(), tries: 3 }
    }

    /// A judge whose replies are kept in a folder, and are given again as the mode says: [`Mode::Replay`] asks for what is
    /// not there.
    ///
    /// The revision is what tells this state of the model from others that a server has under the same name: a date, a
    /// hash of weights. It stands behind the model's name in everything that is kept; an empty one leaves the name as it is.
    #[must_use]
    pub fn recorded(model: Arc<dyn ChatModel>, revision: &str, folder: impl Into<PathBuf>, mode: Mode) -> Self {
        let name = if revision.is_empty() { model.name().to_owned() } else { format!("{}@{revision}", model.name()) };
        Self::new(Arc::new(Recorded::new(Revision { model, name }, folder, mode)))
    }

    /// The name of the model, with its revision where one was said.
    #[must_use]
    pub fn name(&self) -> &str {
        self.model.name()
    }

    /// Asks for a reply that `read` can read. What it could not read is told to the model with the reason.
    ///
    /// `grader` names who asks, in an error. `vote` tells several votes on one question apart.
    ///
    /// # Errors
    ///
    /// [`GradeError::Judge`] when the model does not reply.
    pub async fn ask<T>(
        &self,
        grader: &str,
        prompt: &Prompt,
        values: &[(&str, &str)],
        vote: u32,
        read: impl Fn(&str) -> Result<T, String> + Send,
    ) -> Result<Judgement<T>, GradeError> {
        let mut messages = vec![Message::user(prompt.fill(values))];
        let mut reason = String::from("it was not asked");
        let sampling = Sampling { seed: Some(vote.into()), ..self.sampling.clone() };
        for _ in 0..self.tries.max(1) {
            let reply = match self.model.reply(Request::new(&messages).sampling(&sampling)).await {
                Ok(reply) => reply,
                // It would fail the same way every time, so waiting for better days leads nowhere.
                Err(verdict) if verdict.is_verdict() => {
                    return Ok(Judgement::Unreadable { reason: verdict.to_string() });
                }
                Err(source) => return Err(GradeError::Judge { grader: grader.to_owned(), source }),
            };
            match read(&reply.message.content) {
                Ok(read) => return Ok(Judgement::Read(read)),
                Err(wrong) => reason = wrong,
            }
            messages.push(reply.message);
            messages
                .push(Message::user(format!("That could not be read: {reason}. Reply again in the form asked for.")));
        }
        Ok(Judgement::Unreadable { reason })
    }
}

/// A model under a name that says its revision.
#[derive(Debug)]
struct Revision {
    model: Arc<dyn ChatModel>,
    name: String,
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ChatModel for Revision {
    fn name(&self) -> &str {
        &self.name
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        self.model.reply(request).await
    }
}
