//! Texts that are said often, each written once.

use std::collections::HashMap;

use serde::Serialize;

/// Texts by the numbers under which a list names them.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(into = "Vec<String>")]
pub(crate) struct Names(HashMap<String, usize>);

impl Names {
    /// The number of a text.
    pub(crate) fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let number = self.0.len();
        self.0.insert(name.to_owned(), number);
        number
    }
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        let mut sorted: Vec<_> = names.0.into_iter().collect();
        sorted.sort_by_key(|(_, number)| *number);
        sorted.into_iter().map(|(name, _)| name).collect()
    }
}
