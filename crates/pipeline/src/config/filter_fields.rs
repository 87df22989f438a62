//! The five stages of the filter: what the miniature asks for, and what each field is.

use offseeker_curation::Recipe;
use offseeker_curation::stage::{Correctness, Diversity, Effort, Grounding, Integrity};
use offseeker_trajectory::Repair;

/// What is asked of attempts in few words, in a world of short pages.
pub(super) fn few_words() -> Recipe {
    Recipe {
        integrity: Integrity { worst_repair: Repair::None, ..Integrity::default() },
        correctness: Correctness::by("offseeker/match@1"),
        // An address follows from a name, so nobody has to show it.
        grounding: Grounding { most_invented: 1.0, ..Grounding::default() },
        // One page answers the shortest questions, and nothing has to be thought before it is read.
        effort: Effort { least_calls: 1, least_thought: 0, most_repeated: 0.5, ..Effort::default() },
        diversity: Diversity::default(),
        ..Recipe::default()
    }
}

pub(super) const RECIPE: &[(&str, &str)] = &[
    ("stages", "The stages in the order in which attempts pass them; one that is not named is left out."),
    ("integrity", "Whether an attempt is whole."),
    ("correctness", "Whether it is right."),
    ("grounding", "Whether its answer rests on what it saw."),
    ("effort", "Whether it took pains, and the right ones."),
    ("diversity", "Whether it adds something, and nothing that it should not."),
];

pub(super) const INTEGRITY: &[(&str, &str)] = &[
    ("ends", "How it may have ended, by the kinds of stop reasons."),
    ("worst_repair", "What it may have taken to read the arguments of its calls."),
    ("most_silent", "The most turns with neither a call nor an answer."),
    ("in_order", "Whether the roles of its conversation have to alternate."),
    ("most_tokens", "The most tokens that it may have."),
];

pub(super) const CORRECTNESS: &[(&str, &str)] = &[
    ("graders", "The graders that count, by their names; empty is all of them."),
    ("votes", "How many of them have to say that an attempt is right. Where fewer could tell, all who could."),
    ("keep_wrong", "Whether wrong attempts pass too."),
];

pub(super) const GROUNDING: &[(&str, &str)] = &[
    ("answer_seen", "Whether a tool has to have shown the answer before it is given."),
    ("least_visits", "The fewest pages that have to be opened."),
    ("most_invented", "The largest share of the addresses it asked for that nobody had shown it."),
];

pub(super) const EFFORT: &[(&str, &str)] = &[
    ("least_calls", "The fewest calls."),
    ("most_calls", "The most calls."),
    ("most_failed", "The largest share of calls that failed."),
    ("most_repeated", "The largest share of calls that had been made before."),
    ("may_circle", "Whether an attempt may have been told that it goes in circles."),
    ("least_thought", "The fewest tokens of reasoning in a turn."),
    ("most_thought", "The most tokens of reasoning in a turn."),
    ("most_switched", "The largest share of turns that reason in another script than most do."),
];

pub(super) const DIVERSITY: &[(&str, &str)] = &[
    ("most_per_question", "The most attempts at a question."),
    ("near_duplicate", "From this similarity of their calls on, two attempts are nearly the same."),
    ("nearest_known", "From this similarity to a known text on, a question is taken from it."),
    ("may_have_secrets", "Whether attempts with secrets pass."),
    ("may_know", "Whether attempts pass that say the answer before they looked for it."),
    ("prefer", "What makes an attempt better than another: the first of these that differs."),
];
