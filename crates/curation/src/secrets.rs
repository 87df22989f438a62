//! Patterns of what nobody should learn from: keys, passwords, data of persons.

use std::collections::BTreeSet;

use offseeker_trajectory::{Message, Trajectory};
use regex::RegexSet;

use crate::CurationError;

/// The patterns that are used where nobody gives others.
const SHIPPED: &str = include_str!("../data/secrets.tsv");

/// Patterns of what nobody should learn from: keys, passwords, data of persons.
///
/// They are data: a line holds a name, `all` or `said`, and a regular expression, with tabs between; what begins with
/// `#` is a remark. `all` is looked for in every message, `said` only in what the model wrote. What is found is told by
/// the name of its pattern, and never itself.
///
/// ```
/// use offseeker_curation::Secrets;
///
/// let secrets = Secrets::parse("ticket\tall\t\\bTICKET-[0-9]{6}\\b")?;
/// assert_eq!(secrets.names_in("see TICKET-123456", false).collect::<Vec<_>>(), ["ticket"]);
/// # Ok::<(), offseeker_curation::CurationError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Secrets {
    names: Vec<String>,
    said_only: Vec<bool>,
    patterns: RegexSet,
    /// Those that are looked for in every message: a smaller set is a quicker one.
    anywhere: RegexSet,
    anywhere_names: Vec<usize>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self::parse(SHIPPED).expect("a test reads the patterns that are shipped")
    }
}

impl Secrets {
    /// Looks for nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::parse("").expect("no pattern is wrong where there is none")
    }

    /// Reads patterns.
    ///
    /// # Errors
    ///
    /// When a line is no pattern.
    pub fn parse(text: &str) -> Result<Self, CurationError> {
        let (mut names, mut said_only, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            if line.starts_with('#') {
                continue;
            }
            let wrong = |reason: String| CurationError::Pattern { line: number + 1, reason };
            let mut fields = line.splitn(3, '\t');
            let (Some(name), Some(place), Some(pattern)) = (fields.next(), fields.next(), fields.next()) else {
                return Err(wrong("has not the three fields `name`, `all` or `said`, and a pattern".to_owned()));
            };
            if !matches!(place, "all" | "said") {
                return Err(wrong(format!("is looked for in {place:?}, which is neither `all` nor `said`")));
            }
            regex::Regex::new(pattern).map_err(|error| wrong(format!("is no regular expression: {error}")))?;
            names.push(name.to_owned());
            said_only.push(place == "said");
            patterns.push(pattern.to_owned());
        }
        let set = |patterns: &[&String]| {
            RegexSet::new(patterns).map_err(|error| CurationError::Pattern { line: 0, reason: error.to_string() })
        };
        let anywhere_names: Vec<usize> = (0..names.len()).filter(|at| !said_only[*at]).collect();
        let anywhere = set(&anywhere_names.iter().map(|at| &patterns[*at]).collect::<Vec<_>>())?;
        let patterns = set(&patterns.iter().collect::<Vec<_>>())?;
        Ok(Self { names, said_only, patterns, anywhere, anywhere_names })
    }

    /// The names of the patterns that a text has, in their order; `said` says whether the model wrote it.
    pub fn names_in(&self, text: &str, said: bool) -> impl Iterator<Item = &str> {
        self.places_in(text, said).into_iter().map(|at| self.names[at].as_str())
    }

    fn places_in(&self, text: &str, said: bool) -> Vec<usize> {
        if said {
            return self.patterns.matches(text).into_iter().collect();
        }
        self.anywhere.matches(text).into_iter().map(|at| self.anywhere_names[at]).collect()
    }

    /// The names of the patterns that an attempt has, each once.
    pub(crate) fn found_in(&self, trajectory: &Trajectory) -> Vec<String> {
        let mut found = BTreeSet::new();
        for node in trajectory.nodes() {
            let said = node.as_sampled().is_some();
            if said && !self.said_only.is_empty() {
                found.extend(texts(&node.message).flat_map(|text| self.places_in(text, true)));
            } else {
                found.extend(self.places_in(&node.message.content, false));
            }
        }
        found.into_iter().map(|at| self.names[at].clone()).collect()
    }
}

fn texts(message: &Message) -> impl Iterator<Item = &str> {
    let arguments = message.tool_calls.iter().map(|call| call.arguments.as_str());
    [message.content.as_str()].into_iter().chain(message.reasoning.as_deref()).chain(arguments)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_plain_words() {
        let secrets = Secrets::default();
        let check = |text: &str, said: bool, expected: &[&str]| {
            assert_eq!(secrets.names_in(text, said).collect::<Vec<_>>(), expected, "{text}");
        };
        let key = |head: &str, length: usize| format!("{head}{}", "aB3".repeat(length));
        check("-----BEGIN RSA PRIVATE KEY-----", false, &["private-key"]);
        check(&format!("AKIA{}", "A1B2".repeat(4)), false, &["aws-access-key"]);
        check(&key("ghp_", 12), false, &["github-token"]);
        check(&key("sk-proj-", 14), false, &["openai-key"]);
        check(&key("hf_", 11), false, &["huggingface-token"]);
        check("https://ada:lovelace@db.example/x", false, &["password-in-address"]);
        check("Write to ada@karlin.example", true, &["email-address"]);
        check("Write to ada@karlin.example", false, &[]);
        check("+49 30 1234 5678", true, &["phone-number"]);
        check("Mill 219-09-9999", true, &["us-social-security"]);
        check("It was built in 1704-1710; task-sk-1, see https://karlin.example/a:b@c", true, &[]);
        check("DE89 3704 0044 0532 0130 00", true, &["iban"]);
    }

    #[test]
    fn lines_that_are_no_patterns_are_named() {
        let check = |text: &str, expected: &str| {
            let failed = Secrets::parse(text).unwrap_err().to_string();
            assert!(failed.contains(expected), "{failed}");
        };
        check("# a remark\n\nname only", "line 3");
        check("a\tnowhere\tx", "neither `all` nor `said`");
        check("a\tall\t(", "no regular expression");
    }
}
