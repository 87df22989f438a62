//! The forms in which judges are asked, and in which they reply.

use serde_json::{Map, Value};

use super::reading::{agreed, confidence, decide, labelled, object_of, ruling, said, text_of};
use super::word::{self, is_markup};
use super::{Ruling, Verdict};
use crate::Prompt;
use crate::text::tagged;

/// A form in which judges are asked, and in which they reply.
///
/// Reading a reply passes over the model's reasoning in `<think>`, emphasis, fences, blanks and words behind the verdict,
/// and takes a full-width colon for a colon. It guesses nothing: a reply without a verdict, with two that contradict each
/// other, or with an object that has other keys is an error, which is told to the judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// Ours: an object with `verdict`, `extracted` and `reason`.
    Offseeker,
    /// That of BrowseComp and Humanity's Last Exam: lines, or an object, with `extracted_final_answer`, `reasoning`, `correct`
    /// and `confidence`.
    BrowseComp,
    /// That of xbench: lines with 最终答案, 解释 and 结论.
    Xbench,
    /// A letter: A for correct, B for incorrect.
    Letter,
    /// `<judge>yes</judge>` or `<judge>no</judge>`.
    Tag,
    /// `[[YES]]` or `[[NO]]`, as for FRAMES.
    Brackets,
    /// That of DeepResearcher's MBE: an object with `rationale` and `judgement`.
    DeepResearcher,
}

/// What a judge's prompt fills in.
pub(super) const DECLARED: [&str; 3] = ["question", "answer", "response"];

const BROWSE_COMP: [&str; 4] = ["extracted_final_answer", "reasoning", "correct", "confidence"];
const XBENCH: [&str; 3] = ["最终答案", "解释", "结论"];
const OURS: [&str; 3] = ["verdict", "extracted", "reason"];
const MBE: [&str; 2] = ["rationale", "judgement"];
const GRADE: [&str; 6] = ["answer", "grade", "verdict", "judgement", "judgment", "choice"];

impl Form {
    /// All forms.
    pub const ALL: [Self; 7] = [
        Self::Offseeker,
        Self::BrowseComp,
        Self::Xbench,
        Self::Letter,
        Self::Tag,
        Self::Brackets,
        Self::DeepResearcher,
    ];

    /// The name of the form, as it stands in the ids of prompts: `browsecomp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offseeker => "offseeker",
            Self::BrowseComp => "browsecomp",
            Self::Xbench => "xbench",
            Self::Letter => "letter",
            Self::Tag => "tag",
            Self::Brackets => "brackets",
            Self::DeepResearcher => "deepresearcher",
        }
    }

    /// The prompt that asks for the form, in our words. It fills in `{question}`, `{answer}` and `{response}`.
    #[must_use]
    pub fn prompt(self) -> Prompt {
        let (id, text) = match self {
            Self::Offseeker => ("offseeker/correctness@1", include_str!("../../prompts/correctness.txt")),
            Self::BrowseComp => ("offseeker/browsecomp-form@1", include_str!("../../prompts/browsecomp_form.txt")),
            Self::Xbench => ("offseeker/xbench-form@1", include_str!("../../prompts/xbench_form.txt")),
            Self::Letter => ("offseeker/letter-form@1", include_str!("../../prompts/letter_form.txt")),
            Self::Tag => ("offseeker/tag-form@1", include_str!("../../prompts/tag_form.txt")),
            Self::Brackets => ("offseeker/brackets-form@1", include_str!("../../prompts/brackets_form.txt")),
            Self::DeepResearcher => ("offseeker/mbe-form@1", include_str!("../../prompts/mbe_form.txt")),
        };
        Prompt::new(id, text, &DECLARED).expect("a test reads the shipped prompts")
    }

    /// Reads a reply.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words for the judge.
    pub fn read(self, reply: &str) -> Result<Ruling, String> {
        let text = said(reply);
        match self {
            Self::Offseeker => offseeker(text),
            Self::BrowseComp => browse_comp(text),
            Self::Xbench => xbench(text),
            Self::Letter => letter(text).map(Ruling::bare),
            Self::Tag => tag(text).map(Ruling::bare),
            Self::Brackets => brackets(text).map(Ruling::bare),
            Self::DeepResearcher => deep_researcher(text),
        }
    }
}

fn offseeker(text: &str) -> Result<Ruling, String> {
    if let Some(object) = object_of(text, &OURS, &[])? {
        return in_object(&object, ["verdict", "extracted", "reason", ""]);
    }
    let values = labelled(text, &["verdict"], &OURS);
    if !values.is_empty() {
        let verdict = agreed("verdict", values)?;
        return Ok(ruling(text, verdict, [&["extracted"], &["reason"], &[]], &OURS));
    }
    // Judges that were trained on another form keep to it.
    let other = tag(text).map(Ruling::bare).or_else(|_| browse_comp(text));
    other.map_err(|_| "there is no object with verdict, extracted and reason".to_owned())
}

fn browse_comp(text: &str) -> Result<Ruling, String> {
    if let Some(object) = object_of(text, &BROWSE_COMP, &["strict"])? {
        return in_object(&object, ["correct", "extracted_final_answer", "reasoning", "confidence"]);
    }
    let verdict = agreed("line \"correct:\"", labelled(text, &["correct"], &BROWSE_COMP))?;
    let extracted = ["extracted_final_answer", "extracted final answer"];
    Ok(ruling(text, verdict, [&extracted, &["reasoning"], &["confidence"]], &BROWSE_COMP))
}

fn xbench(text: &str) -> Result<Ruling, String> {
    if let Some(object) = object_of(text, &XBENCH, &[])? {
        return in_object(&object, ["结论", "最终答案", "解释", ""]);
    }
    let verdict = agreed("结论", labelled(text, &["结论"], &XBENCH))?;
    Ok(ruling(text, verdict, [&["最终答案"], &["解释"], &[]], &XBENCH))
}

fn deep_researcher(text: &str) -> Result<Ruling, String> {
    if let Some(object) = object_of(text, &MBE, &[])? {
        return in_object(&object, ["judgement", "", "rationale", ""]);
    }
    let verdict = agreed("judgement", labelled(text, &["judgement", "judgment"], &MBE))?;
    Ok(ruling(text, verdict, [&[], &["rationale"], &[]], &MBE))
}

fn in_object(object: &Map<String, Value>, [verdict, extracted, reason, sureness]: [&str; 4]) -> Result<Ruling, String> {
    let text = |key: &str| Some(text_of(object, key)).filter(|text| !text.is_empty());
    Ok(Ruling {
        verdict: word::verdict(&text_of(object, verdict)).map_err(|wrong| format!("{verdict:?}: {wrong}"))?,
        extracted: text(extracted),
        reason: text(reason),
        confidence: text(sureness).as_deref().and_then(confidence),
    })
}

fn tag(text: &str) -> Result<Verdict, String> {
    let lower = text.to_ascii_lowercase();
    let mut values: Vec<&str> = tagged(&lower, "judge").collect();
    if values.is_empty() {
        // A stop string may have cut the closing tag off.
        values.extend(lower.rfind("<judge>").map(|at| &lower[at + "<judge>".len()..]));
    }
    agreed("<judge>", values)
}

fn brackets(text: &str) -> Result<Verdict, String> {
    let inside = |open: &str, close: char| -> Vec<Result<Verdict, String>> {
        let rests = text.split(open).skip(1);
        rests
            .filter_map(|rest| rest.split_once(close))
            .map(|(word, _)| word::verdict(word))
            .filter(Result::is_ok)
            .collect()
    };
    let doubled = inside("[[", ']');
    decide("[[YES]] or [[NO]]", if doubled.is_empty() { inside("[", ']') } else { doubled })
}

fn letter(text: &str) -> Result<Verdict, String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_matches(is_markup).is_empty()).collect();
    let labels = labelled(text, &GRADE, &GRADE);
    let ends = [lines.first(), lines.last()].into_iter().flatten().copied();
    let found: Vec<Verdict> = labels.into_iter().chain(ends).filter_map(as_letter).collect();
    decide("letter A or B", found.into_iter().map(Ok))
}

/// The letter, or the word in its place, that a line consists of or begins with.
fn as_letter(line: &str) -> Option<Verdict> {
    let line = line.trim_matches(is_markup);
    let alone = line.trim_end_matches('.');
    if alone.eq_ignore_ascii_case("correct") {
        return Some(Verdict::Correct);
    }
    if alone.eq_ignore_ascii_case("incorrect") {
        return Some(Verdict::Incorrect);
    }
    let verdict = match line.chars().next()? {
        'A' => Verdict::Correct,
        'B' => Verdict::Incorrect,
        'a' if alone.len() == 1 => Verdict::Correct,
        'b' if alone.len() == 1 => Verdict::Incorrect,
        _ => return None,
    };
    let rest = line[1..].trim_start_matches(['*', '`', '"']);
    let is_marked = rest.is_empty()
        || rest.starts_with([')', '.', ':', '：', '）', ']'])
        || rest.trim_start().starts_with(['-', '(', '–', '—']);
    is_marked.then_some(verdict)
}
