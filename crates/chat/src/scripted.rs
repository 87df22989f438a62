//! A model that says what it was told to, for tests and for examples that run offline.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use offseeker_trajectory::{Message, Usage};

use crate::{ChatError, ChatModel, OwnedRequest, Reply, Request};

type Answer = dyn Fn(Request<'_>) -> Result<Reply, ChatError> + Send + Sync;

/// A model that says what it was told to, and remembers what it was asked.
///
/// ```
/// # use offseeker_chat::{ChatModelExt, Scripted};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_chat::ChatError> {
/// let model = Scripted::saying(["first", "second"]);
/// assert_eq!(model.ask("a?").await?, "first");
/// assert_eq!(model.ask("b?").await?, "second");
/// assert!(model.ask("c?").await.is_err());
/// assert_eq!(model.asked()[1].messages[0].content, "b?");
/// # Ok(())
/// # }
/// ```
pub struct Scripted {
    name: String,
    script: Script,
    asked: Mutex<Vec<OwnedRequest>>,
}

enum Script {
    Lines(Mutex<VecDeque<Result<Reply, ChatError>>>),
    Rule(Box<Answer>),
}

impl Scripted {
    /// Says these texts one after the other, then fails.
    pub fn saying<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::replying(texts.into_iter().map(|text| Ok(Reply::new(Message::assistant(text)))))
    }

    /// Gives these replies one after the other, then fails.
    pub fn replying(replies: impl IntoIterator<Item = Result<Reply, ChatError>>) -> Self {
        Self::with(Script::Lines(Mutex::new(replies.into_iter().collect())))
    }

    /// Answers each request by a rule.
    pub fn by(rule: impl Fn(Request<'_>) -> Result<Reply, ChatError> + Send + Sync + 'static) -> Self {
        Self::with(Script::Rule(Box::new(rule)))
    }

    fn with(script: Script) -> Self {
        Self { name: "scripted".to_owned(), script, asked: Mutex::default() }
    }

    /// Goes by another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// What it was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<OwnedRequest> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl ChatModel for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let number = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(request.to_owned());
            asked.len()
        };
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is no message to reply to"));
        }
        let reply = match &self.script {
            Script::Rule(rule) => rule(request),
            Script::Lines(lines) => lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front()
                .unwrap_or_else(|| Err(ChatError::broken(format!("the script has no line {number}")))),
        };
        reply.map(|reply| counted(request, reply))
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Counts words as tokens where the script says nothing of usage, so that budgets have something to go by.
fn counted(request: Request<'_>, mut reply: Reply) -> Reply {
    if reply.usage == Usage::default() {
        let words = |text: &str| text.split_whitespace().count() as u64;
        reply.usage = Usage {
            requests: 1,
            prompt_tokens: request.messages.iter().map(|message| words(&message.content)).sum(),
            completion_tokens: words(&reply.message.content),
            ..Usage::default()
        };
    }
    reply
}
