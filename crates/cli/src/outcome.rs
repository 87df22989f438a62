//! What a subcommand has to say at its end.

use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::exit::Exit;

/// What a subcommand has to say at its end: to people, and to machines.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// For people.
    text: String,
    /// For machines.
    facts: Map<String, Value>,
    /// How the program ends.
    pub(crate) exit: Exit,
}

impl Outcome {
    /// Something was done.
    pub(crate) fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), facts: Map::new(), exit: Exit::Done }
    }

    /// With something that a machine may want to know.
    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("what is said is made of text and numbers");
        self.facts.insert(name.to_owned(), value);
        self
    }

    /// With the place of something that was made; people are told in a line of its own.
    pub(crate) fn made(mut self, name: &str, place: &std::path::Path) -> Self {
        let place = place.display().to_string();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(&place);
        self.with(name, place)
    }

    /// Ends as partly done, where something is missing.
    pub(crate) fn lacking(self, is_lacking: bool) -> Self {
        Self { exit: if is_lacking { Exit::Partly } else { self.exit }, ..self }
    }

    /// Says it on the standard output.
    pub(crate) fn say(&self, command: &str, json: bool) {
        if json {
            let mut said = Map::new();
            said.insert("command".to_owned(), command.into());
            said.insert("exit".to_owned(), self.exit.as_str().into());
            said.extend(self.facts.clone());
            print(&format!("{}\n", Value::Object(said)));
        } else if !self.text.is_empty() {
            print(&format!("{}\n", self.text.trim_end_matches('\n')));
        }
    }
}

/// Writes to the standard output. Whoever has hung up, as `head` does, wants no more, and that is no error.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
