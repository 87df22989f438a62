//! Comfort for every model: a question in one line, wrappers by a method each.

use async_trait::async_trait;
use offseeker_trajectory::Message;

use crate::{ChatError, ChatModel, Request};

/// Comfort for every [`ChatModel`].
#[async_trait]
pub trait ChatModelExt: ChatModel {
    /// Asks one thing and gives the text of the reply.
    async fn ask(&self, question: &str) -> Result<String, ChatError> {
        let messages = [Message::user(question)];
        Ok(self.reply(Request::new(&messages)).await?.message.content)
    }
}

impl<M: ChatModel + ?Sized> ChatModelExt for M {}
