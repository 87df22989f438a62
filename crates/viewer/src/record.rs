//! An attempt as the page reads it: what the reader shows, each text within bounds.

use offseeker_trajectory::{
    Branch, CallStatus, Correction, Finish, Grade, NodeId, Origin, Repair, Role, RunId, SampledTokens, Source,
    StopReason, ToolCall, Usage,
};
use serde::Serialize;

use crate::{Fate, Learnt, Shown};

/// An attempt as the page reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    id: &'a str,
    run: Option<&'a str>,
    model: Option<&'a str>,
    attempt: u32,
    contestant: &'a str,
    category: &'a str,
    question: Asked<'a>,
    tools: Vec<&'a str>,
    nodes: Vec<Row<'a>>,
    branches: Vec<Path>,
    /// The branch that it ended in.
    main: Option<usize>,
    answer: Option<Text<'a>>,
    stop: Option<&'a StopReason>,
    grades: &'a [Grade],
    metadata: Text<'a>,
    usage: Usage,
    spent_ms: Option<u64>,
    fate: &'a Fate,
    learnt: Vec<Lesson<'a>>,
}

#[derive(Debug, Serialize)]
struct Asked<'a> {
    id: &'a str,
    text: Text<'a>,
    /// The right answers, each with its other spellings.
    answers: Vec<Vec<&'a str>>,
    language: Option<&'a str>,
    metadata: Text<'a>,
}

#[derive(Debug, Serialize)]
struct Lesson<'a> {
    name: &'a str,
    counted: &'a Learnt,
}

#[derive(Debug, Serialize)]
struct Path {
    nodes: Vec<usize>,
    /// How many of its nodes it shares with branches before it.
    shared: usize,
    #[serde(skip_serializing_if = "is_false")]
    discarded: bool,
    #[serde(skip_serializing_if = "is_false")]
    aside: bool,
}

/// A message in its place.
#[derive(Debug, Serialize)]
struct Row<'a> {
    parent: Option<usize>,
    role: Role,
    text: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// The call that a tool answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_ms: Option<u64>,
    #[serde(flatten)]
    origin: Came<'a>,
}

/// How a message came about.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Came<'a> {
    Given,
    Sampled {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        calls: Vec<Call<'a>>,
        usage: Usage,
        finish: &'a Option<Finish>,
        #[serde(skip_serializing_if = "Option::is_none")]
        model: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        aside: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        discarded: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        tokens: Option<Tokens<'a>>,
    },
    Observed {
        status: CallStatus,
        sources: &'a [Source],
        elapsed_ms: u64,
        usage: Usage,
    },
    Corrective {
        why: Correction,
    },
    Rewritten {
        of: Vec<usize>,
    },
    Other,
}

#[derive(Debug, Serialize)]
struct Call<'a> {
    id: &'a str,
    name: &'a str,
    arguments: Text<'a>,
    repair: Repair,
}

/// The tokens of a message: how many, how likely, and their texts where these were given.
#[derive(Debug, Serialize)]
struct Tokens<'a> {
    count: usize,
    mean_logprob: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logprobs: Vec<f32>,
}

/// A text, or as much of it as a page takes.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Text<'a> {
    Whole(&'a str),
    Owned(String),
    /// Its beginning, and how many bytes are left out.
    Cut {
        text: &'a str,
        left_out: usize,
    },
}

impl<'a> Text<'a> {
    fn within(text: &'a str, longest: usize) -> Self {
        if text.len() <= longest {
            return Self::Whole(text);
        }
        let end = text.floor_char_boundary(longest);
        Self::Cut { text: &text[..end], left_out: text.len() - end }
    }

    /// What a maker knows, as JSON; as much of it as a page takes.
    fn of_metadata(metadata: &offseeker_trajectory::Metadata, longest: usize) -> Self {
        if metadata.is_empty() {
            return Self::Whole("");
        }
        let mut text = serde_json::to_string_pretty(metadata).unwrap_or_default();
        if text.len() > longest {
            text.truncate(text.floor_char_boundary(longest));
            text.push_str("\n... the rest is left out");
        }
        Self::Owned(text)
    }
}

/// The most bytes of what is known beside an attempt.
const LONGEST_METADATA: usize = 64 << 10;

impl<'a> Record<'a> {
    /// An attempt with texts of at most so many bytes each.
    pub(crate) fn of(shown: &'a Shown, longest: usize) -> Self {
        let attempt = &shown.trajectory;
        let branches = attempt.branches();
        let row = |(place, node)| Row::of(node, shown.spelt.get(&place), longest);
        Self {
            id: attempt.id.as_str(),
            run: attempt.run.as_ref().map(RunId::as_str),
            model: attempt.model.as_deref(),
            attempt: attempt.attempt,
            contestant: &shown.contestant,
            category: &shown.category,
            question: Asked::of(&attempt.question, longest),
            tools: attempt.tools.iter().map(|tool| tool.name.as_str()).collect(),
            nodes: attempt.nodes().iter().enumerate().map(row).collect(),
            main: attempt.main_branch().and_then(|main| branches.iter().position(|branch| *branch == main)),
            branches: branches.iter().map(Path::of).collect(),
            answer: attempt.answer.as_deref().map(|answer| Text::within(answer, longest)),
            stop: attempt.stop.as_ref(),
            grades: &attempt.grades,
            metadata: Text::of_metadata(&attempt.metadata, LONGEST_METADATA),
            usage: attempt.usage(),
            spent_ms: attempt.nodes().iter().filter_map(|node| node.at).map(|at| at.spent_ms).max(),
            fate: &shown.fate,
            learnt: shown.learnt.iter().map(|(name, counted)| Lesson { name, counted }).collect(),
        }
    }
}

impl<'a> Asked<'a> {
    fn of(question: &'a offseeker_trajectory::Question, longest: usize) -> Self {
        Self {
            id: question.id.as_str(),
            text: Text::within(&question.text, longest),
            answers: question.answers.iter().map(|answer| answer.spellings().collect()).collect(),
            language: question.language.as_deref(),
            metadata: Text::of_metadata(&question.metadata, LONGEST_METADATA),
        }
    }
}

impl Path {
    fn of(branch: &Branch) -> Self {
        Self {
            nodes: branch.path().iter().map(|id| id.index()).collect(),
            shared: branch.shared().len(),
            discarded: branch.is_discarded(),
            aside: branch.is_aside(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(node: &'a offseeker_trajectory::Node, spelt: Option<&'a Vec<String>>, longest: usize) -> Self {
        let message = &node.message;
        Self {
            parent: node.parent.map(NodeId::index),
            role: message.role,
            text: Text::within(&message.content, longest),
            reasoning: message.reasoning.as_deref().map(|text| Text::within(text, longest)),
            name: message.name.as_deref(),
            answers: message.tool_call_id.as_deref(),
            clock_ms: node.at.map(|at| at.clock_ms),
            origin: Came::of(node, spelt, longest),
        }
    }
}

impl<'a> Came<'a> {
    fn of(node: &'a offseeker_trajectory::Node, spelt: Option<&'a Vec<String>>, longest: usize) -> Self {
        match &node.origin {
            Origin::Given => Self::Given,
            Origin::Sampled(sampled) => {
                let calls = if sampled.calls.is_empty() { &node.message.tool_calls } else { &sampled.calls };
                Self::Sampled {
                    calls: calls.iter().map(|call| Call::of(call, longest)).collect(),
                    usage: sampled.usage,
                    finish: &sampled.finish,
                    model: sampled.model.as_deref(),
                    aside: sampled.aside.as_deref(),
                    discarded: sampled.discarded.as_deref(),
                    tokens: sampled.tokens.as_ref().map(|tokens| Tokens::of(tokens, spelt)),
                }
            }
            Origin::Observed(observed) => Self::Observed {
                status: observed.status,
                sources: &observed.sources,
                elapsed_ms: observed.elapsed_ms,
                usage: observed.usage,
            },
            Origin::Corrective { why } => Self::Corrective { why: *why },
            Origin::Rewritten { of } => Self::Rewritten { of: of.iter().map(|id| id.index()).collect() },
            _ => Self::Other,
        }
    }
}

impl<'a> Call<'a> {
    fn of(call: &'a ToolCall, longest: usize) -> Self {
        Self { id: &call.id, name: &call.name, arguments: Text::within(&call.arguments, longest), repair: call.repair }
    }
}

impl<'a> Tokens<'a> {
    // There are fewer tokens than a float counts exactly.
    #[allow(clippy::cast_precision_loss)]
    fn of(tokens: &SampledTokens, spelt: Option<&'a Vec<String>>) -> Self {
        let logprobs = tokens.logprobs();
        let sum: f64 = logprobs.iter().copied().map(f64::from).sum();
        Self {
            count: tokens.ids().len().max(logprobs.len()),
            mean_logprob: (!logprobs.is_empty()).then(|| sum / logprobs.len() as f64),
            pieces: spelt.map(Vec::as_slice),
            logprobs: if spelt.is_some() { logprobs.to_vec() } else { Vec::new() },
        }
    }
}

// By reference because serde's `skip_serializing_if` hands over one.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !*value
}
