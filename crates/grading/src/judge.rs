//! A model that is asked what it thinks, until its reply can be read.

use std::sync::Arc;

use offseeker_chat::{ChatModel, Request, Sampling};
use offseeker_trajectory::Message;

use crate::{GradeError, Prompt};

/// A model that is asked what it thinks, until its reply can be read.
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
    /// No reply could be read.
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
            let reply = self.model.reply(Request::new(&messages).sampling(&sampling)).await;
            let reply = reply.map_err(|source| GradeError::Judge { grader: grader.to_owned(), source })?;
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
