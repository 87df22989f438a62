//! What of the conversation the model sees.
//!
//! A policy of one's own says what the model is to see next, message by message:
//!
//! ```
//! use offseeker_agent_loop::context::Part;
//! use offseeker_agent_loop::{ContextPolicy, Desk, Halt};
//! use offseeker_trajectory::Role;
//!
//! /// Keeps the instructions, the question, and so many last turns.
//! #[derive(Debug)]
//! struct LastTurns(usize);
//!
//! #[async_trait::async_trait]
//! impl ContextPolicy for LastTurns {
//!     fn name(&self) -> &str {
//!         "last-turns"
//!     }
//!
//!     async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
//!         let mut path = desk.path();
//!         let is_turn = |place: &usize| desk.node(path[*place]).is_some_and(|node| node.message.role == Role::Assistant);
//!         let turns: Vec<usize> = (0..path.len()).filter(is_turn).collect();
//!         if let Some(old) = turns.len().checked_sub(self.0) {
//!             path.drain(2..turns[old]);
//!         }
//!         Ok(Some(path.into_iter().map(Part::Keep).collect()))
//!     }
//! }
//! ```

mod aside;
mod fold;
mod full;
mod packed_memory;
mod passage;
mod prompt;
mod report;
mod resum;
mod said;
mod squeeze;
mod strip_old_reasoning;
mod summarise_old;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_chat::ChatModel;
use offseeker_trajectory::{Message, NodeId};
use serde_json::Value;

pub use fold::Fold;
pub use full::Full;
pub use packed_memory::PackedMemory;
pub use report::Report;
pub use resum::ReSum;
pub use strip_old_reasoning::StripOldReasoning;
pub use summarise_old::SummariseOld;

pub(crate) use prompt::{filled, within};
pub(crate) use said::{observed, without_reasoning, written};
pub(crate) use squeeze::{is_cut, shortened, squeezed};

use crate::{Desk, Halt};

/// Decides what of the conversation the model sees.
///
/// It is asked before each turn but the first, where something was said since the conversation was last rewritten. What
/// it leaves out or puts in opens a branch; nothing that was said is lost. It has to follow from the desk alone, because
/// an attempt that is taken up again asks it again.
#[async_trait]
pub trait ContextPolicy: Debug + Send + Sync {
    /// What the policy is called, for the record.
    fn name(&self) -> &str;

    /// What the model is told so that the policy can do its work, at the end of the instructions.
    fn instructions(&self) -> &str {
        ""
    }

    /// How the policy is set, for the manifest: two runs whose policies are set otherwise are two runs.
    fn settings(&self) -> Value {
        Value::Null
    }

    /// The conversation that the model is to see next; none where it is the one that there is.
    ///
    /// A message in which a tool answers through the server's own mechanism has to follow the one with its call.
    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt>;
}

/// A message of a conversation that was rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// One that is there.
    Keep(NodeId),
    /// One in the place of others.
    Put {
        /// The message.
        message: Message,
        /// The messages that it stands for.
        of: Vec<NodeId>,
    },
}

/// The names of the policies that are shipped.
pub const SHIPPED: [&str; 7] =
    ["full", "summarise-old", "report", "fold", "resum", "packed-memory", "strip-old-reasoning"];

/// The policy that is shipped under this name, one of [`SHIPPED`], with its usual settings.
///
/// Where it asks a model, that is the attempt's own; make the policy itself to name another.
#[must_use]
pub fn shipped(name: &str) -> Option<Arc<dyn ContextPolicy>> {
    Some(match name {
        "full" => Arc::new(Full),
        "summarise-old" => Arc::new(SummariseOld::default()),
        "report" => Arc::new(Report::default()),
        "fold" => Arc::new(Fold::default()),
        "resum" => Arc::new(ReSum::default()),
        "packed-memory" => Arc::new(PackedMemory::default()),
        "strip-old-reasoning" => Arc::new(StripOldReasoning::default()),
        _ => return None,
    })
}

/// What a model is called that a policy asks in the place of the attempt's own.
fn name_of(model: Option<&Arc<dyn ChatModel>>) -> Option<&str> {
    model.map(ChatModel::name)
}

#[async_trait]
impl<P: ContextPolicy + ?Sized> ContextPolicy for Arc<P> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn instructions(&self) -> &str {
        (**self).instructions()
    }

    fn settings(&self) -> Value {
        (**self).settings()
    }

    async fn rewrite(&self, desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        (**self).rewrite(desk).await
    }
}
