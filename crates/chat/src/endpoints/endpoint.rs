//! One server: its model, and a way to tell whether it is well.

use std::fmt;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::timeout;

use crate::ChatModel;

/// The longest that a probe may take; one that takes longer has failed.
const LONGEST_PROBE: Duration = Duration::from_secs(10);

type Probe = dyn Fn() -> BoxFuture<'static, bool> + Send + Sync;

/// One of several servers of the same model.
pub struct Endpoint {
    model: Box<dyn ChatModel>,
    probe: Option<Box<Probe>>,
}

impl Endpoint {
    /// A server that shows by its replies whether it is well.
    pub fn new(model: impl ChatModel + 'static) -> Self {
        Self { model: Box::new(model), probe: None }
    }

    /// Asks this, instead of risking a request, whether the server is well again after it rested.
    ///
    /// A probe that takes longer than ten seconds has failed.
    #[must_use]
    pub fn probed_by<F>(self, probe: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        Self { probe: Some(Box::new(move || probe().boxed())), ..self }
    }

    pub(super) fn model(&self) -> &dyn ChatModel {
        &*self.model
    }

    /// Whether the server is well; none where there is no way to ask.
    pub(super) async fn probe(&self) -> Option<bool> {
        let probe = self.probe.as_deref()?;
        Some(timeout(LONGEST_PROBE, probe()).await.unwrap_or(false))
    }
}

impl<M: ChatModel + 'static> From<M> for Endpoint {
    fn from(model: M) -> Self {
        Self::new(model)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("model", &self.model).field("probed", &self.probe.is_some()).finish()
    }
}
