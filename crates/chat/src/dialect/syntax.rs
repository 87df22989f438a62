//! What a dialect consists of, as data.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::DialectError;

/// A way to write reasoning, calls and answers into a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialect {
    /// What it is called.
    pub name: String,
    /// The tags around reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Tags>,
    /// Whether the prompt ends with the tag that opens the reasoning, so that the text begins within.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub starts_in_reasoning: bool,
    /// How calls are written.
    pub calls: CallSyntax,
    /// The most calls that a turn may hold.
    #[serde(default = "eight")]
    pub most_calls: usize,
    /// How the answer is written.
    pub answer: AnswerSyntax,
    /// Whether the first action ends the turn, so that what follows it does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_action: bool,
    /// Whether reasoning and observations stand in their tags without line breaks, to the fewest tokens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compact: bool,
    /// The tags around what a tool answers, which the model must not write itself.
    pub observation: Tags,
    /// The strings that a server is to stop at.
    pub stop: Vec<String>,
}

fn eight() -> usize {
    8
}

/// A tag that opens something and the one that closes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tags {
    /// The tag that opens it.
    pub open: String,
    /// The tag that closes it.
    pub close: String,
}

/// How calls are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CallSyntax {
    /// A JSON object with `name` and `arguments` between tags.
    Json {
        /// The tags around one call.
        tags: Tags,
        /// The tags around all calls of a turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wrapper: Option<Tags>,
        /// Programs that stand behind the object, as they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<CodeBody>,
    },
    /// `<function=NAME><parameter=KEY>VALUE</parameter></function>` between tags.
    ///
    /// A value that is JSON stands for that; any other is text. One line break on each side of it does not count.
    Xml {
        /// The tags around one call.
        tags: Tags,
    },
    /// A pair of tags for each tool, with its one argument in between as it is.
    Tagged {
        /// The tools.
        actions: Vec<Action>,
    },
}

/// Programs within a call that stand as they are instead of in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// The tags around the program.
    pub tags: Tags,
    /// The argument that the program is.
    pub argument: String,
    /// The tools whose program is written so.
    pub tools: Vec<String>,
}

/// A tool with tags of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The tags.
    pub tags: Tags,
    /// The tool.
    pub tool: String,
    /// The argument that stands between the tags.
    pub argument: String,
}

/// How the answer is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerSyntax {
    /// Between tags.
    Tagged {
        /// The tags.
        tags: Tags,
    },
    /// In the braces of `\boxed{}`.
    Boxed,
}

const SHIPPED: [&str; 9] = [
    include_str!("../../dialects/qwen.json"),
    include_str!("../../dialects/offseeker-legacy.json"),
    include_str!("../../dialects/openseeker.json"),
    include_str!("../../dialects/tongyi.json"),
    include_str!("../../dialects/qwen-xml.json"),
    include_str!("../../dialects/boxed.json"),
    include_str!("../../dialects/search-r1.json"),
    include_str!("../../dialects/o-researcher.json"),
    include_str!("../../dialects/few-words.json"),
];

static BY_NAME: LazyLock<BTreeMap<String, Dialect>> = LazyLock::new(|| {
    let dialects = SHIPPED.map(|json| Dialect::from_json(json).expect("a test reads every dialect that is shipped"));
    dialects.into_iter().map(|dialect| (dialect.name.clone(), dialect)).collect()
});

impl Dialect {
    /// A dialect that comes with the crate.
    #[must_use]
    pub fn shipped(name: &str) -> Option<&'static Self> {
        BY_NAME.get(name)
    }

    /// All dialects that come with the crate, by name.
    pub fn all_shipped() -> impl Iterator<Item = &'static Self> {
        BY_NAME.values()
    }

    /// Reads the description of a dialect and checks it.
    ///
    /// # Errors
    ///
    /// When it is no such description, or a tag in it could not be told from text or from another tag.
    pub fn from_json(json: &str) -> Result<Self, DialectError> {
        let dialect: Self =
            serde_json::from_str(json).map_err(|error| DialectError::Unreadable { reason: error.to_string() })?;
        dialect.check()?;
        Ok(dialect)
    }

    fn check(&self) -> Result<(), DialectError> {
        let pairs = self.pairs();
        let mut seen: Vec<&str> = Vec::new();
        for (field, tags) in &pairs {
            for (side, tag) in [("open", &tags.open), ("close", &tags.close)] {
                let wrong = |reason| DialectError::Tag { field: format!("{field}.{side}"), tag: tag.clone(), reason };
                let inner = tag.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')).unwrap_or_default();
                if inner.is_empty() || inner.contains(|c: char| c.is_whitespace() || c == '<' || c == '>') {
                    return Err(wrong("a tag is a word between < and >"));
                }
                if seen.contains(&tag.as_str()) {
                    return Err(wrong("another tag is the same; each needs a word of its own"));
                }
                seen.push(tag);
            }
        }
        Ok(())
    }

    fn pairs(&self) -> Vec<(String, &Tags)> {
        let mut pairs: Vec<(String, &Tags)> = vec![("observation".to_owned(), &self.observation)];
        pairs.extend(self.reasoning.iter().map(|tags| ("reasoning".to_owned(), tags)));
        match &self.calls {
            CallSyntax::Json { tags, wrapper, code } => {
                pairs.push(("calls.tags".to_owned(), tags));
                pairs.extend(wrapper.iter().map(|tags| ("calls.wrapper".to_owned(), tags)));
                pairs.extend(code.iter().map(|code| ("calls.code.tags".to_owned(), &code.tags)));
            }
            CallSyntax::Xml { tags } => pairs.push(("calls.tags".to_owned(), tags)),
            CallSyntax::Tagged { actions } => {
                let all = actions.iter().enumerate();
                pairs.extend(all.map(|(at, action)| (format!("calls.actions[{at}].tags"), &action.tags)));
            }
        }
        if let AnswerSyntax::Tagged { tags } = &self.answer {
            pairs.push(("answer.tags".to_owned(), tags));
        }
        pairs
    }

    /// The tags around one call, and which tool they mean where they mean one.
    pub(super) fn call_tags(&self) -> Vec<(&Tags, Option<&Action>)> {
        match &self.calls {
            CallSyntax::Json { tags, .. } | CallSyntax::Xml { tags } => vec![(tags, None)],
            CallSyntax::Tagged { actions } => actions.iter().map(|action| (&action.tags, Some(action))).collect(),
        }
    }

    pub(super) fn wrapper(&self) -> Option<&Tags> {
        match &self.calls {
            CallSyntax::Json { wrapper, .. } => wrapper.as_ref(),
            CallSyntax::Xml { .. } | CallSyntax::Tagged { .. } => None,
        }
    }

    pub(super) fn answer_tags(&self) -> Option<&Tags> {
        match &self.answer {
            AnswerSyntax::Tagged { tags } => Some(tags),
            AnswerSyntax::Boxed => None,
        }
    }
}
