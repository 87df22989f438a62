//! One step on the way from a plan to a question.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::{Draft, Rejection};

/// One step on the way from a plan to a question: it changes a draft, checks it, or throws it out.
///
/// What a pass does with a draft depends on the draft alone, so that it does not matter which drafts are worked on at
/// the same time or in which order. Dropping the future gives the step up.
#[async_trait]
pub trait Pass: Debug + Send + Sync {
    /// What it is called, the same at every call: `leak_check`.
    fn name(&self) -> &str;

    /// What decides, beside the draft, what it does: a run that goes on has to have the same. Nothing, where there is
    /// nothing; no secrets.
    fn settings(&self) -> Value {
        Value::Null
    }

    /// Does its step.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] that says why there is to be no such question, or that it could not be found out.
    async fn apply(&self, draft: Draft) -> Result<Draft, Rejection>;
}

#[async_trait]
impl<P: Pass + ?Sized> Pass for Arc<P> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn settings(&self) -> Value {
        (**self).settings()
    }

    async fn apply(&self, draft: Draft) -> Result<Draft, Rejection> {
        (**self).apply(draft).await
    }
}

#[async_trait]
impl<P: Pass + ?Sized> Pass for Box<P> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn settings(&self) -> Value {
        (**self).settings()
    }

    async fn apply(&self, draft: Draft) -> Result<Draft, Rejection> {
        (**self).apply(draft).await
    }
}
