//! A student is made.

use std::collections::BTreeSet;
use std::path::Path;

use futures::TryStreamExt;
use offseeker_trajectory::Role;
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};

use crate::config::FreshStudent;
use crate::corpora::Corpora;
use crate::{Flow, PipelineError, Watch, model};

/// The most bytes of pages that a tokenizer is made of.
const MOST_PAGES: usize = 64 << 20;

/// Makes a model that knows nothing: its tokenizer of what was said in attempts and of pages, its weights of a seed.
///
/// # Errors
///
/// When the attempts or the pages cannot be read, or the system refuses.
pub async fn student(
    attempts: &Path,
    corpora: &Corpora,
    protocol: &str,
    config: &FreshStudent,
    to: &Path,
    watch: &Watch,
) -> Result<Flow, PipelineError> {
    let store = Embedded::open(attempts, &Options::default())?;
    let mut texts = BTreeSet::new();
    let mut all = store.trajectories(&Filter::default());
    while let Some(attempt) = all.try_next().await? {
        watch.go_on()?;
        let said = attempt.nodes().iter().filter(|node| node.message.role != Role::System);
        texts.extend(said.map(|node| node.message.content.clone()));
    }
    let mut bytes = 0;
    if let Some(corpus) = corpora.learnt.first() {
        for page in corpus.pages()? {
            bytes += page.text.len();
            if bytes > MOST_PAGES {
                break;
            }
            texts.insert(page.text);
        }
    }
    let count = texts.len();
    let tokenizer = model::tokenizer(config.vocabulary, model::dialect(protocol)?, texts)?;
    let weights = model::fresh_weights(config, tokenizer.vocabulary())?;
    model::save(&weights, &tokenizer, to)?;
    let flow = Flow::new(count, 1).counting("weights", weights.values().len());
    Ok(flow.counting("tokens", tokenizer.vocabulary()))
}
