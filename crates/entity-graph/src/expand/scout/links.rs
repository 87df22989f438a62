//! A scout that follows the links of a corpus, without a model.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_pages::{Library, Page};
use offseeker_search::{Query, SearchBackend};

use super::{Finding, Findings, Outlook, Scout, Way};
use crate::expand::Setback;
use crate::expand::pages::cut;
use crate::{Entity, EntityId, GrowOptions, Grower, Record, key};

/// How many hits are looked at to find the page of an entity.
const HITS: usize = 10;

/// The longest page, in characters.
const LONGEST_PAGE: usize = 400_000;

/// Follows the links of a corpus: what [`grow`](crate::grow) makes of the page of an entity is what there is to know of it.
///
/// The page of an entity is one that is known to be about it, else one whose title is its name, else the first that
/// names it.
#[derive(Debug)]
pub struct Links {
    name: String,
    search: Arc<dyn SearchBackend>,
    library: Arc<dyn Library>,
    options: GrowOptions,
}

impl Links {
    /// A scout of a corpus that is searched by one and read through the other.
    pub fn new(search: Arc<dyn SearchBackend>, library: Arc<dyn Library>, options: GrowOptions) -> Self {
        let within = options.within.join(" ");
        let name = format!("links of {} in {} within [{within}]", search.name(), library.name());
        Self { name, search, library, options }
    }

    /// The page of an entity, and whether it is about the entity.
    async fn page(&self, outlook: Outlook<'_>) -> Result<Option<(Page, bool)>, Setback> {
        for url in &outlook.entity.pages {
            if let Some(page) = self.read(url).await? {
                return Ok(Some((page, true)));
            }
        }
        let wanted: Vec<String> = outlook.entity.names().map(key).collect();
        let hits = self.search.search(&Query::new(outlook.entity.name.as_str()).limit(HITS)).await?;
        for hit in hits.iter().filter(|hit| wanted.contains(&key(&hit.title))) {
            if let Some(page) = self.read(&hit.url).await? {
                return Ok(Some((page, true)));
            }
        }
        Ok(outlook.pages.first().map(|page| (page.clone(), wanted.contains(&key(&page.title)))))
    }

    async fn read(&self, url: &str) -> Result<Option<Page>, Setback> {
        match self.library.get(url).await {
            Ok(mut page) => {
                cut(&mut page, LONGEST_PAGE);
                Ok(Some(page))
            }
            Err(error) if error.is_verdict() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[async_trait]
impl Scout for Links {
    fn name(&self) -> &str {
        &self.name
    }

    async fn explore(&self, outlook: Outlook<'_>) -> Result<Findings, Setback> {
        let Some((page, is_about)) = self.page(outlook).await? else { return Ok(Findings::default()) };
        let mut grower = Grower::new(self.options.clone());
        let mut records = Vec::new();
        grower.page(&page, |record| records.push(record));
        let named: HashMap<EntityId, Entity> =
            grower.finish().entities.into_iter().map(|entity| (entity.id, entity)).collect();
        let addresses: HashMap<EntityId, &str> =
            page.links.iter().map(|link| (Grower::id_of(&link.url), link.url.as_str())).collect();
        let mut found = Findings::default();
        if is_about {
            found.pages.push(page.url.clone());
            let own = named.get(&Grower::id_of(&page.url));
            found.description = own.map(|own| own.description.clone()).unwrap_or_default();
            found.kind = own.map(|own| own.kind.clone()).unwrap_or_default();
        }
        // What another page says counts where it names the entity.
        let names = |text: &str| outlook.entity.names().any(|name| text.contains(name));
        for record in records {
            match record {
                Record::Fact(fact) if is_about || names(&fact.text) => {
                    let (text, field, value) = (fact.text, fact.field, fact.value);
                    found.fact(Finding { text, field, value, evidence: fact.evidence });
                }
                Record::Relation(relation) if is_about || names(&relation.text) => {
                    let Some(other) = named.get(&relation.to) else { continue };
                    found.way(Way {
                        name: other.name.clone(),
                        kind: other.kind.clone(),
                        relation: relation.kind,
                        text: relation.text,
                        page: addresses.get(&relation.to).map(|url| without_fragment(url).to_owned()),
                        evidence: relation.evidence,
                    });
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(page, _)| page)
}
