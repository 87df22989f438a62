//! What of the conversation the model sees.

mod full;
mod squeeze;

use std::fmt::Debug;

use async_trait::async_trait;
use offseeker_trajectory::{Message, NodeId};

pub use full::Full;
pub(crate) use squeeze::squeezed;

use crate::{Desk, Halt};

/// Decides what of the conversation the model sees.
///
/// It is asked before each turn. What it leaves out or puts in opens a branch; nothing that was said is lost. It has to
/// follow from the desk alone: an attempt that is taken up again asks it again, and where nothing was said since, it
/// has nothing to rewrite.
#[async_trait]
pub trait ContextPolicy: Debug + Send + Sync {
    /// What the policy is called, for the record.
    fn name(&self) -> &str;

    /// What the model is told so that the policy can do its work, at the end of the instructions.
    fn instructions(&self) -> &str {
        ""
    }

    /// The conversation that the model is to see next; none where it is the one that there is.
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
