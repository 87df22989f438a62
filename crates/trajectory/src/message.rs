//! One message of a conversation.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions before the conversation.
    System,
    /// The person, or the program, that asks.
    User,
    /// The model.
    Assistant,
    /// A tool that answers a call of the model.
    Tool,
}

impl Role {
    /// The role as every chat format writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One message of a conversation.
///
/// `content` is raw: where a model writes its reasoning and its calls as tags in the text, they stay in the text.
/// `reasoning` and `tool_calls` are filled only where a server hands them over apart from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, as it was said.
    #[serde(default)]
    pub content: String,
    /// The reasoning that a server returned apart from the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// The calls that a server returned apart from the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// In a tool's message: the call that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// The name of the speaker; in a tool's message the name of the tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Message {
    /// A message with nothing but a role and a text.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), reasoning: None, tool_calls: Vec::new(), tool_call_id: None, name: None }
    }

    /// Instructions.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new(Role::System, content)
    }

    /// What the user says.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new(Role::User, content)
    }

    /// What the model says.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new(Role::Assistant, content)
    }

    /// What the tool `name` answers to the call `call_id`.
    pub fn tool(call_id: impl Into<String>, name: impl Into<String>, content: impl Into<String>) -> Self {
        Self { tool_call_id: Some(call_id.into()), name: Some(name.into()), ..Self::new(Role::Tool, content) }
    }
}

/// A call of a tool, as the model wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ToolCall {
    /// What a tool's message refers to; empty where the dialect has no such thing.
    #[serde(default)]
    pub id: String,
    /// The tool that is meant.
    pub name: String,
    /// The argument object as the model spelled it, right or wrong.
    pub arguments: String,
    /// What it took to read the arguments.
    #[serde(default, skip_serializing_if = "Repair::is_none")]
    pub repair: Repair,
}

impl ToolCall {
    /// A call whose arguments are written as they should be.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), arguments: arguments.into(), repair: Repair::None }
    }
}

/// What it took to read the arguments of a call; higher is worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// They are JSON.
    #[default]
    None,
    /// They are JSON5 but not JSON.
    Json5,
    /// They were mended: a missing closer, a stray quote, a fence around them.
    Mended,
    /// They could not be read.
    Unreadable,
}

impl Repair {
    /// Whether nothing had to be done.
    #[must_use]
    // By reference because serde's `skip_serializing_if` hands over one.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}
