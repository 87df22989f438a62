//! Where an item of a checklist stands.

use std::ops::Range;

/// Where an item of a checklist stands once a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepVerdict {
    /// It is reached.
    Yes,
    /// The step brings it nearer.
    InProgress,
    /// Neither.
    No,
}

/// `mean over items of (p(Yes) + 0.5 p(In Progress))`, of probabilities in the order Yes, In Progress, No.
#[must_use]
pub fn step_score(items: &[[f64; 3]]) -> f64 {
    let sum: f64 = items.iter().map(|[yes, in_progress, _]| yes + 0.5 * in_progress).sum();
    sum / items.len().max(1) as f64
}

/// The probabilities where nothing but what was written is known: all on that.
#[must_use]
pub fn counted(verdict: StepVerdict) -> [f64; 3] {
    match verdict {
        StepVerdict::Yes => [1.0, 0.0, 0.0],
        StepVerdict::InProgress => [0.0, 1.0, 0.0],
        StepVerdict::No => [0.0, 0.0, 1.0],
    }
}

/// Reads the verdict on each of so many items, and where in the reply it stands. The last line on an item counts.
pub(super) fn read_verdicts(reply: &str, items: usize) -> Result<Vec<(StepVerdict, Range<usize>)>, String> {
    let mut found = vec![None; items];
    let mut begin = 0;
    for line in reply.split_inclusive('\n') {
        if let Some((item, verdict, place)) = read_line(line)
            && let Some(slot) = item.checked_sub(1).and_then(|at| found.get_mut(at))
        {
            *slot = Some((verdict, begin + place.start..begin + place.end));
        }
        begin += line.len();
    }
    let missing = found.iter().position(Option::is_none);
    match missing {
        Some(at) => Err(format!("there is no line with a verdict on item {}", at + 1)),
        None => Ok(found.into_iter().flatten().collect()),
    }
}

fn read_line(line: &str) -> Option<(usize, StepVerdict, Range<usize>)> {
    let marks = |c: char| c.is_whitespace() || matches!(c, '*' | '-' | '[' | ']' | '`');
    let start = line.find(|c: char| c.is_ascii_digit())?;
    if !line[..start].chars().all(marks) {
        return None;
    }
    let digits = line[start..].bytes().take_while(u8::is_ascii_digit).count();
    let number = line[start..start + digits].parse().ok()?;
    let after = start + digits;
    let separated = line[after..].trim_start_matches(marks);
    let rest = separated.strip_prefix([':', '.', ')', '：'])?.trim_start_matches(marks);
    let at = line.len() - rest.len();
    let said = rest.to_ascii_lowercase();
    let (verdict, word) = [
        (StepVerdict::InProgress, "in progress"),
        (StepVerdict::InProgress, "in-progress"),
        (StepVerdict::Yes, "yes"),
        (StepVerdict::No, "no"),
    ]
    .into_iter()
    .find(|(_, word)| said.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))?;
    Some((number, verdict, at..at + word.len()))
}
