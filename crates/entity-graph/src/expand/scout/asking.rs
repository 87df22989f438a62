//! A scout that lets an agent of the caller's find out.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use offseeker_pages::{Library, Page};

use super::{Findings, Outlook, Scout};
use crate::expand::ask::again;
use crate::expand::pages::{cut, is_gone};
use crate::expand::{Prompts, Setback};

/// The most pages of one exploration that quotes are looked up in.
const MOST_PAGES: usize = 64;

/// The longest page, in characters.
const LONGEST_PAGE: usize = 400_000;

/// What an agent said in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Its final answer.
    pub text: String,
    /// The addresses of the pages that it saw: the answer may quote from these.
    pub pages: Vec<String>,
}

type Agent = dyn Fn(String, u64) -> BoxFuture<'static, Result<Told, Setback>> + Send + Sync;

/// Lets an agent of the caller's find out about an entity, with whatever tools it has.
///
/// The agent is a closure that is given a prompt and a seed, and gives its final answer with the addresses that it saw.
/// The pages are then read again through a library, the one that the agent's tools use, and the quotes are looked up in
/// them. An agent that could not ask its model gives a [`Setback::Outage`], one that came to no answer a
/// [`Setback::unreadable`].
///
/// With `offseeker-agent-loop`, the closure poses the prompt as the question of an attempt; the answer is the content of
/// the last message, and the addresses stand in the arguments of the calls that opened a page:
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_entity_graph::expand::{Asking, Setback, Told};
/// use offseeker_pages::{Page, Shelf};
///
/// # struct Agent;
/// # struct Attempt { answer: String, opened: Vec<String> }
/// # impl Agent {
/// #     async fn attempt(&self, asked: &str) -> Result<Attempt, offseeker_chat::ChatError> {
/// #         Ok(Attempt { answer: asked.to_owned(), opened: Vec::new() })
/// #     }
/// # }
/// # let agent = Arc::new(Agent);
/// let library = Arc::new(Shelf::of([Page::new("u", "Karlin mill", "It stands on the Orsa.")]));
/// let scout = Asking::new("my agent", library, move |prompt, _seed| {
///     let agent = agent.clone();
///     Box::pin(async move {
///         let attempt = agent.attempt(&prompt).await?;
///         Ok::<_, Setback>(Told { text: attempt.answer, pages: attempt.opened })
///     })
/// });
/// ```
pub struct Asking {
    name: String,
    library: Arc<dyn Library>,
    agent: Box<Agent>,
    prompts: Prompts,
    keep_unsupported: bool,
    leave_out_unreachable: bool,
}

impl Asking {
    /// A scout of this name: another one for another agent.
    pub fn new(
        name: impl Into<String>,
        library: Arc<dyn Library>,
        agent: impl Fn(String, u64) -> BoxFuture<'static, Result<Told, Setback>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            library,
            agent: Box::new(agent),
            prompts: Prompts::default(),
            keep_unsupported: false,
            leave_out_unreachable: false,
        }
    }

    /// Asks by other prompts: `asking` and `again` of them.
    #[must_use]
    pub fn prompted(self, prompts: Prompts) -> Self {
        Self { prompts, ..self }
    }

    /// Keeps what no page says, as claims without evidence.
    #[must_use]
    pub fn keeping_unsupported(self) -> Self {
        Self { keep_unsupported: true, ..self }
    }

    /// Passes pages over that the agent saw and that cannot be reached just now.
    #[must_use]
    pub fn leaving_out_unreachable(self) -> Self {
        Self { leave_out_unreachable: true, ..self }
    }

    async fn pages(&self, outlook: Outlook<'_>, seen: &[String]) -> Result<Vec<Page>, Setback> {
        let mut pages = outlook.pages.to_vec();
        for url in seen.iter().take(MOST_PAGES) {
            match self.library.get(url).await {
                Ok(mut page) => {
                    cut(&mut page, LONGEST_PAGE);
                    pages.push(page);
                }
                Err(error) if error.is_verdict() || (self.leave_out_unreachable && is_gone(&error)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(pages)
    }
}

#[async_trait]
impl Scout for Asking {
    fn name(&self) -> &str {
        &self.name
    }

    async fn explore(&self, outlook: Outlook<'_>) -> Result<Findings, Setback> {
        let entity = outlook.entity;
        let known = |text: &str| if text.is_empty() { "unknown".to_owned() } else { text.to_owned() };
        let (kind, description) = (known(&entity.kind), known(&entity.description));
        let prompt =
            self.prompts.asking.fill(&[("name", &entity.name), ("kind", &kind), ("description", &description)]);
        let told = (self.agent)(prompt + &again(&self.prompts, outlook.tried), outlook.seed).await?;
        let pages = self.pages(outlook, &told.pages).await?;
        Findings::read(&told.text, entity, &pages, self.keep_unsupported)
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").field("name", &self.name).finish_non_exhaustive()
    }
}
