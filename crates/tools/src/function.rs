//! A tool made of a function.

use std::fmt;
use std::marker::PhantomData;

use async_trait::async_trait;
use offseeker_trajectory::{CallStatus, ToolSpec};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Observation, Tool, ToolError, spec, typed};

/// A tool made of a function from typed arguments to an observation.
///
/// ```
/// use offseeker_tools::{Function, Observation, Tool};
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Sum {
///     numbers: Vec<f64>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_tools::ToolError> {
/// let sum = Function::new("sum", "Adds numbers.", async |arguments: Sum| {
///     Ok(Observation::ok(arguments.numbers.iter().sum::<f64>().to_string()))
/// });
///
/// assert_eq!(sum.spec().name, "sum");
/// assert_eq!(sum.call(serde_json::json!({"numbers": [1, 2.5]})).await?.text, "3.5");
/// # Ok(())
/// # }
/// ```
pub struct Function<A, F> {
    spec: ToolSpec,
    function: F,
    arguments: PhantomData<fn(A)>,
}

impl<A, F, R> Function<A, F>
where
    A: DeserializeOwned + JsonSchema + Send,
    F: Fn(A) -> R + Send + Sync,
    R: Future<Output = Result<Observation, ToolError>> + Send,
{
    /// A tool that calls `function`; the model is told the schema of its argument.
    pub fn new(name: impl Into<String>, description: impl Into<String>, function: F) -> Self {
        Self { spec: spec::<A>(name, description), function, arguments: PhantomData }
    }
}

impl<A, F> fmt::Debug for Function<A, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("spec", &self.spec).finish_non_exhaustive()
    }
}

#[async_trait]
impl<A, F, R> Tool for Function<A, F>
where
    A: DeserializeOwned + JsonSchema + Send,
    F: Fn(A) -> R + Send + Sync,
    R: Future<Output = Result<Observation, ToolError>> + Send,
{
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        match typed(arguments) {
            Ok(arguments) => (self.function)(arguments).await,
            Err(reason) => Ok(Observation::new(CallStatus::InvalidArguments, reason)),
        }
    }
}
