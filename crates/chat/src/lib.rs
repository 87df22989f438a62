//! The port through which every part of offseeker talks to a language model.
//!
//! There is one trait, [`ChatModel`]: it continues a conversation by one message. A remote server, a local model, a
//! script for tests and every wrapper around another model implement it, so what writes questions, attempts them or
//! judges answers never knows which it has.
//!
//! - [`OpenAi`] speaks to any server with OpenAI's chat completions; [`Completions`] sends it a prompt that was
//!   rendered here, which is what exact training data needs.
//! - [`Scripted`] says what a test wants to hear.
//! - [`Retry`], [`RateLimit`], [`Budget`], [`Concurrency`], [`Recorded`] wrap a model and are models themselves;
//!   [`Endpoints`] spreads requests over several. [`ChatModelExt`] puts them on with a method each.
//! - [`dialect`] turns the text of a model into reasoning, calls and an answer, and back.
//! - [`Template`] is a prompt with names that are filled in.
//! - [`arguments`] reads the arguments of a call, also where the model spelled them badly, and says how badly.
//! - [`conformance`] holds what every implementation must fulfil; run it on yours.
//!
//! This crate does not decide what to say: prompts, tools and loops live above it.
//!
//! ```
//! use offseeker_chat::{ChatModel, ChatModelExt, Request, Scripted};
//! use offseeker_trajectory::Message;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), offseeker_chat::ChatError> {
//! let model = Scripted::saying(["the Orsa"]).retrying(Default::default());
//!
//! let asked = [Message::user("Which river does the Karlin mill stand on?")];
//! let reply = model.reply(Request::new(&asked)).await?;
//! assert_eq!(reply.message.content, "the Orsa");
//! # Ok(())
//! # }
//! ```

pub mod arguments;
mod budget;
mod concurrency;
pub mod conformance;
pub mod dialect;
mod endpoints;
mod error;
mod estimate;
mod ext;
mod model;
#[cfg(feature = "openai")]
mod openai;
mod rate_limit;
mod recorded;
mod render;
mod reply;
mod request;
mod retry;
mod sampling;
mod scripted;
#[cfg(test)]
mod slow;
mod template;

pub use budget::{Allowance, Budget, Ledger};
pub use concurrency::Concurrency;
pub use endpoints::{Endpoint, EndpointStatus, Endpoints};
pub use error::ChatError;
pub use ext::ChatModelExt;
pub use model::ChatModel;
#[cfg(feature = "openai")]
pub use offseeker_remote::Key;
pub use offseeker_remote::{HealthState as EndpointState, Mode, RetryPolicy};
pub use offseeker_trajectory::Finish;
#[cfg(feature = "openai")]
pub use openai::{Completions, Offer, OpenAi, Options, Price, Server, Timeouts};
pub use rate_limit::{Limiter, RateLimit, Rates};
pub use recorded::Recorded;
pub use render::{ChatMl, Prompt, Render};
pub use reply::Reply;
pub use request::{OwnedRequest, Request};
pub use retry::Retry;
pub use sampling::Sampling;
pub use scripted::Scripted;
pub use template::Template;
