//! What plans read like.

use std::collections::BTreeMap;

use offseeker_entity_graph::EntityId;
use offseeker_trajectory::Answer;

use super::*;
use crate::{Clue, Kind, Phrasebook};

const MILL: Variable = Variable(0);
const RIVER: Variable = Variable(1);
const OTHER: Variable = Variable(2);

fn named(name: &str) -> Term {
    Term::Constant { id: EntityId::of(&[name]), name: name.to_owned() }
}

fn relation(from: impl Into<Term>, kind: &str, to: impl Into<Term>) -> Constraint {
    Constraint::Relation { from: from.into(), kind: kind.to_owned(), to: to.into() }
}

fn kind(of: Variable, kind: &str) -> Constraint {
    Constraint::Kind { of: of.into(), kind: kind.to_owned() }
}

fn between(of: Variable, field: &str, least: f64, most: f64) -> Constraint {
    Constraint::Field { of: of.into(), field: field.to_owned(), is: Condition::Between { least, most } }
}

fn is(of: Variable, field: &str, value: &str) -> Constraint {
    Constraint::Field { of: of.into(), field: field.to_owned(), is: Condition::Is { value: value.to_owned() } }
}

fn check(ask: Ask, says: &[Constraint], en: &str, zh: &str) {
    let clues = says.iter().cloned().map(Clue::new).collect();
    let plan = Plan {
        kind: Kind::Chain,
        ask,
        clues,
        bindings: BTreeMap::new(),
        answer: Answer::from("x"),
        support: Vec::new(),
    };
    let book = Phrasebook::default();
    assert_eq!(worded(&plan, book.phrases("en").unwrap()), en);
    assert_eq!(worded(&plan, book.phrases("zh").unwrap()), zh);
}

#[test]
fn a_chain_is_told_from_its_far_end() {
    check(
        Ask::Name { of: MILL },
        &[
            kind(MILL, "mill"),
            relation(MILL, "stands_on", RIVER),
            kind(RIVER, "river"),
            relation(RIVER, "flows into", named("Inner Sea")),
            between(MILL, "built", 1700.0, 1709.0),
        ],
        "A river flows into Inner Sea. A mill stands on that river. That mill was built between 1700 and 1709. What is the name of that mill?",
        "一条河流流入Inner Sea。一座磨坊位于这条河流畔。这座磨坊于1700年至1709年之间建成。这座磨坊叫什么名字？",
    );
}

#[test]
fn several_of_a_kind_have_labels() {
    check(
        Ask::Extreme { among: vec![MILL, OTHER], field: "founded".to_owned(), order: Order::Least },
        &[
            kind(MILL, "inn"),
            kind(OTHER, "inn"),
            relation(MILL, "located_in", named("Karlin")),
            relation(OTHER, "owner", named("Ada Voss")),
        ],
        "An inn (call it inn A) lies in Karlin. An inn (call it inn B) belongs to Ada Voss. Of inn A and inn B, which one was founded the earliest? Give its name.",
        "一个inn（记为inn甲）位于Karlin。一个inn（记为inn乙）归Ada Voss所有。在inn甲和inn乙中，创立最早的是哪一个？请给出其名称。",
    );
}

#[test]
fn what_is_counted_is_told_by_what_holds_for_each() {
    check(
        Ask::Count { of: MILL },
        &[
            kind(MILL, "mill"),
            relation(MILL, "stands on", RIVER),
            is(MILL, "material", "stone"),
            relation(RIVER, "flows into", named("Inner Sea")),
        ],
        "A river flows into Inner Sea. Consider all mills of which the following is true: the mill stands on that river; the material of the mill is stone. How many such mills are there?",
        "一条河流流入Inner Sea。考虑满足以下条件的所有磨坊：该磨坊位于这条河流畔；该磨坊的材料是stone。这样的磨坊共有多少？",
    );
}

#[test]
fn what_nobody_knows_is_still_a_sentence() {
    check(
        Ask::Value { of: MILL, field: "patina_grade".to_owned() },
        &[relation(MILL, "entangled_with", RIVER), is(RIVER, "hue", "green"), is(RIVER, "opened", "1704-05-12")],
        "The hue of a thing (call it thing A) is green. Thing A was opened on 1704-05-12. A thing (call it thing B) stands in the relation of entangled with to thing A. What is the patina grade of thing B?",
        "一个事物（记为事物甲）的hue是green。事物甲启用的日期是1704-05-12。一个事物（记为事物乙）与事物甲的关系是entangled with。事物乙的patina grade是什么？",
    );
    check(
        Ask::Name { of: MILL },
        &[kind(MILL, "mill")],
        "There is a mill. What is the name of that mill?",
        "有一座磨坊。这座磨坊叫什么名字？",
    );
}
