//! One ranking out of several.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures::future::try_join_all;

use crate::{Hit, Query, SearchBackend, SearchError};

/// What is added to every rank, so that the first ranks are not all that counts.
const RANK_OFFSET: f32 = 60.0;

/// How many hits each backend is asked for at least.
const DEPTH: usize = 50;

/// One ranking out of several: a hit scores `weight / (60 + rank)` with each backend that has it (reciprocal rank
/// fusion), so that it does not matter how the backends count.
///
/// Each is asked for at least fifty hits. A hit is shown as the first backend that has it shows it. When one backend
/// fails, the search fails: half an answer would look like a whole one.
#[derive(Debug)]
pub struct Fused {
    members: Vec<(Arc<dyn SearchBackend>, f32)>,
    name: String,
}

impl Fused {
    /// Fuses these backends; each counts as much as its weight says. A weight that is no number above nought counts as
    /// nought, and its backend is not asked.
    #[must_use]
    pub fn of(members: impl IntoIterator<Item = (Arc<dyn SearchBackend>, f32)>) -> Self {
        let members: Vec<_> = members.into_iter().filter(|(_, weight)| weight.is_finite() && *weight > 0.0).collect();
        let names: Vec<String> = members.iter().map(|(member, weight)| format!("{weight}*{}", member.name())).collect();
        Self { members, name: format!("fused({})", names.join("+")) }
    }
}

#[async_trait]
impl SearchBackend for Fused {
    fn name(&self) -> &str {
        &self.name
    }

    async fn search(&self, query: &Query) -> Result<Vec<Hit>, SearchError> {
        let deeper = Query { limit: query.limit.max(DEPTH), ..query.clone() };
        let lists = try_join_all(self.members.iter().map(|(member, _)| member.search(&deeper))).await?;
        let mut fused: Vec<Hit> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (hits, (_, weight)) in lists.into_iter().zip(&self.members) {
            let mut rank = 0.0;
            let mut seen = std::collections::HashSet::new();
            for hit in hits {
                if !seen.insert(hit.url.clone()) {
                    continue;
                }
                rank += 1.0;
                let place = *places.entry(hit.url.clone()).or_insert_with(|| {
                    fused.push(Hit { score: Some(0.0), ..hit });
                    fused.len() - 1
                });
                fused[place].score = fused[place].score.map(|score| score + weight / (RANK_OFFSET + rank));
            }
        }
        // The order is kept where scores are equal.
        fused.sort_by(|left, right| right.score.unwrap_or_default().total_cmp(&left.score.unwrap_or_default()));
        fused.truncate(query.limit);
        Ok(fused)
    }
}
