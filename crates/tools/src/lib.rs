//! What a model may call: search, pages, code.
//!
//! There is one trait, [`Tool`], and a [`Toolbox`] that holds the tools of one attempt: it finds the tool that a call
//! names, reads the arguments as far as they can be read without guessing, bounds time and text, and gives
//! [`Observation`]s in the order of the calls. An observation keeps the text for the model apart from what programs
//! want to know: how it went, what was shown, what it cost.
//!
//! - A [`Profile`] says what the tools are called, how they are described and how they write their answers. It is data:
//!   models that were trained with the tools of a published system find them as they know them.
//! - A [`Kit`] makes a fresh toolbox for each attempt from a profile, a search backend, a library of pages, an
//!   encyclopedia and an interpreter. Whether they are on the web or in a corpus makes no difference to it.
//! - [`Function`] makes a tool of a function; its schema is that of the function's argument.
//! - [`extract`] finds what a page says about a goal, with a model or without.
//!
//! What a model did wrong it is told. An error ends the attempt: nothing that the model does would help.
//!
//! ```
//! use offseeker_tools::{Function, Limits, Observation, Toolbox};
//! use offseeker_trajectory::ToolCall;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct River {
//!     /// The name of a mill.
//!     mill: String,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let river = Function::new("river", "Says which river drives a mill.", async |asked: River| {
//!     Ok(Observation::ok(format!("The Orsa drives {}.", asked.mill)))
//! });
//! let toolbox = Toolbox::new([Box::new(river) as _], Limits::default())?;
//!
//! let call = ToolCall::new("1", "river", r#"{"mill": "Karlin mill"}"#);
//! assert_eq!(toolbox.call(&call).await?.text, "The Orsa drives Karlin mill.");
//! # Ok(())
//! # }
//! ```

mod asked;
mod browser;
#[cfg(all(unix, any(feature = "python", feature = "monty")))]
pub mod code;
mod coercion;
mod error;
pub mod extract;
mod function;
mod kit;
#[cfg(feature = "mcp")]
pub mod mcp;
mod observation;
mod output;
pub mod profile;
mod recorded;
mod search;
mod spec;
mod tool;
mod toolbox;
mod visit;
mod wiki;

pub use browser::{BrowserFind, BrowserOpen, BrowserSearch};
pub use error::ToolError;
pub use function::Function;
pub use kit::{Kit, KitError};
pub use observation::{Cut, Freshness, Observation};
pub use offseeker_chat::Template;
pub use profile::{Profile, ProfileError};
pub use recorded::Recorded;
pub use search::Search;
pub use spec::{spec, typed};
pub use tool::Tool;
pub use toolbox::{Limits, Toolbox, ToolboxError};
pub use visit::Visit;
pub use wiki::Wiki;
