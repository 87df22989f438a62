//! The words that every part of offseeker shares: messages, questions, trajectories, grades, samples.
//!
//! A deep-research agent is made offline by passing one kind of thing to the next: a question is attempted, the
//! attempt is graded, and training data is cut from it. This crate holds those things and nothing that acts on
//! them. It knows no I/O, no clock, no randomness and no async, so that every other crate can depend on it and a
//! reader needs nothing else to understand a file that any of them wrote.
//!
//! Three decisions shape it:
//!
//! - **A [`Trajectory`] is a graph.** Each [`Node`] holds one [`Message`] and names its parent. When a context policy
//!   rewrites what the model sees, it opens a new branch instead of editing the old one, so nothing that the model
//!   saw or wrote is lost, and each [`Branch`] can be trained on.
//! - **What the model wrote is kept raw**, with the tokens that were sampled when they are known. Parsing happens
//!   where the result is used.
//! - **Unknown is not zero.** A [`Grade`] without a value says why it has none; a [`StopReason`] that is a failure of
//!   ours is never a verdict on the question.
//!
//! ```
//! use offseeker_trajectory::{Message, Node, Question, StopReason, Trajectory};
//!
//! let question = Question::new("Which river does the Karlin mill stand on?", ["the Orsa"]);
//! let mut attempt = Trajectory::new(question, 0);
//!
//! let asked = attempt.push(Node::given(None, Message::user("Which river ...?")))?;
//! let wrote = attempt.push(Node::sampled(asked, Message::assistant("<answer>the Orsa</answer>")))?;
//! attempt.answer = Some("the Orsa".into());
//! attempt.stop = Some(StopReason::Answered);
//!
//! let branches = attempt.branches();
//! assert_eq!(branches.len(), 1);
//! assert_eq!(branches[0].path(), [asked, wrote]);
//!
//! let line = serde_json::to_string(&attempt)?;
//! assert_eq!(serde_json::from_str::<Trajectory>(&line)?, attempt);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod branch;
mod canonical;
mod correction;
mod error;
mod finish;
mod finite;
mod grade;
mod group;
mod id;
mod message;
mod moment;
mod node;
mod pair;
mod question;
mod sample;
mod sampled_tokens;
mod seal;
mod stop_reason;
mod tool_spec;
mod trajectory;
mod usage;
mod weighted_token;

pub use branch::Branch;
pub use canonical::{canonical_json, content_id};
pub use correction::Correction;
pub use error::TrajectoryError;
pub use finish::Finish;
pub use grade::{Evidence, Grade, Outcome, Span};
pub use group::{Group, Member};
pub use id::{QuestionId, RunId, SampleId, TrajectoryId};
pub use message::{Message, Repair, Role, ToolCall};
pub use moment::Moment;
pub use node::{CallStatus, Node, NodeId, Observed, Origin, Sampled, Source, View};
pub use pair::Pair;
pub use question::{Answer, Question};
pub use sample::{Body, Provenance, Sample, Segment, WeightedMessage};
pub use sampled_tokens::SampledTokens;
pub use seal::{Cipher, SealMark, is_exposed};
pub use stop_reason::{Limit, StopReason};
pub use tool_spec::ToolSpec;
pub use trajectory::Trajectory;
pub use usage::Usage;
pub use weighted_token::WeightedToken;

/// Fields without a meaning of their own here, kept in the order in which they were given.
pub type Metadata = serde_json::Map<String, serde_json::Value>;
