//! Pairs of attempts at one question, one of them better.

mod fork;
mod ranking;
mod refusal;
mod report;

use std::collections::BTreeMap;

use offseeker_trajectory::{Pair, QuestionId, Trajectory, TrajectoryId};
use serde::{Deserialize, Serialize};

use crate::cut::{SpellTokens, check_seal, whole_sample};
use crate::select::in_order;
use crate::stage::{Correctness, Verdict};
use crate::{CutRules, Digest};

use ranking::Ranked;

pub use ranking::{Ranking, Weights};
pub use refusal::{Refusal, Refused};
pub use report::PairsReport;

/// Which pairs are made of attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PairRules {
    /// The graders that say what is right: all of them.
    pub graders: Correctness,
    /// What attempts are ranked by: their facts.
    pub ranking: Ranking,
    /// The fewest scored attempts at a question: 4.
    pub least_attempts: usize,
    /// How many of the best and of the worst attempts at a question are paired: 2.
    pub each_side: usize,
    /// How they are paired: matched.
    pub pairing: Pairing,
    /// How much better the better one has to be: 0.2.
    pub least_margin: f64,
    /// Whether the better one has to be right: yes.
    pub chosen_right: bool,
    /// Whether a tool has to have shown the answer of the better one: yes, because else lucky guesses are preferred.
    pub chosen_grounded: bool,
    /// Whether the worse one may have ended because the model's window was full: no, because to push away from long
    /// attempts spoils a model.
    pub full_window: bool,
    /// The most tokens of either: 49,152.
    pub most_tokens: u64,
    /// How many times as long one may be as the other: 3.
    pub most_ratio: f64,
    /// What is learnt of each: everything that the model said, without the words that asked for a turn again, because two
    /// attempts would part in these. Where the conversation was rewritten on the way, it is the last one, unless the view
    /// is raw.
    pub cut: CutRules,
}

impl Default for PairRules {
    fn default() -> Self {
        Self {
            graders: Correctness::default(),
            ranking: Ranking::default(),
            least_attempts: 4,
            each_side: 2,
            pairing: Pairing::default(),
            least_margin: 0.2,
            chosen_right: true,
            chosen_grounded: true,
            full_window: false,
            most_tokens: 49_152,
            most_ratio: 3.0,
            cut: CutRules { without_requests_for_more: true, ..CutRules::default() },
        }
    }
}

/// How the best attempts at a question are paired with the worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// The best with the worst, the second best with the second worst, and so on.
    #[default]
    Matched,
    /// Each of the best with each of the worst.
    Crossed,
}

/// Two attempts that are to be a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedPair {
    /// The question.
    pub question: QuestionId,
    /// The better attempt.
    pub chosen: TrajectoryId,
    /// The worse attempt.
    pub rejected: TrajectoryId,
    /// How much better the better one is.
    pub margin: f64,
}

/// The pairs that are to be made, and why others are not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// How many questions there are.
    pub questions: u64,
    /// The pairs, in the order of the questions, the best of each first.
    pub planned: Vec<PlannedPair>,
    /// What was refused, in the order of the questions.
    pub refused: Vec<Refused>,
}

/// Plans pairs from what is known of attempts: the best at each question against the worst.
///
/// A question whose scored attempts are all right or all wrong has none to tell apart. What ended through no fault of
/// its own, or is unscored, is on neither side. What comes of it does not depend on the order of the digests.
#[must_use]
pub fn pair_up(digests: &[Digest], rules: &PairRules) -> Pairs {
    let mut by_question: BTreeMap<&QuestionId, Vec<&Digest>> = BTreeMap::new();
    for digest in in_order(digests).0 {
        by_question.entry(&digest.question).or_default().push(digest);
    }
    let mut pairs = Pairs { questions: by_question.len() as u64, ..Pairs::default() };
    for (question, attempts) in by_question {
        if let Err(reason) = of_question(question, &attempts, rules, &mut pairs) {
            pairs.refused.push(Refused { question: question.clone(), chosen: None, rejected: None, reason });
        }
    }
    pairs
}

fn of_question(
    question: &QuestionId,
    attempts: &[&Digest],
    rules: &PairRules,
    pairs: &mut Pairs,
) -> Result<(), Refusal> {
    let mut candidates = Vec::new();
    let (mut scored, mut right) = (0, 0);
    for digest in attempts {
        let verdict = rules.graders.verdict(digest);
        let reason = match verdict {
            _ if digest.end.infrastructure => Some(Refusal::Infrastructure),
            _ if digest.end.kind.is_none() => Some(Refusal::Unfinished),
            Verdict::Unscored => Some(Refusal::Unscored),
            _ if digest.shape.tokens > rules.most_tokens => Some(Refusal::TooLong),
            _ => None,
        };
        let counts = !matches!(reason, Some(Refusal::Infrastructure | Refusal::Unfinished | Refusal::Unscored));
        scored += usize::from(counts);
        right += usize::from(counts && verdict == Verdict::Right);
        match reason {
            None => candidates.push(*digest),
            Some(reason) => pairs.refused.push(Refused {
                question: question.clone(),
                chosen: None,
                rejected: Some(digest.attempt.clone()),
                reason,
            }),
        }
    }
    match right {
        _ if scored < rules.least_attempts => return Err(Refusal::FewAttempts),
        0 => return Err(Refusal::AllWrong),
        right if right == scored => return Err(Refusal::AllRight),
        _ => {}
    }
    let ranked = rules.ranking.rank(&candidates, &rules.graders);
    for (chosen, rejected) in sides(&ranked, rules) {
        plan(question, chosen, rejected, rules, pairs);
    }
    Ok(())
}

/// The pairs of the best and the worst that are looked at.
fn sides<'a>(ranked: &'a [Ranked<'a>], rules: &PairRules) -> Vec<(&'a Ranked<'a>, &'a Ranked<'a>)> {
    let each = rules.each_side.min(ranked.len() / 2);
    let best = &ranked[..each];
    let worst = || ranked[each..].iter().rev().filter(|it| rules.full_window || !it.digest.end.context).take(each);
    match rules.pairing {
        Pairing::Matched => best.iter().zip(worst()).collect(),
        Pairing::Crossed => best.iter().flat_map(|chosen| worst().map(move |rejected| (chosen, rejected))).collect(),
    }
}

fn plan(question: &QuestionId, chosen: &Ranked<'_>, rejected: &Ranked<'_>, rules: &PairRules, pairs: &mut Pairs) {
    let margin = chosen.score - rejected.score;
    let (better, worse) = (chosen.digest, rejected.digest);
    let (one, other) = (better.shape.tokens.max(1) as f64, worse.shape.tokens.max(1) as f64);
    let is_right = rules.graders.verdict(better) == Verdict::Right;
    let is_grounded = better.grounds.answer_seen || (is_right && better.grounds.gold_seen);
    let reason = if rules.chosen_right && !is_right {
        Some(Refusal::ChosenWrong)
    } else if rules.chosen_grounded && !is_grounded {
        Some(Refusal::ChosenUngrounded)
    } else if margin < rules.least_margin {
        Some(Refusal::SmallMargin)
    } else if one > rules.most_ratio * other || other > rules.most_ratio * one {
        Some(Refusal::LengthRatio)
    } else {
        None
    };
    let (question, chosen, rejected) = (question.clone(), better.attempt.clone(), worse.attempt.clone());
    match reason {
        None => pairs.planned.push(PlannedPair { question, chosen, rejected, margin }),
        Some(reason) => {
            pairs.refused.push(Refused { question, chosen: Some(chosen), rejected: Some(rejected), reason });
        }
    }
}

impl PlannedPair {
    /// The pair, cut from its attempts. What both begin with does not count on either side, and is as long as `fork`
    /// says at most: it ends where it is the model's turn in both.
    ///
    /// # Errors
    ///
    /// Why it cannot be one.
    pub fn cut(
        &self,
        chosen: &Trajectory,
        rejected: &Trajectory,
        rules: &PairRules,
        spell: Option<&dyn SpellTokens>,
    ) -> Result<Pair, Refusal> {
        if chosen.id != self.chosen || rejected.id != self.rejected {
            return Err(Refusal::OtherAttempt);
        }
        for attempt in [chosen, rejected] {
            check_seal(attempt, &rules.cut).map_err(|_| Refusal::Sealed)?;
        }
        let sample =
            |trajectory, spell| whole_sample(trajectory, &rules.cut, spell).ok().flatten().ok_or(Refusal::NothingSaid);
        let (mut better, mut worse) = (sample(chosen, spell)?, sample(rejected, spell)?);
        if fork::is_mixed(&better, &worse) {
            (better, worse) = (sample(chosen, None)?, sample(rejected, None)?);
        }
        let fork = fork::part(&mut better, &mut worse)?;
        Ok(Pair { question: self.question.clone(), chosen: better, rejected: worse, fork, margin: Some(self.margin) })
    }
}
