//! What the tools of an agent are called, how they are described, and how they write their answers: data.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod entry;
mod rendering;

pub use entry::{Entry, Purpose};
pub use rendering::{BrowserText, CodeText, HitList, HitText, ReportText, WikiText};

use crate::Template;

/// The tools of an agent as data: what each is for, what the model is told of it, and how its answers are written.
///
/// A model that was trained with the tools of one system knows them by their names and formats. Those of the published
/// systems are shipped; [`Profile::parse`] reads others, which are JSON of the same form.
///
/// ```
/// use offseeker_tools::Profile;
///
/// let profile = Profile::shipped("offseeker").expect("it is shipped");
/// let names: Vec<&str> = profile.tools.iter().map(|tool| tool.spec.name.as_str()).collect();
/// assert_eq!(names, ["search", "search_wiki", "visit_urls", "execute_code"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What the profile is called.
    pub name: String,
    /// The tools, in the order in which the model is told of them.
    pub tools: Vec<Entry>,
}

/// The profiles that are shipped, by name.
const SHIPPED: [(&str, &str); 9] = [
    ("offseeker", include_str!("../profiles/offseeker.json")),
    ("offseeker-legacy", include_str!("../profiles/offseeker-legacy.json")),
    ("tongyi", include_str!("../profiles/tongyi.json")),
    ("openseeker", include_str!("../profiles/openseeker.json")),
    ("openseeker-v2", include_str!("../profiles/openseeker-v2.json")),
    ("openresearcher", include_str!("../profiles/openresearcher.json")),
    ("deepresearcher", include_str!("../profiles/deepresearcher.json")),
    ("search-r1", include_str!("../profiles/search-r1.json")),
    ("few-words", include_str!("../profiles/few-words.json")),
];

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is no JSON of the form of a profile.
    #[error("the profile cannot be read: {reason}")]
    Unreadable {
        /// Where and why.
        reason: String,
    },
    /// A tool in it is wrong.
    #[error("the tool {tool} of the profile {profile} is wrong: {reason}")]
    Tool {
        /// The profile.
        profile: String,
        /// The tool.
        tool: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The kit has nothing that a tool needs.
    #[error("the tool {tool} of the profile {profile} needs {what}, and the kit has none")]
    Missing {
        /// The profile.
        profile: String,
        /// The tool.
        tool: String,
        /// What is missing.
        what: &'static str,
    },
}

impl Profile {
    /// The profile that is shipped under this name.
    ///
    /// Shipped are `offseeker`, `offseeker-legacy`, `tongyi`, `openseeker`, `openseeker-v2`, `openresearcher`,
    /// `deepresearcher`, `search-r1`, and `few-words` for models of a million weights.
    #[must_use]
    pub fn shipped(name: &str) -> Option<Self> {
        let (_, json) = SHIPPED.iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::parse(json).expect("the shipped profiles are tested"))
    }

    /// The names of the profiles that are shipped.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// Reads a profile from JSON.
    ///
    /// # Errors
    ///
    /// When it is not of the form of a profile, a template uses a name that is never filled in, or a field that the
    /// tool needs is not in its schema.
    pub fn parse(json: &str) -> Result<Self, ProfileError> {
        let profile: Self =
            serde_json::from_str(json).map_err(|error| ProfileError::Unreadable { reason: error.to_string() })?;
        for entry in &profile.tools {
            entry.check().map_err(|reason| ProfileError::Tool {
                profile: profile.name.clone(),
                tool: entry.spec.name.clone(),
                reason,
            })?;
        }
        Ok(profile)
    }

    /// The profile without the tools that a kit has nothing for, for instance without code.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.tools.retain(|entry| !names.contains(&entry.spec.name.as_str()));
        self
    }
}

impl fmt::Display for Profile {
    /// Writes the profile as JSON that [`Profile::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}

/// Fails where a template uses a name that is never filled in.
pub(crate) fn check_names(what: &str, template: &Template, known: &[&str]) -> Result<(), String> {
    match template.stranger(known) {
        Some(name) => Err(format!("{what} uses {{{name}}}, which is none of {}", known.join(", "))),
        None => Ok(()),
    }
}

/// Whether a schema has a field.
fn has_field(parameters: &Value, name: &str) -> bool {
    parameters["properties"].get(name).is_some()
}

#[cfg(test)]
mod tests;
