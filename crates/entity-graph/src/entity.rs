//! Something that has a name.

use serde::{Deserialize, Serialize};

use crate::EntityId;

/// Something that has a name: a person, a place, a work, an organisation, a function of a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// What names it here.
    pub id: EntityId,
    /// Its name as it is best written.
    pub name: String,
    /// Other names of it, in their order; its name is none of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What it is: `person`, `river`. Empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The language of its name as a BCP 47 tag: `en`, `zh`. Empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// A sentence that says what it is; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Addresses of the pages that are about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
}

impl Entity {
    /// An entity of which no more than a name is known.
    pub fn new(id: EntityId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            aliases: Vec::new(),
            kind: String::new(),
            language: String::new(),
            description: String::new(),
            pages: Vec::new(),
        }
    }

    /// Every name of it, the best one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}
