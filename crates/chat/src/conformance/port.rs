//! Checks what holds for every model.

use futures::FutureExt;
use futures::future::join_all;
use offseeker_trajectory::{Message, Role};

use super::Violation;
use super::cases::UNICODE;
use crate::{ChatError, ChatModel, Reply, Request, Sampling};

/// How many requests are made at once.
const AT_ONCE: usize = 8;

/// Checks what holds for every model, whatever it says.
///
/// It makes about twenty short requests and a long one, each for at most sixteen tokens.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_port(model: &dyn ChatModel) -> Result<(), Violation> {
    let port = Port { model, name: model.name().to_owned() };
    port.has_a_name()?;
    port.answers("a question is answered", "Say hello.").await?;
    port.answers("a text of any letters is answered", UNICODE).await?;
    port.wants_a_message().await?;
    port.survives("an empty text does no harm", "").await?;
    port.survives("a text of 100 kB does no harm", &"word ".repeat(20_000)).await?;
    port.samples().await?;
    port.answers_many().await?;
    port.outlives_a_dropped_request().await?;
    port.has_a_name()
}

struct Port<'a> {
    model: &'a dyn ChatModel,
    name: String,
}

impl Port<'_> {
    fn has_a_name(&self) -> Result<(), Violation> {
        self.law("a model has a name", !self.name.is_empty(), || "its name is empty".to_owned())?;
        let now = self.model.name();
        self.law("a model keeps its name", now == self.name, || format!("its name was {:?}, then {now:?}", self.name))
    }

    async fn wants_a_message(&self) -> Result<(), Violation> {
        let answer = self.model.reply(Request::new(&[])).await;
        let is_invalid = matches!(answer, Err(ChatError::InvalidRequest { .. }));
        self.law("a request without a message is invalid", is_invalid, || format!("it answered {answer:?}"))
    }

    async fn answers(&self, law: &'static str, text: &str) -> Result<(), Violation> {
        match self.ask(text).await {
            Ok(reply) => self.is_whole(&reply),
            Err(error) => Err(self.violation(law, format!("it failed: {error}"))),
        }
    }

    /// Answered or turned down for what it is, and usable afterwards.
    async fn survives(&self, law: &'static str, text: &str) -> Result<(), Violation> {
        match self.ask(text).await {
            Ok(reply) => self.is_whole(&reply)?,
            Err(ChatError::ContextTooLong { .. } | ChatError::InvalidRequest { .. }) => {}
            Err(error) => return Err(self.violation(law, format!("it failed: {error}"))),
        }
        self.answers(law, "Say hello again.").await
    }

    fn is_whole(&self, reply: &Reply) -> Result<(), Violation> {
        let (role, usage) = (reply.message.role, reply.usage);
        self.law("a reply is a message of the assistant", role == Role::Assistant, || format!("it is of the {role}"))?;
        self.law("usage counts the request", usage.requests >= 1, || format!("it is {usage:?}"))?;
        let (ids, logprobs) = reply.sampled.as_ref().map_or((0, 0), |it| (it.ids().len(), it.logprobs().len()));
        self.law("tokens and log-probabilities go together", ids == 0 || logprobs == 0 || ids == logprobs, || {
            format!("there are {ids} tokens and {logprobs} log-probabilities")
        })
    }

    /// A server need not know its tokens, but those that it gives have to fit together.
    async fn samples(&self) -> Result<(), Violation> {
        let sampling = Sampling { token_ids: true, logprobs: true, ..brief() };
        let question = [Message::user("Say hello in tokens.")];
        match self.model.reply(Request::new(&question).sampling(&sampling)).await {
            Ok(reply) => self.is_whole(&reply),
            Err(ChatError::InvalidRequest { .. }) => Ok(()),
            Err(error) => Err(self.violation("a request for tokens is answered", format!("it failed: {error}"))),
        }
    }

    async fn answers_many(&self) -> Result<(), Violation> {
        let law = "requests that are made at once are all answered";
        let texts: Vec<String> = (0..AT_ONCE).map(|number| format!("Say the number {number}.")).collect();
        let answers = join_all(texts.iter().map(|text| self.answers(law, text))).await;
        answers.into_iter().collect()
    }

    async fn outlives_a_dropped_request(&self) -> Result<(), Violation> {
        drop(self.ask("Never mind."));
        // Polls it once and drops it in the middle, unless it is done by then.
        let _ = self.ask("Never mind.").now_or_never();
        self.answers("a dropped request leaves the model usable", "Say hello once more.").await
    }

    async fn ask(&self, text: &str) -> Result<Reply, ChatError> {
        self.model.reply(Request::new(&[Message::user(text)]).sampling(&brief())).await
    }

    fn law(&self, law: &'static str, holds: bool, found: impl FnOnce() -> String) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(self.violation(law, found())) }
    }

    fn violation(&self, law: &'static str, found: String) -> Violation {
        Violation { model: self.name.clone(), law, found }
    }
}

fn brief() -> Sampling {
    Sampling { max_tokens: Some(16), ..Sampling::default() }
}
