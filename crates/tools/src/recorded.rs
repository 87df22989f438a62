//! Keeps what came of calls, and gives it again instead of calling.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use offseeker_remote::{Asked, Cassette, CassetteError, Failure, Mode};
use offseeker_trajectory::{CallStatus, ToolSpec, canonical_json};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Freshness, Observation, Tool, ToolError};

/// The version of recordings; those of another version are other recordings.
const FORMAT: u32 = 1;

/// Keeps what came of the calls of a tool in a folder, and gives it again instead of calling.
///
/// It is for tools whose answers depend on their arguments alone, such as those of a server on the other side of the
/// world. What a tool remembers from call to call does not come back with a recording: a browser is recorded below, at
/// the backend and the library that it uses.
///
/// A recording belongs to what the model is told of the tool, and the arguments. What may go otherwise the next time is
/// not kept.
#[derive(Debug)]
pub struct Recorded<T> {
    inner: T,
    cassette: Cassette<Observation, Passing>,
}

#[derive(Serialize)]
struct Call<'a> {
    format: u32,
    tool: &'a ToolSpec,
    arguments: &'a Value,
}

/// What came of a call and may go otherwise the next time.
#[derive(Debug, Clone, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Passing {
    #[error("{}", .0.text)]
    Told(Box<Observation>),
    #[error(transparent)]
    Ended(#[from] ToolError),
}

impl Failure for Passing {
    fn kind(&self) -> &'static str {
        match self {
            Self::Told(_) => "told",
            Self::Ended(_) => "ended",
        }
    }

    fn is_transient(&self) -> bool {
        matches!(self, Self::Told(_))
    }

    fn is_rate_limit(&self) -> bool {
        matches!(self, Self::Told(observation) if observation.status == CallStatus::RateLimited)
    }

    fn retry_after(&self) -> Option<Duration> {
        None
    }

    fn is_verdict(&self) -> bool {
        false
    }
}

impl<T: Tool> Recorded<T> {
    /// Keeps what comes of the calls of `inner` in a folder, which is made when it is needed.
    pub fn new(inner: T, folder: impl Into<PathBuf>, mode: Mode) -> Self {
        Self { inner, cassette: Cassette::new(folder, mode) }
    }

    /// Gives what came of a call before unless it is older than this.
    pub fn cache(inner: T, folder: impl Into<PathBuf>, fresh_for: Duration) -> Self {
        Self { inner, cassette: Cassette::cache(folder, fresh_for) }
    }

    async fn ask(&self, arguments: Value) -> Result<Observation, Passing> {
        let observation = self.inner.call(arguments).await?;
        match observation.status {
            CallStatus::Transient | CallStatus::RateLimited | CallStatus::Timeout | CallStatus::Internal => {
                Err(Passing::Told(Box::new(observation)))
            }
            _ => Ok(observation),
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Tool> Tool for Recorded<T> {
    fn spec(&self) -> ToolSpec {
        self.inner.spec()
    }

    fn remembers(&self) -> bool {
        self.inner.remembers()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        if self.cassette.mode() == Mode::Live {
            return self.inner.call(arguments).await;
        }
        let spec = self.inner.spec();
        let asked = canonical_json(&Call { format: FORMAT, tool: &spec, arguments: &arguments })
            .map_err(|error| ToolError::broken(&spec.name, format!("the call cannot be recorded: {error}")))?;
        let was_called = AtomicBool::new(false);
        let ask = async {
            was_called.store(true, Ordering::Relaxed);
            self.ask(arguments.clone()).await
        };
        let answer = self.cassette.answer(&Asked::new(asked), ask).await;
        let freshness = match (was_called.load(Ordering::Relaxed), self.cassette.mode()) {
            (true, _) => Freshness::Fresh,
            (false, Mode::ReplayStrict) => Freshness::Replayed,
            (false, _) => Freshness::Kept,
        };
        match answer {
            Ok(Ok(observation)) => Ok(Observation { freshness: Some(freshness), ..observation }),
            Ok(Err(Passing::Told(observation))) => Ok(*observation),
            Ok(Err(Passing::Ended(error))) => Err(error),
            Err(CassetteError::NotRecorded { .. }) => {
                Err(ToolError::NotRecorded { tool: spec.name, reason: arguments.to_string() })
            }
            Err(error) => Err(ToolError::broken(&spec.name, error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    use schemars::JsonSchema;
    use serde_json::json;

    use super::*;
    use crate::Function;

    #[derive(Deserialize, JsonSchema)]
    struct Word {
        word: String,
    }

    /// A tool that says how often it was called.
    fn counting(calls: &Arc<AtomicU32>) -> impl Tool + use<> {
        let calls = calls.clone();
        Function::new("count", "Counts calls.", move |Word { word }: Word| {
            let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                match word.as_str() {
                    "late" => Ok(Observation::new(CallStatus::Timeout, format!("call {call}"))),
                    "gone" => Ok(Observation::new(CallStatus::NotFound, format!("call {call}"))),
                    "broken" => Err(ToolError::broken("count", format!("call {call}"))),
                    _ => Ok(Observation::ok(format!("call {call}"))),
                }
            }
        })
    }

    #[tokio::test]
    async fn what_cannot_pass_is_kept() {
        for (word, first, second) in [
            ("mill", "call 1", "call 1"),
            ("gone", "call 1", "call 1"),
            ("late", "call 1", "call 2"),
            ("broken", "the tool count is broken: call 1", "the tool count is broken: call 2"),
        ] {
            let (folder, calls) = (tempfile::tempdir().unwrap(), Arc::default());
            let tool = Recorded::new(counting(&calls), folder.path(), Mode::Replay);
            for expected in [first, second] {
                let came = tool.call(json!({"word": word})).await;
                let text = came.map_or_else(|error| error.to_string(), |observation| observation.text);
                assert_eq!(text, expected, "{word}");
            }
        }
    }

    #[tokio::test]
    async fn a_strict_replay_calls_nothing() {
        let (folder, calls) = (tempfile::tempdir().unwrap(), Arc::default());
        Recorded::new(counting(&calls), folder.path(), Mode::Record).call(json!({"word": "mill"})).await.unwrap();
        let tool = Recorded::new(counting(&calls), folder.path(), Mode::ReplayStrict);
        let observation = tool.call(json!({"word": "mill"})).await.unwrap();
        assert_eq!((observation.text.as_str(), observation.freshness), ("call 1", Some(Freshness::Replayed)));
        let error = tool.call(json!({"word": "castle"})).await.unwrap_err();
        assert!(matches!(&error, ToolError::NotRecorded { tool, .. } if tool == "count"), "{error}");
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }
}
