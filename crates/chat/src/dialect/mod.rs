//! The ways in which models write reasoning, calls and answers into their text, and how to read and write them.
//!
//! A [`Dialect`] is data: which tags there are and how a call is spelled. Those that published agents use come with the
//! crate ([`Dialect::shipped`]); any other can be read from JSON.
//!
//! | name | calls | answer | spoken by |
//! | --- | --- | --- | --- |
//! | `qwen` | `<tool_call>{"name": .., "arguments": {..}}</tool_call>` | `<answer>` | Qwen3, Hermes, OffSeeker |
//! | `offseeker-legacy` | `<function_call>{..}</function_call>` | `<result>` | OffSeeker's older scripts |
//! | `openseeker` | `<tool_call>` within `<tool_calls_begin>` | `\boxed{}` | OpenSeeker |
//! | `tongyi` | `<tool_call>`, Python in `<code>` within it | `<answer>` | Tongyi |
//! | `qwen-xml` | `<function=name><parameter=key>value</parameter></function>` in `<tool_call>` | `<answer>` | Qwen3-Coder |
//! | `boxed` | `<tool_call>` | `\boxed{}` | Fathom |
//! | `search-r1` | `<search>query</search>`, one action a turn | `<answer>` | Search-R1 |
//! | `o-researcher` | `<web_search>request</web_search>`, `<crawl_page>`, one action a turn | `<suggested_answer>` | O-Researcher |
//! | `few-words` | `<search>query</search>`, `<visit>url</visit>`, one action a turn | `<answer>` | models of a million weights |
//!
//! Reading never fails: a [`Turn`] holds what could be made of the text, and its [`Flaw`]s say what was wrong with it
//! and where. The text itself stays as it is, in the message.
//!
//! ```
//! use offseeker_chat::dialect::Dialect;
//!
//! let qwen = Dialect::shipped("qwen").expect("it comes with the crate");
//! let turn = qwen.parse("<think>\nA mill.\n</think>\n\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\": [\"Karlin mill\"]}}\n</tool_call>");
//! assert_eq!(turn.reasoning.as_deref(), Some("A mill."));
//! assert_eq!(turn.calls[0].arguments, "{\"query\": [\"Karlin mill\"]}");
//! assert!(turn.is_well_formed());
//! assert_eq!(qwen.parse(&qwen.render(&turn)?), turn);
//! # Ok::<(), offseeker_chat::dialect::DialectError>(())
//! ```

mod body;
mod boxed;
mod error;
mod finish;
mod parser;
mod read;
mod render;
mod scan;
mod syntax;
mod turn;

pub use error::DialectError;
pub use parser::{Event, Parser};
pub use syntax::{Action, AnswerSyntax, CallSyntax, CodeBody, Dialect, Tags};
pub use turn::{Flaw, Problem, Turn};

/// The longest text that is read: 4 MiB. What goes on after that is left out, with a [`Flaw`].
pub const MAX_BYTES: usize = 4 << 20;
