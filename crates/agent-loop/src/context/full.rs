//! Keeps the whole conversation.

use async_trait::async_trait;

use super::{ContextPolicy, Part};
use crate::{Desk, Halt};

/// Keeps the whole conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Full;

#[async_trait]
impl ContextPolicy for Full {
    fn name(&self) -> &str {
        "full"
    }

    async fn rewrite(&self, _desk: &mut Desk<'_, '_>) -> Result<Option<Vec<Part>>, Halt> {
        Ok(None)
    }
}
