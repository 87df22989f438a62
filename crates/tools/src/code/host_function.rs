//! A function of the host that code may call.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use super::CodeError;

/// What code called a function of the host with.
#[derive(Debug, Clone, PartialEq)]
pub struct HostCall {
    /// What was passed by place.
    pub args: Vec<Value>,
    /// What was passed by name.
    pub kwargs: Map<String, Value>,
}

type Callback = dyn Fn(HostCall) -> BoxFuture<'static, Result<Value, String>> + Send + Sync;

/// A function of the host that code may call like any other, such as `search("...")`.
///
/// What it is called with and what it gives back is JSON. A failure is raised in the code as a `RuntimeError`.
#[derive(Clone)]
pub struct HostFunction {
    name: String,
    callback: Arc<Callback>,
}

impl HostFunction {
    /// A function under a name, which has to be a Python identifier.
    pub fn new<F, R>(name: impl Into<String>, callback: F) -> Result<Self, CodeError>
    where
        F: Fn(HostCall) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value, String>> + Send + 'static,
    {
        let name = name.into();
        if !is_identifier(&name) {
            return Err(CodeError::BadName { name });
        }
        Ok(Self { name, callback: Arc::new(move |call| Box::pin(callback(call))) })
    }

    /// The name by which code calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn call(&self, call: HostCall) -> Result<Value, String> {
        (self.callback)(call).await
    }
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HostFunction").field(&self.name).finish()
    }
}

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_identifier() {
        for (name, good) in [
            ("search", true),
            ("_s2", true),
            ("", false),
            ("2s", false),
            ("a b", false),
            ("import", false),
            ("é", false),
        ] {
            let made = HostFunction::new(name, async |_| Ok(Value::Null));
            assert_eq!(made.is_ok(), good, "{name:?}");
        }
    }
}
