//! A model for tests that takes its time and notes who is under way.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use offseeker_trajectory::Message;
use tokio::time::Instant;

use crate::{ChatError, ChatModel, ChatModelExt, Reply, Request};

type Answer = Result<Reply, ChatError>;
type Rule = dyn Fn(&str) -> (Duration, Answer) + Send + Sync;

/// Answers the last message by a rule, after as long as the rule says.
pub(crate) struct Slow {
    rule: Box<Rule>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    under_way: usize,
    most_at_once: usize,
    started: Vec<(String, Instant)>,
}

impl Slow {
    /// Says what it was told, after a while.
    pub(crate) fn new(takes: Duration) -> Self {
        Self::by(move |text| (takes, Ok(Reply::new(Message::assistant(text)))))
    }

    /// Answers by a rule.
    pub(crate) fn by(rule: impl Fn(&str) -> (Duration, Answer) + Send + Sync + 'static) -> Self {
        Self { rule: Box::new(rule), seen: Mutex::default() }
    }

    /// The most requests that were under way at one time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.seen().most_at_once
    }

    /// What it was asked, and when, in the order in which it was asked.
    pub(crate) fn started(&self) -> Vec<(String, Instant)> {
        self.seen().started.clone()
    }

    /// What it was asked, in the order in which it was asked.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.started().into_iter().map(|(text, _)| text).collect()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slow").field("seen", &self.seen).finish_non_exhaustive()
    }
}

#[async_trait]
impl ChatModel for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    async fn reply(&self, request: Request<'_>) -> Answer {
        let text = &request.messages.last().ok_or_else(|| ChatError::invalid("no message"))?.content;
        {
            let mut seen = self.seen();
            seen.under_way += 1;
            seen.most_at_once = seen.most_at_once.max(seen.under_way);
            seen.started.push((text.clone(), Instant::now()));
        }
        let _under_way = UnderWay(self);
        let (takes, answer) = (self.rule)(text);
        tokio::time::sleep(takes).await;
        answer
    }
}

struct UnderWay<'a>(&'a Slow);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.seen().under_way -= 1;
    }
}

/// Asks all at once and waits for every answer.
pub(crate) async fn ask_all(
    model: &dyn ChatModel,
    texts: impl IntoIterator<Item = impl ToString>,
) -> Vec<Result<String, ChatError>> {
    let texts: Vec<String> = texts.into_iter().map(|text| text.to_string()).collect();
    join_all(texts.iter().map(|text| model.ask(text))).await
}
