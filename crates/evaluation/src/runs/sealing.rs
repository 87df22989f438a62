//! Keeps attempts at sealed benchmarks encrypted.

mod texts;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::stream::BoxStream;
use offseeker_trajectory::{Metadata, Question, RunId, SealMark, Trajectory, TrajectoryId, is_exposed};
use offseeker_trajectory_store::{
    Claim, Entry, Filter, Manifest, Progress, RunStore, StoreError, Stored, TrajectoryStore, WorkQueue, Worker,
};

use crate::benchmark::{close, open, seal_of};
use crate::{Seal, SealError};
use texts::Texts;

/// How many attempts are known by whether they are sealed; the next one that is asked for is looked up again.
const KNOWN: usize = 1 << 16;

/// Keeps attempts at sealed benchmarks encrypted: a store that wraps any other.
///
/// What is written of an attempt at a question that is in clear and [marked](SealMark) is encrypted first, by the cipher of
/// its benchmark: question, messages, calls and what they gave, tokens, addresses, answer, and what graders say. What is
/// read is in clear again, so nobody above notices. So are attempts that such an attempt has made by others, where they
/// name it as their `parent`. All others pass through as they are, and so do manifests, names of models, tools and
/// graders, places, costs and times: what attempts are found by.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_evaluation::{Cipher, Seal, Sealing, Task};
/// use offseeker_trajectory::{Question, Trajectory};
/// use offseeker_trajectory_store::{Entry, InMemory, TrajectoryStore, TrajectoryStoreExt};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_trajectory_store::StoreError> {
/// let seal = Seal { cipher: Cipher::HashedXor, canary: "demo-canary".to_owned() };
/// let task = Task::sealed(Question::new("Which river?", ["the Orsa"]), seal);
/// let inner = Arc::new(InMemory::new());
/// let store = Sealing::new(inner.clone());
///
/// let attempt = Trajectory::new(task.in_clear().clone(), 0);
/// store.write(vec![Entry::Begin(Box::new(attempt.clone()))], None).await?;
/// assert_eq!(inner.get(&attempt.id).await?.trajectory.question.text, task.to_keep().text);
/// assert_eq!(store.get(&attempt.id).await?.trajectory, attempt);
/// # Ok(())
/// # }
/// ```
///
/// One such wrapper is enough: a question that is encrypted already is refused, because it could not be told from one that
/// was encrypted here. Caches and recordings of models, judges and searches are no part of a store.
#[derive(Debug)]
pub struct Sealing {
    inner: Arc<dyn RunStore>,
    known: Mutex<HashMap<TrajectoryId, Option<Seal>>>,
}

impl Sealing {
    /// Wraps a store.
    #[must_use]
    pub fn new(inner: Arc<dyn RunStore>) -> Self {
        Self { inner, known: Mutex::default() }
    }

    /// An entry as it is written.
    async fn closed(&self, mut entry: Entry, claim: Option<&Claim>, begun: &mut Begun) -> Result<Entry, StoreError> {
        let unknown = match &mut entry {
            Entry::Begin(beginning) => {
                let seal = self.begin(beginning, claim, begun).await?;
                begun.insert(beginning.id.clone(), seal);
                return Ok(entry);
            }
            Entry::Node { attempt, .. } | Entry::End { attempt, .. } | Entry::Grade { attempt, .. } => attempt.clone(),
            _ => return Ok(entry),
        };
        let Some(seal) = self.seal_of(&unknown, claim, begun).await? else { return Ok(entry) };
        let texts = Texts::closing(&seal);
        let done = match &mut entry {
            Entry::Node { node, .. } => texts.node(node),
            Entry::End { stop, answer, .. } => texts.end(stop, answer),
            Entry::Grade { grade, .. } => texts.grade(grade),
            _ => Ok(()),
        };
        done.map_err(|error| unreadable(&unknown, error))?;
        Ok(entry)
    }

    /// Encrypts what is known of an attempt before anything is said, and says by what.
    async fn begin(
        &self,
        beginning: &mut Trajectory,
        claim: Option<&Claim>,
        begun: &Begun,
    ) -> Result<Option<Seal>, StoreError> {
        let parent = parent(&beginning.metadata).filter(|_| !is_exposed(&beginning.question));
        if let Some(parent) = parent {
            match self.seal_of(&parent, claim, begun).await {
                Ok(Some(seal)) => seal.mark(&mut beginning.question.metadata, false),
                Ok(None) | Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let seal = seal_in_clear(&beginning.question)?;
        if let Some(seal) = &seal {
            beginning.question = close(&beginning.question);
            let texts = Texts::closing(seal);
            beginning.metadata =
                texts.metadata(&beginning.metadata).map_err(|error| unreadable(&beginning.id, error))?;
        }
        Ok(seal)
    }

    /// What an attempt is encrypted by, where it is.
    async fn seal_of(
        &self,
        attempt: &TrajectoryId,
        claim: Option<&Claim>,
        begun: &Begun,
    ) -> Result<Option<Seal>, StoreError> {
        if let Some(known) = begun.get(attempt) {
            return Ok(known.clone());
        }
        if let Some(known) = self.lock().get(attempt) {
            return Ok(known.clone());
        }
        if let Some(claim) = claim.filter(|claim| claim.id() == *attempt) {
            return seal_in_clear(&claim.question);
        }
        let found = self.inner.read(std::slice::from_ref(attempt)).await?;
        let Some(stored) = found.first() else { return Err(StoreError::NotFound { attempt: attempt.clone() }) };
        let question = &stored.trajectory.question;
        if is_exposed(question) {
            let reason = format!(
                "attempt {attempt} is at a sealed question and was begun in clear; make the run anew under another name, and \
                 through `Sealing` from its beginning"
            );
            return Err(StoreError::invalid(reason));
        }
        let seal = seal_of(&question.metadata).map(|(seal, _)| seal);
        self.remember([(attempt.clone(), seal.clone())]);
        Ok(seal)
    }

    fn remember(&self, attempts: impl IntoIterator<Item = (TrajectoryId, Option<Seal>)>) {
        let mut known = self.lock();
        if known.len() >= KNOWN {
            known.clear();
        }
        known.extend(attempts);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TrajectoryId, Option<Seal>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An attempt as it was before it was written.
    fn opened(&self, stored: Stored) -> Result<Stored, StoreError> {
        let (id, found) = (stored.trajectory.id.clone(), seal_of(&stored.trajectory.question.metadata));
        let Some((seal, true)) = found else { return Ok(stored) };
        let opened = opened(stored, &seal).map_err(|error| unreadable(&id, error))?;
        self.remember([(id, Some(seal))]);
        Ok(opened)
    }
}

/// What the attempts that a batch begins are encrypted by.
type Begun = HashMap<TrajectoryId, Option<Seal>>;

/// The attempt that an attempt was made for.
fn parent(metadata: &Metadata) -> Option<TrajectoryId> {
    metadata.get("parent")?.as_str().map(TrajectoryId::new)
}

fn unreadable(attempt: &TrajectoryId, error: SealError) -> StoreError {
    StoreError::invalid(format!("a text of attempt {attempt} {error}"))
}

/// What a question is to be encrypted by; none where it is not of a sealed set.
fn seal_in_clear(question: &Question) -> Result<Option<Seal>, StoreError> {
    let id = &question.id;
    if !is_exposed(question) {
        return match seal_of(&question.metadata) {
            None => Ok(None),
            Some(_) => {
                let reason = format!(
                    "question {id} is encrypted already; hand it over in clear, and wrap a store in one `Sealing` only"
                );
                Err(StoreError::invalid(reason))
            }
        };
    }
    match seal_of(&question.metadata) {
        Some((seal, _)) if !seal.canary.is_empty() => Ok(Some(seal)),
        _ => {
            let reason = format!(
                "the mark `{}` of question {id} cannot be read or has no canary, so it cannot be encrypted",
                SealMark::FIELD
            );
            Err(StoreError::invalid(reason))
        }
    }
}

/// A question as it is written.
fn closed_question(question: &Question) -> Result<Question, StoreError> {
    seal_in_clear(question).map(|_| close(question))
}

fn closed_claim(claim: &Claim) -> Result<Claim, StoreError> {
    Ok(Claim { question: closed_question(&claim.question)?, ..claim.clone() })
}

fn closed_claims(claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
    claims.iter().map(closed_claim).collect()
}

fn opened_claims(claims: Vec<Claim>) -> Result<Vec<Claim>, StoreError> {
    let opened = |claim: Claim| {
        let question = open(&claim.question).map_err(|error| unreadable(&claim.id(), error))?;
        Ok(Claim { question, ..claim })
    };
    claims.into_iter().map(opened).collect()
}

fn opened(stored: Stored, seal: &Seal) -> Result<Stored, SealError> {
    let Stored { trajectory, mut ahead } = stored;
    let texts = Texts::opening(seal);
    let mut made = Trajectory::new(open(&trajectory.question)?, trajectory.attempt);
    for node in trajectory.nodes() {
        let mut node = node.clone();
        texts.node(&mut node)?;
        made.push(node).expect("it fitted where it stood");
    }
    ahead.values_mut().try_for_each(|node| texts.node(node))?;
    made.metadata = texts.metadata(&trajectory.metadata)?;
    (made.id, made.run, made.model) = (trajectory.id, trajectory.run, trajectory.model);
    (made.tools, made.grades) = (trajectory.tools, trajectory.grades);
    (made.stop, made.answer) = (trajectory.stop, trajectory.answer);
    made.grades.iter_mut().try_for_each(|grade| texts.grade(grade))?;
    if let Some(stop) = &mut made.stop {
        texts.end(stop, &mut made.answer)?;
    }
    Ok(Stored { trajectory: made, ahead })
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl TrajectoryStore for Sealing {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        let mut begun = Begun::new();
        let mut closed = Vec::with_capacity(entries.len());
        for entry in entries {
            closed.push(self.closed(entry, claim, &mut begun).await?);
        }
        let claim = claim.map(closed_claim).transpose()?;
        self.inner.write(closed, claim.as_ref()).await?;
        self.remember(begun);
        Ok(())
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.inner.read(ids).await?.into_iter().map(|stored| self.opened(stored)).collect()
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        self.inner.scan(filter)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl WorkQueue for Sealing {
    async fn plan(&self, run: &RunId, questions: &[Question], attempts: u32) -> Result<u64, StoreError> {
        let closed: Vec<Question> = questions.iter().map(closed_question).collect::<Result<_, _>>()?;
        self.inner.plan(run, &closed, attempts).await
    }

    async fn claim(&self, run: &RunId, worker: &Worker, most: usize) -> Result<Vec<Claim>, StoreError> {
        opened_claims(self.inner.claim(run, worker, most).await?)
    }

    async fn renew(&self, claims: &[Claim]) -> Result<Vec<Claim>, StoreError> {
        opened_claims(self.inner.renew(&closed_claims(claims)?).await?)
    }

    async fn release(&self, claims: &[Claim]) -> Result<(), StoreError> {
        self.inner.release(&closed_claims(claims)?).await
    }

    async fn progress(&self, run: &RunId) -> Result<Progress, StoreError> {
        self.inner.progress(run).await
    }

    async fn manifest(&self, run: &RunId) -> Result<Option<Manifest>, StoreError> {
        self.inner.manifest(run).await
    }
}
