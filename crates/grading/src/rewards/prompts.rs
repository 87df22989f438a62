//! The prompts of the rewards that ask a judge: versioned files that come with the crate.

use crate::Prompt;

/// A prompt that comes with the crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shipped {
    id: &'static str,
    text: &'static str,
    names: &'static [&'static str],
}

impl Shipped {
    /// The prompt, read.
    pub(crate) fn prompt(&self) -> Prompt {
        Prompt::new(self.id, self.text, self.names).expect("a test reads every prompt that is shipped")
    }
}

macro_rules! shipped {
    ($($name:ident = $id:literal, $file:literal, $names:expr;)*) => {
        $(pub(crate) const $name: Shipped = Shipped {
            id: $id,
            text: include_str!(concat!("../../prompts/rewards/", $file, ".txt")),
            names: &$names,
        };)*

        const ALL: &[Shipped] = &[$($name),*];
    };
}

shipped! {
    CARR_ENTITIES = "offseeker/carr-entities@1", "carr_entities", ["question", "statements", "reply", "entities"];
    CARR_SUPPORT = "offseeker/carr-support@1", "carr_support", ["texts", "statements", "keys"];
    RLER_SCORE = "offseeker/rler-score@1", "rler_score", ["question", "reply", "title", "criterion"];
    RLER_PROPOSE = "offseeker/rler-propose@1", "rler_propose", ["question", "known", "replies"];
    RLER_CITED = "offseeker/rler-cited@1", "rler_cited", ["claim", "sources", "ids"];
    RLER_UNCITED = "offseeker/rler-uncited@1", "rler_uncited", ["question", "sentence"];
    CHECKLIST = "offseeker/web-shepherd-checklist@1", "web_shepherd_checklist", ["task", "start", "seen", "most"];
    STEP = "offseeker/web-shepherd-step@1", "web_shepherd_step", ["task", "list", "before", "step"];
    ATOM = "offseeker/atom@1", "atom", ["question", "pieces", "keys"];
    SFR_SHORT = "offseeker/sfr-short@1", "sfr_short", ["question", "answers", "reply"];
    SFR_LONG = "offseeker/sfr-long@1", "sfr_long", ["question", "reply", "dimensions", "keys"];
    RANGE = "offseeker/longwriter-range@1", "longwriter_range", ["question"];
    WRITING = "offseeker/longwriter-writing@1", "longwriter_writing", ["question", "reply"];
    RULER = "offseeker/ruler@1", "ruler", ["common", "attempts", "keys"];
    EVALUATOR = "offseeker/evaluator@1", "offseeker_evaluator", ["question", "answers", "attempts", "keys"];
}

/// Every prompt of the rewards that comes with the crate.
#[must_use]
pub fn shipped_prompts() -> Vec<Prompt> {
    ALL.iter().map(Shipped::prompt).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    /// A prompt that is changed is another one: it needs a new version as well as a new line here.
    #[test]
    fn prompts_are_pinned_by_their_hash() {
        let pinned = include_str!("../../prompts/rewards/HASHES");
        let lines: Vec<String> =
            shipped_prompts().iter().map(|prompt| format!("{} {}", prompt.hash(), prompt.id())).collect();
        assert_eq!(lines.join("\n"), pinned.trim_end());
    }
}
