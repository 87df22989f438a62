//! The port: continues a conversation by one message.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{ChatError, Reply, Request};

/// Continues a conversation by one message.
///
/// A model may be asked many things at once. Dropping the future gives a request up and leaves the model usable.
#[async_trait]
pub trait ChatModel: Debug + Send + Sync {
    /// What the model is called; the same at every call.
    fn name(&self) -> &str;

    /// Continues the conversation by one message of the assistant.
    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError>;
}

#[async_trait]
impl<M: ChatModel + ?Sized> ChatModel for &M {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        (**self).reply(request).await
    }
}

#[async_trait]
impl<M: ChatModel + ?Sized> ChatModel for Arc<M> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        (**self).reply(request).await
    }
}

#[async_trait]
impl<M: ChatModel + ?Sized> ChatModel for Box<M> {
    fn name(&self) -> &str {
        (**self).name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        (**self).reply(request).await
    }
}
