//! What is true in a world, as the records of a graph, each with the sentence that says it.

use offseeker_entity_graph::{Entity, Evidence, Fact, Record, Relation, page_hash};

use crate::World;
use crate::kind::Predicate;
use crate::pages::{Said, Written};

impl World {
    /// The entity of a number, and what is true of it.
    pub(crate) fn records_of(&self, number: u64) -> Vec<Record> {
        let figure = self.truth.figure(number);
        let written = self.own_page(number);
        let hash = page_hash(&written.page.text);
        let lead = written.said.first().map(|said| &written.page.text[said.place.clone()]);
        let entity = Entity {
            kind: figure.kind.as_str().to_owned(),
            language: self.options.language.tag().to_owned(),
            description: lead.unwrap_or_default().to_owned(),
            pages: vec![written.page.url.clone()],
            ..Entity::new(self.id(number), &written.page.title)
        };
        let mut records = vec![Record::Entity(entity)];
        for field in figure.kind.fields() {
            let fact = Fact::of_field(self.id(number), field.as_str(), self.truth.value(figure, *field));
            let evidence = evidence(&written, &hash, number, Predicate::Field(*field));
            records.push(match evidence {
                Some(evidence) => Fact { text: evidence.quote.clone(), ..fact }.with_evidence(evidence).into(),
                None => fact.into(),
            });
        }
        for bond in figure.kind.bonds() {
            let Some(target) = self.truth.target(figure, bond) else { continue };
            let target = self.truth.number(target);
            let what = Predicate::Bond(bond);
            let found = evidence(&written, &hash, number, what).or_else(|| {
                let other = self.own_page(target);
                let hash = page_hash(&other.page.text);
                // Of two who are married the other page names this one as its own spouse.
                evidence(&other, &hash, number, what).or_else(|| evidence(&other, &hash, target, what))
            });
            let relation = Relation::new(self.id(number), bond.as_str(), self.id(target));
            records.push(match found {
                Some(evidence) => relation.saying(evidence.quote.clone()).with_evidence(evidence).into(),
                None => relation.into(),
            });
        }
        records
    }
}

/// Where a page says something of an entity.
fn evidence(written: &Written, hash: &str, of: u64, what: Predicate) -> Option<Evidence> {
    let Said { place, .. } = written.said.iter().find(|said| said.of == of && said.what == what)?;
    Evidence::cut_hashed(&written.page.url, &written.page.text, place.clone(), hash)
}
