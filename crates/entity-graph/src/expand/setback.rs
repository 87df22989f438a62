//! Why there is no result for an item.

use offseeker_chat::ChatError;
use offseeker_pages::PageError;
use offseeker_search::SearchError;

/// Why there is no result for an item, told by what it says about the item.
///
/// Of what a model, a search engine or a library fails with, refusals and pages that are not there say something about
/// the item. All else is an outage, which says nothing about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Setback {
    /// Something could not be asked. That says nothing about the item: it stays as it was and is tried again.
    #[error("{reason}")]
    Outage {
        /// What could not be asked, and why.
        reason: String,
    },
    /// What came back cannot be used. That counts as an attempt.
    #[error("{kind}: {reason}")]
    Unusable {
        /// In a word: `unreadable`, `refused`.
        kind: String,
        /// What is wrong with it; the model may be shown it.
        reason: String,
    },
    /// There is no result, however often it is tried.
    #[error("{kind}: {reason}")]
    Verdict {
        /// In a word: `not_found`.
        kind: String,
        /// Why.
        reason: String,
    },
    /// A rule passes the item over.
    #[error("passed over: {rule}")]
    PassedOver {
        /// The rule, in a few words.
        rule: String,
    },
}

impl Setback {
    /// What came back cannot be read.
    pub fn unreadable(reason: impl Into<String>) -> Self {
        Self::Unusable { kind: "unreadable".to_owned(), reason: reason.into() }
    }

    /// Something could not be asked.
    pub fn outage(reason: impl Into<String>) -> Self {
        Self::Outage { reason: reason.into() }
    }

    /// What a search engine or a library fails with.
    fn of_source(is_verdict: bool, kind: &str, reason: String) -> Self {
        if is_verdict { Self::Verdict { kind: kind.to_owned(), reason } } else { Self::Outage { reason } }
    }
}

impl From<ChatError> for Setback {
    fn from(error: ChatError) -> Self {
        let reason = error.to_string();
        if error.is_verdict() {
            Self::Unusable { kind: error.kind().to_owned(), reason }
        } else {
            Self::Outage { reason }
        }
    }
}

impl From<SearchError> for Setback {
    fn from(error: SearchError) -> Self {
        Self::of_source(error.is_verdict(), error.kind(), error.to_string())
    }
}

impl From<PageError> for Setback {
    fn from(error: PageError) -> Self {
        Self::of_source(error.is_verdict(), error.kind(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_from_a_result() {
        check(ChatError::transient("cut"), "outage");
        check(ChatError::RateLimited { reason: String::new(), retry_after: None }, "outage");
        check(ChatError::Unauthorized { reason: String::new() }, "outage");
        check(ChatError::broken("a proxy's page"), "outage");
        check(ChatError::NotRecorded { key: String::new() }, "outage");
        check(ChatError::Refused { reason: String::new() }, "refused");
        check(SearchError::transient("engine", "cut"), "outage");
        check(SearchError::invalid("too long"), "invalid_query");
        check(PageError::not_found("u"), "not_found");
        check(PageError::Blocked { url: String::new(), reason: String::new() }, "blocked");
        check(PageError::broken("disk"), "outage");
        check(PageError::Timeout { url: String::new(), limit: std::time::Duration::ZERO }, "outage");
    }

    fn check(error: impl Into<Setback>, expected: &str) {
        let setback = error.into();
        let found = match &setback {
            Setback::Outage { .. } => "outage",
            Setback::Unusable { kind, .. } | Setback::Verdict { kind, .. } => kind,
            Setback::PassedOver { rule } => rule,
        };
        assert_eq!(found, expected, "{setback:?}");
    }
}
