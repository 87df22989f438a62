//! Checks what holds for every backend.

use futures::FutureExt;
use futures::future::join_all;

use super::{AT_ONCE, UNICODE, Violation, check_name};
use crate::{Hit, Locale, Query, SearchBackend, SearchError};

/// Checks what holds for every backend, whatever it finds.
///
/// It makes about twenty short queries and a long one.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_port(backend: &dyn SearchBackend) -> Result<(), Violation> {
    let port = Port { backend, name: backend.name().to_owned() };
    port.has_its_name()?;
    port.answers("a query is answered", &Query::new("river")).await?;
    let somewhere = Query { locale: Some(Locale::new("de", "de")), ..Query::new("river") };
    port.answers("a query for a place is answered", &somewhere).await?;
    for limit in [1, 3, 50] {
        port.answers("a query for few or many hits is answered", &Query::new("river").limit(limit)).await?;
    }
    port.survives("a query for no hit does no harm", &Query::new("river").limit(0)).await?;
    port.survives("an empty query does no harm", &Query::new("")).await?;
    port.survives("white space does no harm", &Query::new(" \t\n ")).await?;
    port.survives("a query of any letters does no harm", &Query::new(UNICODE)).await?;
    port.survives("a query of 100 kB does no harm", &Query::new("river ".repeat(17_000))).await?;
    port.answers_many().await?;
    port.outlives_a_dropped_query().await?;
    port.has_its_name()
}

struct Port<'a> {
    backend: &'a dyn SearchBackend,
    name: String,
}

impl Port<'_> {
    fn has_its_name(&self) -> Result<(), Violation> {
        check_name(&self.name, self.backend.name())
    }

    async fn answers(&self, law: &'static str, query: &Query) -> Result<(), Violation> {
        match self.backend.search(query).await {
            Ok(hits) => self.are_whole(query, &hits),
            Err(error) => Err(Violation::of(&self.name, law, format!("it failed: {error}"))),
        }
    }

    /// Answered or turned down for what it is, and usable afterwards.
    async fn survives(&self, law: &'static str, query: &Query) -> Result<(), Violation> {
        match self.backend.search(query).await {
            Ok(hits) => self.are_whole(query, &hits)?,
            Err(SearchError::InvalidQuery { .. }) => {}
            Err(error) => return Err(Violation::of(&self.name, law, format!("it failed: {error}"))),
        }
        self.answers(law, &Query::new("mill")).await
    }

    fn are_whole(&self, query: &Query, hits: &[Hit]) -> Result<(), Violation> {
        if hits.len() > query.limit {
            let found = format!("there are {} where {} are wanted", hits.len(), query.limit);
            return Err(Violation::of(&self.name, "there are no more hits than are wanted", found));
        }
        match hits.iter().position(|hit| hit.url.is_empty()) {
            Some(place) => Err(Violation::of(&self.name, "a hit has an address", format!("hit {place} has none"))),
            None => Ok(()),
        }
    }

    async fn answers_many(&self) -> Result<(), Violation> {
        let law = "queries that are made at once are all answered";
        let queries: Vec<Query> = (0..AT_ONCE).map(|number| Query::new(format!("mill {number}"))).collect();
        let answers = join_all(queries.iter().map(|query| self.answers(law, query))).await;
        answers.into_iter().collect()
    }

    async fn outlives_a_dropped_query(&self) -> Result<(), Violation> {
        let never_mind = Query::new("never mind");
        drop(self.backend.search(&never_mind));
        // Polls it once and drops it in the middle, unless it is done by then.
        let _ = self.backend.search(&never_mind).now_or_never();
        self.answers("a dropped query leaves the backend usable", &Query::new("once more")).await
    }
}
