//! How well an answer's claims are borne out by what they cite.

use std::collections::BTreeMap;
use std::fmt::Write;

use async_trait::async_trait;
use offseeker_trajectory::{Evidence, Grade, Trajectory};

use super::claims::ids_of;
use super::{Claim, claims};
use crate::rewards::carr::Seen;
use crate::rewards::prompts::{RLER_CITED, RLER_UNCITED};
use crate::rewards::reply::{asked, expect_keys, listed, object_of, truth};
use crate::rewards::turns::{MOST_SHOWN, answer, clipped, measured, observations, unfit};
use crate::{GradeError, Grader, Judge, Prompt};

/// The most claims of an answer that are judged: the first so many.
const MOST_CLAIMS: usize = 100;

/// `2 R P / (R + P)`; nought where both are nought.
#[must_use]
pub fn claim_f1(recall: f64, precision: f64) -> f64 {
    if recall + precision > 0.0 { 2.0 * recall * precision / (recall + precision) } else { 0.0 }
}

/// `0.6 * mean F1 of the claims + 0.4 * share of the ids that exist`.
#[must_use]
pub fn citation_reward(mean_f1: f64, valid_ids: f64) -> f64 {
    0.6 * mean_f1 + 0.4 * valid_ids
}

/// How well an answer's claims are borne out by what they cite.
///
/// A cited claim has recall 1, 0.5 or 0 as a judge finds it borne out by all that it cites, and as its precision the share
/// of what it cites that has to do with it. A claim that cites nothing has precision 1, and recall 1 where it needs no
/// source, else 0. An answer that cites nothing has no valid ids. An id is that of a `<snippet id=..>` or `<webpage id=..>`
/// in what the attempt saw, or an address that it saw.
#[derive(Debug, Clone)]
pub struct RlerCitation {
    judge: Judge,
    last_id_only: bool,
    /// The prompt for cited claims; fills in `claim`, `sources` and `ids`.
    pub cited: Prompt,
    /// The prompt for the others; fills in `question` and `sentence`.
    pub uncited: Prompt,
}

impl RlerCitation {
    /// `rler/citation`: a claim keeps all that it cites.
    #[must_use]
    pub fn new(judge: Judge) -> Self {
        Self { judge, last_id_only: false, cited: RLER_CITED.prompt(), uncited: RLER_UNCITED.prompt() }
    }

    /// `rler/citation@shipped`: of several citations a claim keeps the last alone, as the system's code has it.
    #[must_use]
    pub fn as_shipped(judge: Judge) -> Self {
        Self { last_id_only: true, ..Self::new(judge) }
    }

    /// Recall and precision of a claim.
    async fn judged(
        &self,
        question: &str,
        claim: &Claim,
        shown: &Shown<'_>,
    ) -> Result<Result<(f64, f64), Box<Grade>>, GradeError> {
        if claim.ids.is_empty() {
            let values = [("question", question), ("sentence", &claim.text)];
            let needs = asked(&self.judge, self.name(), &self.uncited, &values, 0, |reply| {
                truth(&object_of(reply, &["needs_source".to_owned()])?, "needs_source")
            });
            return Ok(needs.await?.map(|needs| (f64::from(u8::from(!needs)), 1.0)));
        }
        let known: Vec<String> = claim.ids.iter().filter(|id| shown.knows(id)).cloned().collect();
        if known.is_empty() {
            return Ok(Ok((0.0, 0.0)));
        }
        let mut sources = String::new();
        for id in &known {
            let _ = writeln!(sources, "[{id}]\n{}\n", clipped(&shown.text(id), MOST_SHOWN / known.len()));
        }
        let values = [("claim", claim.text.as_str()), ("sources", sources.trim_end()), ("ids", &listed(&known))];
        let said = asked(&self.judge, self.name(), &self.cited, &values, 0, |reply| read_cited(reply, &known)).await?;
        // What is cited and does not exist has nothing to do with the claim.
        Ok(said.map(|(recall, relevant)| (recall, relevant as f64 / claim.ids.len() as f64)))
    }
}

/// What an attempt saw, by id and by address.
struct Shown<'a> {
    tagged: BTreeMap<String, &'a str>,
    seen: Seen<'a>,
}

impl<'a> Shown<'a> {
    fn by(attempt: &'a Trajectory) -> Self {
        let mut tagged = BTreeMap::new();
        for (_, _, text) in observations(attempt) {
            for name in ["snippet", "webpage"] {
                collect(text, name, &mut tagged);
            }
        }
        Self { tagged, seen: Seen::by(attempt) }
    }

    fn knows(&self, id: &str) -> bool {
        self.tagged.contains_key(id) || self.seen.at(id).next().is_some()
    }

    fn text(&self, id: &str) -> String {
        match self.tagged.get(id) {
            Some(text) => (*text).to_owned(),
            None => self.seen.at(id).map(|(_, text)| text).collect::<Vec<_>>().join("\n"),
        }
    }
}

fn collect<'a>(text: &'a str, name: &str, into: &mut BTreeMap<String, &'a str>) {
    let (open, close) = (format!("<{name} "), format!("</{name}>"));
    let mut rest = text;
    while let Some(at) = rest.find(&open) {
        let Some((attributes, inner)) = rest[at + open.len()..].split_once('>') else { return };
        let end = inner.find(&close).unwrap_or(inner.len());
        for id in ids_of(attributes) {
            into.insert(id, inner[..end].trim());
        }
        rest = &inner[end..];
    }
}

fn read_cited(reply: &str, ids: &[String]) -> Result<(f64, usize), String> {
    let fields = object_of(reply, &["support".to_owned(), "relevant".to_owned()])?;
    let recall = match fields["support"].as_str() {
        Some("full") => 1.0,
        Some("partial") => 0.5,
        Some("none") => 0.0,
        _ => return Err(format!("\"support\" is {}; it is \"full\", \"partial\" or \"none\"", fields["support"])),
    };
    let relevant = fields["relevant"].as_object().ok_or("\"relevant\" is no object")?;
    expect_keys(relevant, ids)?;
    let mut count = 0;
    for id in ids {
        count += usize::from(truth(relevant, id)?);
    }
    Ok((recall, count))
}

#[async_trait]
impl Grader for RlerCitation {
    fn name(&self) -> &str {
        if self.last_id_only { "rler/citation@shipped" } else { "rler/citation@1" }
    }

    async fn grade(&self, attempt: &Trajectory) -> Result<Grade, GradeError> {
        if let Some(unfit) = unfit(self.name(), attempt) {
            return Ok(unfit);
        }
        let Some(reply) = answer(attempt) else { return Ok(measured(self.name(), attempt, 0.0)) };
        let mut claims = claims(reply);
        claims.truncate(MOST_CLAIMS);
        if self.last_id_only {
            for claim in &mut claims {
                claim.ids = claim.ids.pop().into_iter().collect();
            }
        }
        let shown = Shown::by(attempt);
        let ids: Vec<&String> = claims.iter().flat_map(|claim| &claim.ids).collect();
        let valid = ids.iter().filter(|id| shown.knows(id)).count();
        let mut evidence = Vec::new();
        let mut sum = 0.0;
        for claim in &claims {
            let (recall, precision) = match self.judged(&attempt.question.text, claim, &shown).await? {
                Ok(judged) => judged,
                Err(unscored) => return Ok(*unscored),
            };
            sum += claim_f1(recall, precision);
            if recall > 0.0 && !claim.ids.is_empty() {
                evidence.push(Evidence { claim: claim.text.clone(), node: None, quote: String::new() });
            }
        }
        let mean = sum / claims.len().max(1) as f64;
        let valid_ids = valid as f64 / ids.len().max(1) as f64;
        let mut grade = measured(self.name(), attempt, citation_reward(mean, valid_ids));
        grade.components.extend([("claims_f1".to_owned(), mean), ("valid_ids".to_owned(), valid_ids)]);
        grade.evidence = evidence;
        Ok(grade)
    }
}
