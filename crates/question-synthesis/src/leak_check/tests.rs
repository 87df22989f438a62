//! What is a leak and what is said on purpose.

use std::sync::Arc;

use offseeker_entity_graph::{Entity, EntityGraph, EntityId, PackedGraph};
use offseeker_search::{Hit, Scripted, SearchError};
use offseeker_trajectory::Answer;

use super::*;
use crate::{Clue, Kind, Variable};

fn ground() -> Arc<Ground> {
    let mut graph = EntityGraph::new();
    for name in ["Karlin mill", "Karlin", "Orsa", "Ada Voss", "Route 66", "卡林磨坊", "CALL"] {
        graph.add(Entity::new(EntityId::of(&[name]), name));
    }
    Arc::new(Ground::new("g", PackedGraph::of(&graph).unwrap()).unwrap())
}

fn plan() -> Plan {
    let of = Variable(0);
    let named = |name: &str| Term::Constant { id: EntityId::of(&[name]), name: name.to_owned() };
    let relation = |to: &str| Constraint::Relation { from: of.into(), kind: "near".to_owned(), to: named(to) };
    let field = |is| Constraint::Field { of: of.into(), field: "built".to_owned(), is };
    let says = [
        relation("Karlin mill"),
        relation("Route 66"),
        field(Condition::Between { least: 1780.0, most: 1789.0 }),
        field(Condition::Is { value: "312".to_owned() }),
    ];
    Plan {
        kind: Kind::Intersection,
        ask: Ask::Name { of },
        clues: says.into_iter().map(Clue::new).collect(),
        bindings: std::iter::once((of, EntityId::of(&["Ada Voss"]))).collect(),
        answer: Answer { text: "Ada Voss".to_owned(), aliases: vec!["A. Voss".to_owned()] },
        support: Vec::new(),
    }
}

#[test]
fn what_is_not_said_on_purpose_leaks() {
    check("What stands near Karlin mill, between 1780 and 1789?", Level::Pruned, &[]);
    check("What stands on Route 66, near the KARLIN MILL?", Level::Pruned, &[]);
    check("What stands in Karlin?", Level::Pruned, &[("leak_name", "Karlin")]);
    check("Which thing (call it thing A) is mentioned near Karlin mill?", Level::Pruned, &[]);
    check("Who sailed the orsa?", Level::Named, &[("leak_name", "Orsa")]);
    check("卡林磨坊在哪里？", Level::Named, &[("leak_name", "卡林磨坊")]);
    check("Is it a Voss?", Level::Named, &[("leak_answer", "A. Voss")]);
    check("Which had 312 sails?", Level::Named, &[]);
    check("Which had 312 sails?", Level::Ranges, &[("leak_number", "312")]);
    check("Which was built in 1785?", Level::Named, &[("leak_year", "1785")]);
    check("Which was built on 12 May 1785?", Level::Named, &[("leak_date", "12 May 1785")]);
    check("Who wrote “The ledger”?", Level::Named, &[("leak_quoted", "The ledger")]);
    check("Which is the largest near Karlin mill?", Level::Named, &[("leak_superlative", "largest")]);
}

fn check(text: &str, level: Level, expected: &[(&str, &str)]) {
    let found = leaks(&ground(), text, &plan(), level).unwrap();
    let found: Vec<(&str, &str)> = found.iter().map(|leak| (leak.code(), leak.text())).collect();
    assert_eq!(found, expected, "{text}");
}

#[tokio::test]
async fn a_search_must_not_show_the_answer() {
    probe(Ok(vec![Hit::new("u", "A mill", "It burnt down.")]), "").await;
    probe(Ok(vec![Hit::new("u", "A mill", "Built by Ada Voss.")]), "found_by_search").await;
    probe(Err(SearchError::transient("s", "asleep")), "search_unreachable").await;
}

async fn probe(answer: Result<Vec<Hit>, SearchError>, code: &str) {
    let search = Arc::new(Scripted::answering([answer]));
    let mut draft = Draft::new(1, "g", 0, plan());
    draft.text = "What is the name of that which stands near Karlin mill?".to_owned();
    let applied = LeakCheck::new(ground()).searching(search.clone()).apply(draft).await;
    assert_eq!(search.asked()[0].text, "stands near Karlin mill");
    match applied {
        Ok(draft) => assert_eq!((draft.checks.leak, code), (Some(NoLeak { probes: 1 }), "")),
        Err(rejection) => {
            assert_eq!(rejection.code, code);
            assert_eq!(rejection.is_undetermined(), code == "search_unreachable");
        }
    }
}
