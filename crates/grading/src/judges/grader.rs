//! A grader that asks a judge whether an answer is right.

use async_trait::async_trait;
use offseeker_trajectory::{Evidence, Grade, Trajectory};

use super::form::DECLARED;
use super::{Form, Ruling, Verdict};
use crate::scorers::{KnownAnswers, Match};
use crate::text::{final_answer, last_reply};
use crate::{GradeError, Grader, Judge, Judgement, Prompt};

/// A grader that asks a judge whether an answer is right.
///
/// Where an answer is plainly right, by [`Match`], nobody is asked. Otherwise the judge votes until one verdict has a majority
/// of [`votes`](Self::votes): with three, twice, and a third time where the first two differ. No majority, or one for
/// undetermined, leaves the attempt unscored. Votes differ in their seed; where there are [several judges](Self::and), they
/// take turns.
///
/// The grade has what the judge said as evidence, and the id and hash of the prompt.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_chat::Scripted;
/// use offseeker_grading::judges::{Form, JudgeGrader};
/// use offseeker_grading::{Grader, Judge};
/// use offseeker_trajectory::{Outcome, Question, StopReason, Trajectory};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_grading::GradeError> {
/// let right = r#"{"verdict": "correct", "extracted": "the river Orsa", "reason": "the same river"}"#;
/// let judge = Judge::new(Arc::new(Scripted::saying([right, right])));
/// let grader = JudgeGrader::new(judge, Form::Offseeker);
///
/// let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
/// attempt.answer = Some("the river Orsa, at Karlin".into());
/// attempt.stop = Some(StopReason::Answered);
/// let grade = grader.grade(&attempt).await?;
/// assert_eq!((grade.value, grade.outcome), (Some(1.0), Outcome::Correct));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct JudgeGrader {
    name: String,
    judges: Vec<Judge>,
    form: Form,
    prompt: Prompt,
    votes: u32,
    /// Whether an answer that is plainly right goes without the judge. True.
    pub short_cut: bool,
    /// Whether the judge is shown the whole last message in the place of the answer. True for [`Form::BrowseComp`], which is
    /// asked about a response with its confidence.
    pub whole_reply: bool,
    /// The longest response that the judge is shown, in bytes; of a longer one the end. 32 KiB.
    pub longest: usize,
}

impl JudgeGrader {
    /// Asks with the form's own prompt. The name is that of the prompt and that of the model: `offseeker/correctness@1:gpt-4o`.
    #[must_use]
    pub fn new(judge: Judge, form: Form) -> Self {
        let (prompt, judges) = (form.prompt(), vec![judge]);
        let (name, whole_reply) = (named(&prompt, &judges, 3), form == Form::BrowseComp);
        Self { name, judges, form, prompt, votes: 3, short_cut: true, whole_reply, longest: 32 << 10 }
    }

    /// Asks with another prompt for the same form, such as the published one. It has to fill in `{question}`, `{answer}` and
    /// `{response}`.
    ///
    /// # Errors
    ///
    /// [`GradeError::Prompt`] where it does not.
    pub fn prompted(self, id: &str, text: &str) -> Result<Self, GradeError> {
        let prompt = Prompt::new(id, text, &DECLARED)?;
        Ok(Self { name: named(&prompt, &self.judges, self.votes), prompt, ..self })
    }

    /// Lets a majority of so many votes decide; a number other than 3 is part of the name.
    #[must_use]
    pub fn votes(self, votes: u32) -> Self {
        let votes = votes.max(1);
        Self { name: named(&self.prompt, &self.judges, votes), votes, ..self }
    }

    /// Lets another judge vote too: the judges vote in turn, so that with as many votes as judges each has one. The name has
    /// all of theirs: `offseeker/correctness@1:gpt-4o+qwen`.
    #[must_use]
    pub fn and(mut self, judge: Judge) -> Self {
        self.judges.push(judge);
        Self { name: named(&self.prompt, &self.judges, self.votes), ..self }
    }

    /// Goes by another name, for one who knows what it stands for.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Asks for votes until one verdict has a majority, or none can have it.
    async fn vote(&self, values: &[(&str, &str)]) -> Result<Poll, GradeError> {
        let mut poll = Poll { needed: self.votes / 2 + 1, votes: self.votes, cast: Vec::new() };
        for (vote, judge) in (0..self.votes).zip(self.judges.iter().cycle()) {
            if poll.is_decided() {
                break;
            }
            let read = |reply: &str| self.form.read(reply);
            poll.cast.push(match judge.ask(&self.name, &self.prompt, values, vote, read).await? {
                Judgement::Read(ruling) => ruling,
                Judgement::Unreadable { reason } => {
                    Ruling { reason: Some(reason), ..Ruling::bare(Verdict::Undetermined) }
                }
            });
        }
        Ok(poll)
    }

    fn decided(&self, known: KnownAnswers<'_>, answer: &str, poll: &Poll) -> Grade {
        let mut grade = match poll.verdict() {
            Verdict::Correct => known.found(answer, true, 1.0),
            Verdict::Incorrect => known.found(answer, false, 0.0),
            Verdict::Undetermined => {
                Grade::unscored(&self.name, format!("the judge could not tell: {}", poll.counts()))
            }
        };
        let prompt = format!("prompt {} {}", self.prompt.id(), self.prompt.hash());
        grade.evidence.push(Evidence { claim: prompt, node: None, quote: String::new() });
        for (ruling, judge) in poll.cast.iter().zip(self.judges.iter().cycle()) {
            let quote = ruling.reason.clone().unwrap_or_default();
            let claim = format!("{}: {}", judge.name(), ruling.verdict.as_str());
            grade.evidence.push(Evidence { claim, node: None, quote });
        }
        if let Some(sure) = poll.cast.iter().find_map(|ruling| ruling.confidence) {
            grade.components.insert("confidence".to_owned(), sure);
        }
        for verdict in [Verdict::Correct, Verdict::Incorrect, Verdict::Undetermined] {
            grade.components.insert(format!("votes_{}", verdict.as_str()), f64::from(poll.count(verdict)));
        }
        grade
    }
}

#[async_trait]
impl Grader for JudgeGrader {
    fn name(&self) -> &str {
        &self.name
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        let known = match KnownAnswers::of(&self.name, attempt) {
            Ok(known) => known,
            Err(unscored) => return Ok(unscored),
        };
        let Some(answer) = final_answer(attempt) else { return Ok(known.nothing(0.0)) };
        if self.short_cut && known.spellings().any(|gold| Match::is_same(answer, gold)) {
            let mut grade = known.found(answer, true, 1.0);
            grade.evidence.push(Evidence {
                claim: "the same, without a judge".to_owned(),
                node: None,
                quote: String::new(),
            });
            return Ok(grade);
        }
        let response = if self.whole_reply { last_reply(attempt).unwrap_or(answer) } else { answer };
        let response = end_of(response, self.longest);
        let golds: Vec<&str> = known.spellings().collect();
        let values =
            [("question", attempt.question.text.as_str()), ("answer", &golds.join("; ")), ("response", response)];
        let poll = self.vote(&values).await?;
        Ok(self.decided(known, answer, &poll))
    }
}

fn named(prompt: &Prompt, judges: &[Judge], votes: u32) -> String {
    let votes = if votes == 3 { String::new() } else { format!("(votes={votes})") };
    let judges: Vec<&str> = judges.iter().map(Judge::name).collect();
    format!("{}:{}{votes}", prompt.id(), judges.join("+"))
}

/// The last bytes of a text, from the beginning of a character on.
fn end_of(text: &str, longest: usize) -> &str {
    let from = (text.len().saturating_sub(longest)..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[from.unwrap_or(text.len())..]
}

/// The votes that were cast.
struct Poll {
    needed: u32,
    votes: u32,
    cast: Vec<Ruling>,
}

impl Poll {
    fn count(&self, verdict: Verdict) -> u32 {
        self.cast.iter().map(|ruling| u32::from(ruling.verdict == verdict)).sum()
    }

    fn is_decided(&self) -> bool {
        let left = self.votes
            - self.count(Verdict::Correct)
            - self.count(Verdict::Incorrect)
            - self.count(Verdict::Undetermined);
        let can_win = |verdict| self.count(verdict) + left >= self.needed;
        let has_won = |verdict| self.count(verdict) >= self.needed;
        let sides = [Verdict::Correct, Verdict::Incorrect];
        sides.into_iter().any(has_won) || !sides.into_iter().any(can_win)
    }

    fn verdict(&self) -> Verdict {
        let has_won = |verdict: &Verdict| self.count(*verdict) >= self.needed;
        [Verdict::Correct, Verdict::Incorrect].into_iter().find(has_won).unwrap_or(Verdict::Undetermined)
    }

    fn counts(&self) -> String {
        let [correct, incorrect, open] =
            [Verdict::Correct, Verdict::Incorrect, Verdict::Undetermined].map(|verdict| self.count(verdict));
        format!("{correct} correct, {incorrect} incorrect, {open} undetermined")
    }
}
