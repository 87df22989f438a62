//! The port: something that a model may call.

use std::fmt::Debug;

use async_trait::async_trait;
use offseeker_trajectory::ToolSpec;
use serde_json::Value;

use crate::{Observation, ToolError};

/// Something that a model may call.
///
/// A tool may be called several times at once. One that remembers something from call to call, such as a page that was
/// opened, lets one call pass after the other in the order in which they began, and is made fresh for each attempt.
#[async_trait]
pub trait Tool: Debug + Send + Sync {
    /// What the model is told of the tool; the same at every call.
    fn spec(&self) -> ToolSpec;

    /// Does what the arguments say. They have been checked against the schema in [`spec`](Self::spec).
    ///
    /// What the model did wrong, and what it can do something about, it is told: that is an [`Observation`] whose
    /// status is not `Ok`. An error is for what the model cannot be told of, and ends the attempt.
    async fn call(&self, arguments: Value) -> Result<Observation, ToolError>;

    /// Whether a call can depend on those before it.
    ///
    /// When an attempt is taken up again after its program died, the earlier calls of such tools are made once more
    /// before the next one, and what they give is thrown away.
    fn remembers(&self) -> bool {
        false
    }
}

#[async_trait]
impl<T: Tool + ?Sized> Tool for std::sync::Arc<T> {
    fn spec(&self) -> ToolSpec {
        (**self).spec()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        (**self).call(arguments).await
    }

    fn remembers(&self) -> bool {
        (**self).remembers()
    }
}

#[async_trait]
impl<T: Tool + ?Sized> Tool for Box<T> {
    fn spec(&self) -> ToolSpec {
        (**self).spec()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        (**self).call(arguments).await
    }

    fn remembers(&self) -> bool {
        (**self).remembers()
    }
}
