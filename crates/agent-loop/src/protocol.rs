//! How an agent speaks with its model: prompts, tags and roles, as data.

use offseeker_chat::Sampling;
use offseeker_chat::dialect::Dialect;
use offseeker_tools::Template;
use offseeker_trajectory::{Limit, Message, Role, ToolCall, ToolSpec};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How an agent speaks with its model: prompts, tags and roles, as data.
///
/// A model that was trained with the prompts of one system knows them. Those for the models of the published systems
/// are shipped; [`Protocol::parse`] reads others, which are JSON of the same form.
///
/// In the templates stand `{tools}` and `{instructions}` (of the context policy) in `system`, `{question}` in
/// `question`, `{observation}` in `result`, `{problem}` in `unreadable`, `{limit}` in `last_turn`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// What it is called.
    pub name: String,
    /// The name of the dialect that the model writes; see [`Dialect::shipped`].
    pub dialect: String,
    /// How the model is told of its tools.
    pub tools: Offer,
    /// The instructions; empty where there are none.
    pub system: Template,
    /// What the question is put into.
    pub question: Template,
    /// What the result of a call is put into.
    pub result: Template,
    /// What follows the last result of a turn.
    #[serde(default)]
    pub after_results: String,
    /// Whether a turn without a call is the answer.
    #[serde(default)]
    pub bare_answer: bool,
    /// Asks for a turn again that could not be read.
    pub unreadable: Template,
    /// Says that a turn had neither call nor answer.
    pub silent: String,
    /// Says that the model goes in circles.
    pub circling: String,
    /// Asks for the answer, now.
    pub last_turn: Template,
    /// Asks the model to check its answer before it is taken; none takes the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_answer: Option<String>,
    /// How the model samples.
    #[serde(default)]
    pub sampling: Sampling,
}

/// How a model is told of its tools, and how their results come back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Offer {
    /// Through the server's own mechanism, and results in the role `tool`.
    Native,
    /// As schemas in the instructions, one after the other and spread over lines; results in the role `user`.
    Schemas,
    /// As functions in the instructions, one to a line; results in the role `user`.
    Functions,
    /// Not at all: the instructions say everything; results in the role `user`.
    Untold,
}

/// What is wrong with a protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// It is no JSON of the form of a protocol.
    #[error("the protocol cannot be read: {reason}")]
    Unreadable {
        /// Where and why.
        reason: String,
    },
    /// A template uses a name that is never filled in.
    #[error("{field} of the protocol {protocol} uses {{{name}}}, which is never filled in there")]
    Name {
        /// The protocol.
        protocol: String,
        /// The template.
        field: &'static str,
        /// The name.
        name: String,
    },
    /// Its dialect is not known.
    #[error("the protocol {protocol} wants the dialect {dialect:?}, which is not shipped; there are {}", known.join(", "))]
    Dialect {
        /// The protocol.
        protocol: String,
        /// The dialect.
        dialect: String,
        /// The dialects that are shipped.
        known: Vec<&'static str>,
    },
}

const SHIPPED: [&str; 9] = [
    include_str!("../protocols/offseeker.json"),
    include_str!("../protocols/offseeker-legacy.json"),
    include_str!("../protocols/tongyi.json"),
    include_str!("../protocols/openseeker.json"),
    include_str!("../protocols/openresearcher.json"),
    include_str!("../protocols/search-r1.json"),
    include_str!("../protocols/native.json"),
    include_str!("../protocols/few-words.json"),
    include_str!("../protocols/few-words-told.json"),
];

impl Default for Protocol {
    /// OffSeeker's: reasoning, one call at a time, an answer, all in tags.
    fn default() -> Self {
        Self::shipped("offseeker").expect("it is shipped")
    }
}

impl Protocol {
    /// The protocol that is shipped under this name: `offseeker`, `offseeker-legacy`, `tongyi`, `openseeker`,
    /// `openresearcher`, `search-r1`, `native` for any model that calls tools through its server, `few-words` for models
    /// of a million weights, to which every token is dear, or `few-words-told`, which explains the same to any other model.
    #[must_use]
    pub fn shipped(name: &str) -> Option<Self> {
        Self::all_shipped().find(|protocol| protocol.name == name)
    }

    /// All protocols that are shipped.
    pub fn all_shipped() -> impl Iterator<Item = Self> {
        SHIPPED.iter().map(|json| Self::parse(json).expect("a test reads every protocol that is shipped"))
    }

    /// Reads a protocol from JSON.
    ///
    /// # Errors
    ///
    /// When it is not of the form of a protocol, a template uses a name that is never filled in, or the dialect is
    /// not known.
    pub fn parse(json: &str) -> Result<Self, ProtocolError> {
        let protocol: Self =
            serde_json::from_str(json).map_err(|error| ProtocolError::Unreadable { reason: error.to_string() })?;
        protocol.dialect()?;
        let templates: [(&'static str, &Template, &[&str]); 5] = [
            ("system", &protocol.system, &["tools", "instructions"]),
            ("question", &protocol.question, &["question"]),
            ("result", &protocol.result, &["observation", "name"]),
            ("unreadable", &protocol.unreadable, &["problem"]),
            ("last_turn", &protocol.last_turn, &["limit"]),
        ];
        for (field, template, known) in templates {
            if let Some(name) = template.names().find(|name| !known.contains(name)) {
                return Err(ProtocolError::Name { protocol: protocol.name.clone(), field, name: name.to_owned() });
            }
        }
        Ok(protocol)
    }

    /// The dialect that the model writes.
    ///
    /// # Errors
    ///
    /// When no dialect of that name is shipped.
    pub fn dialect(&self) -> Result<&'static Dialect, ProtocolError> {
        Dialect::shipped(&self.dialect).ok_or_else(|| ProtocolError::Dialect {
            protocol: self.name.clone(),
            dialect: self.dialect.clone(),
            known: Dialect::all_shipped().map(|dialect| dialect.name.as_str()).collect(),
        })
    }

    /// Whether calls go through the server's own mechanism.
    #[must_use]
    pub fn is_native(&self) -> bool {
        self.tools == Offer::Native
    }

    /// The messages with which a conversation begins.
    #[must_use]
    pub fn opening(&self, question: &str, tools: &[ToolSpec], instructions: &str) -> Vec<Message> {
        let described = self.described(tools);
        let system = self.system.fill(&[("tools", &described), ("instructions", instructions)]);
        let user = Message::user(self.question.fill(&[("question", question)]));
        if system.trim().is_empty() { vec![user] } else { vec![Message::system(system.trim_end()), user] }
    }

    /// The message that brings the result of a call to the model.
    #[must_use]
    pub fn result(&self, dialect: &Dialect, call: &ToolCall, observation: &str, is_last: bool) -> Message {
        let shown = if self.is_native() { observation.to_owned() } else { dialect.render_observation(observation) };
        let mut text = self.result.fill(&[("observation", &shown), ("name", &call.name)]);
        if is_last {
            text.push_str(&self.after_results);
        }
        if self.is_native() {
            Message::tool(&call.id, &call.name, text)
        } else {
            Message { name: None, ..Message::new(Role::User, text) }
        }
    }

    fn described(&self, tools: &[ToolSpec]) -> String {
        let schema = |tool: &ToolSpec| json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
        let described: Vec<String> = match self.tools {
            Offer::Native | Offer::Untold => Vec::new(),
            Offer::Schemas => tools.iter().map(|tool| format!("{:#}", schema(tool))).collect(),
            Offer::Functions => {
                tools.iter().map(|tool| json!({"type": "function", "function": schema(tool)}).to_string()).collect()
            }
        };
        described.join("\n")
    }
}

/// A limit in words for the model.
pub(crate) fn in_words(limit: Limit) -> &'static str {
    match limit {
        Limit::Turns => "the number of turns",
        Limit::Calls => "the number of tool calls",
        Limit::Context => "the length of the conversation",
        Limit::Requests | Limit::Tokens | Limit::Cost => "what may be spent",
        Limit::WallTime | Limit::WorkTime => "the time",
        _ => "a limit",
    }
}
