//! Addresses that are forbidden.

use url::Url;

/// The list that is used where nobody gives another.
const BENCHMARKS: &str = include_str!("../../data/leaks.txt");

/// Addresses that are forbidden: hosts, parts of hosts, and patterns.
///
/// It is written as text, one rule a line; what begins with `#` is a remark, and letters may be large or small.
///
/// - `karlin.example` forbids this host and the hosts below it, such as `www.karlin.example`.
/// - `karlin.example/ledger` forbids this path and what is below it.
/// - Both also forbid the same inside another address, as proxies and archives have it:
///   `https://archive.example/2024/https://karlin.example/ledger`.
/// - `*ledger*` is a pattern for the whole address without its scheme; each `*` stands for anything.
///
/// ```
/// use offseeker_search::DenyList;
///
/// let list = DenyList::default().with(DenyList::parse("karlin.example/ledger # the key to our exam")?);
/// assert_eq!(list.rule_against("https://www.karlin.example/ledger/7"), Some("karlin.example/ledger"));
/// assert_eq!(list.rule_against("https://karlin.example/mill"), None);
/// # Ok::<(), offseeker_search::DenyListError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyList(Vec<Rule>);

/// A line of a [`DenyList`] that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the list of forbidden addresses is wrong: {rule:?} {reason}")]
pub struct DenyListError {
    /// The number of the line, counted from one.
    pub line: usize,
    /// What it says.
    pub rule: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A host and maybe a path.
    Place,
    /// What stands between the stars of a pattern.
    Pattern(Vec<String>),
}

impl Default for DenyList {
    /// Copies of benchmarks that are known, and collections of data sets.
    fn default() -> Self {
        Self::parse(BENCHMARKS).expect("a test reads the list")
    }
}

impl DenyList {
    /// Forbids nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(Vec::new())
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// When a line is no rule.
    pub fn parse(text: &str) -> Result<Self, DenyListError> {
        let mut rules = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let rule = line.split('#').next().unwrap_or_default().trim();
            if !rule.is_empty() {
                let wrong = |reason| DenyListError { line: number + 1, rule: rule.to_owned(), reason };
                rules.push(Rule::new(rule).map_err(wrong)?);
            }
        }
        Ok(Self(rules))
    }

    /// Also forbids what another list forbids.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The rules as they are written.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|rule| rule.text.as_str())
    }

    /// The rule that forbids an address, if there is one.
    #[must_use]
    pub fn rule_against(&self, url: &str) -> Option<&str> {
        let address = plain(url);
        self.0.iter().find(|rule| rule.forbids(&address)).map(|rule| rule.text.as_str())
    }
}

impl Rule {
    fn new(rule: &str) -> Result<Self, &'static str> {
        let text = rule.to_lowercase();
        if text.contains(char::is_whitespace) {
            return Err("has a space in it; write one rule a line");
        }
        if text.contains("://") {
            return Err("has a scheme; leave it away");
        }
        if text.contains('*') {
            if text.chars().all(|char| char == '*') {
                return Err("forbids everything");
            }
            let kind = Kind::Pattern(text.split('*').map(str::to_owned).collect());
            return Ok(Self { text, kind });
        }
        let host = text.split('/').next().unwrap_or_default();
        if !host.contains('.') || host.starts_with('.') || host.ends_with('.') {
            return Err("begins with no host");
        }
        let text = text.trim_end_matches('/').to_owned();
        Ok(Self { text, kind: Kind::Place })
    }

    fn forbids(&self, address: &str) -> bool {
        match &self.kind {
            Kind::Place => is_place_in(&self.text, address),
            Kind::Pattern(parts) => matches(parts, address),
        }
    }
}

/// Whether an address names a place, as its host or further inside.
fn is_place_in(place: &str, address: &str) -> bool {
    address.match_indices(place).any(|(begin, _)| {
        let before = address[..begin].chars().next_back();
        let after = address[begin + place.len()..].chars().next();
        before.is_none_or(|char| !char.is_alphanumeric() && !matches!(char, '-' | '_'))
            && after.is_none_or(|char| matches!(char, '/' | '?' | '#' | '&' | ':' | ';' | ','))
    })
}

/// Whether an address is like a pattern, given by what stands between its stars.
fn matches(parts: &[String], address: &str) -> bool {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let Some(mut rest) = address.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    parts.iter().take(parts.len() - 1).skip(1).all(|part| {
        let found = rest.find(part.as_str());
        rest = found.map_or(rest, |begin| &rest[begin + part.len()..]);
        found.is_some()
    })
}

/// An address without its scheme, user and port, in lower case, with its escapes undone.
fn plain(url: &str) -> String {
    let url = url.trim();
    let address = match Url::parse(url) {
        Ok(parsed) if parsed.has_host() => {
            let host = parsed.host_str().unwrap_or_default().trim_end_matches('.');
            let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
            let fragment = parsed.fragment().map(|fragment| format!("#{fragment}")).unwrap_or_default();
            format!("{host}{}{query}{fragment}", parsed.path())
        }
        _ => url.split_once("://").map_or(url, |(_, rest)| rest).to_owned(),
    };
    let mut plain = String::with_capacity(address.len());
    for char in unescaped(&address).to_lowercase().chars() {
        // Two slashes lead where one does.
        if char != '/' || !plain.ends_with('/') {
            plain.push(char);
        }
    }
    plain
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            bytes.push(high * 16 + low);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
