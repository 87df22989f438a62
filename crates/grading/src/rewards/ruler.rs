//! RULER: one judge compares all attempts of a group, in one call.

use async_trait::async_trait;
use offseeker_trajectory::{Grade, Message, Trajectory};

use super::prompts::RULER;
use super::reply::{listed, number, numbered, object_of};
use super::turns::{MOST_SHOWN, clipped, measured, transcript, unfit, written};
use crate::{GradeError, GroupGrader, Judge, Judgement, Prompt};

/// One judge compares all attempts of a group, in one call, and gives each a value from 0 to 1.
///
/// What all attempts begin with is shown once. No answer needs to be known. Attempts that ended through no fault of their
/// own are not shown and have no value. Whether an answer is right is not said.
#[derive(Debug, Clone)]
pub struct Ruler {
    judge: Judge,
    /// The most bytes that the judge is shown of all attempts together. 384 KiB.
    pub most_shown: usize,
    /// The prompt; fills in `common`, `attempts` and `keys`.
    pub prompt: Prompt,
}

impl Ruler {
    /// `ruler`: asks this judge.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, most_shown: 4 * MOST_SHOWN, prompt: RULER.prompt() }
    }
}

/// The messages of an attempt that were not thrown away.
fn kept(attempt: &Trajectory) -> Vec<&Message> {
    attempt.nodes().iter().filter(|node| !node.is_discarded()).map(|node| &node.message).collect()
}

/// How many messages all attempts begin with, of those that were not thrown away.
#[must_use]
pub fn common_beginning(attempts: &[&Trajectory]) -> usize {
    let Some((first, rest)) = attempts.split_first() else { return 0 };
    let others: Vec<_> = rest.iter().map(|attempt| kept(attempt)).collect();
    let same = |(at, message): &(usize, _)| others.iter().all(|other| other.get(*at) == Some(message));
    kept(first).into_iter().enumerate().take_while(same).count()
}

/// Each attempt from where they part, under its key.
pub(super) fn shown(attempts: &[&Trajectory], keys: &[String], skipped: usize, most: usize) -> String {
    let share = most / attempts.len().max(1);
    let parts = attempts.iter().zip(keys).map(|(attempt, key)| {
        let answer = attempt.answer.as_deref().unwrap_or("(none)");
        let (going, answer) = (transcript(attempt, skipped, share / 2), clipped(answer, share / 2));
        format!("=== {key} ===\n{going}\n\nFinal answer of {key}: {answer}")
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

fn beginning(attempt: &Trajectory, messages: usize, most: usize) -> String {
    let kept = attempt.nodes().iter().filter(|node| !node.is_discarded()).take(messages);
    let texts: Vec<String> =
        kept.map(|node| format!("[{}]\n{}", node.message.role, written(&node.message).trim())).collect();
    clipped(&texts.join("\n\n"), most).into_owned()
}

#[async_trait]
impl GroupGrader for Ruler {
    fn name(&self) -> &str {
        "ruler@1"
    }

    async fn grade(&self, attempts: &[Trajectory]) -> Result<Vec<Grade>, GradeError> {
        let unfit: Vec<Option<Grade>> = attempts.iter().map(|attempt| unfit(self.name(), attempt)).collect();
        let compared: Vec<&Trajectory> =
            attempts.iter().zip(&unfit).filter(|(_, unfit)| unfit.is_none()).map(|(attempt, _)| attempt).collect();
        let Some(first) = compared.first() else { return Ok(unfit.into_iter().flatten().collect()) };
        let keys = numbered("T", compared.len());
        let skipped = common_beginning(&compared);
        let common = format!("{}\n\n{}", first.question.text, beginning(first, skipped, self.most_shown / 4));
        let values = [
            ("common", common.trim_end()),
            ("attempts", &shown(&compared, &keys, skipped, self.most_shown)),
            ("keys", &listed(&keys)),
        ];
        let read = |reply: &str| {
            let fields = object_of(reply, &keys)?;
            keys.iter().map(|key| number(&fields, key, 0.0, 1.0)).collect::<Result<Vec<f64>, String>>()
        };
        let said = self.judge.ask(self.name(), &self.prompt, &values, 0, read).await?;
        let mut scores = match &said {
            Judgement::Read(scores) => scores.iter(),
            Judgement::Unreadable { .. } => [].iter(),
        };
        let graded = attempts.iter().zip(unfit).map(|(attempt, unfit)| match (unfit, &said) {
            (Some(unfit), _) => unfit,
            (None, Judgement::Read(_)) => measured(self.name(), attempt, scores.next().copied().unwrap_or_default()),
            (None, Judgement::Unreadable { reason }) => {
                Grade::unscored(self.name(), format!("the judge's reply could not be read: {reason}"))
            }
        });
        Ok(graded.collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
