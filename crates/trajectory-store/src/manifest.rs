//! What a run was made with.

use std::collections::BTreeMap;

use offseeker_trajectory::{Metadata, RunId, TrajectoryError, content_id};
use serde::{Deserialize, Serialize, Serializer};

/// What a run was made with: everything that somebody needs who wants to make it again, and no keys.
///
/// The run is named by the hash of this, so two runs that are to be told apart differ in their `name` or their `seed`,
/// and a run that is taken up again is the same run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// What its maker calls it.
    pub name: String,
    /// The seed from which all others are derived.
    pub seed: u64,
    /// The programs and crates, and their versions.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
    /// The revision of the source, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The models, by what they are used for: `agent`, `extract`, `summary`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, ModelUse>,
    /// The prompts, each with the hash of its text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prompts: BTreeMap<String, String>,
    /// The profile of the tools, and the engines behind them: `interpreter`, `search`, `pages`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, String>,
    /// The corpus or the cache that was searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// The hash of the tokenizer, where tokens were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokenizer: Option<String>,
    /// The hash of the chat template, where prompts were rendered here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// All settings: limits, policies, how answers were sampled.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub settings: Metadata,
}

/// A model, and where it was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelUse {
    /// Its name.
    pub name: String,
    /// The address of its server. It is written, and counts for the hash, without user, password and query.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "public")]
    pub endpoint: Option<String>,
    /// How it sampled.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub sampling: Metadata,
}

impl ModelUse {
    /// A model by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// Writes an address without what may be secret in it.
fn public<S: Serializer>(address: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    address.as_deref().map(without_secrets).serialize(to)
}

/// An address without user, password, query and fragment.
fn without_secrets(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) =
        address.split_once("://").map_or(("", address), |(_, rest)| (&address[..address.len() - rest.len()], rest));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // A password may hold an `@` by mistake: nothing before the last one is part of the host.
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

impl Manifest {
    /// A run with a name and a seed.
    pub fn new(name: impl Into<String>, seed: u64) -> Self {
        Self { name: name.into(), seed, ..Self::default() }
    }

    /// The name of the run: the hash of all this.
    ///
    /// # Errors
    ///
    /// When the settings are nested too deep for JSON.
    pub fn id(&self) -> Result<RunId, TrajectoryError> {
        content_id(self).map(RunId::new)
    }
}

#[cfg(test)]
mod tests {
    use super::{Manifest, ModelUse, without_secrets};

    #[test]
    fn an_address_is_written_without_what_may_be_secret_in_it() {
        let check = |address: &str, expected: &str| assert_eq!(without_secrets(address), expected, "{address}");
        check("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1");
        check("https://host", "https://host");
        check("https://user:s3cret@host:1/v1?key=s3cret#s3cret", "https://host:1/v1");
        check("https://user:s3cr@t@host/v1/@me", "https://host/v1/@me");
        check("user:s3cret@host/v1", "host/v1");
        check("https://host?key=s3cret", "https://host");

        let with = |endpoint: &str| {
            let mut manifest = Manifest::new("run", 1);
            let model = ModelUse { endpoint: Some(endpoint.to_owned()), ..ModelUse::new("model") };
            manifest.models.insert("agent".to_owned(), model);
            manifest
        };
        let secret = with("https://me:s3cret@host/v1?key=s3cret");
        assert!(!serde_json::to_string(&secret).is_ok_and(|text| text.contains("s3cret")));
        assert_eq!(secret.id().ok(), with("https://host/v1").id().ok());
    }
}
