//! What the things of a question are called.

use std::collections::{BTreeMap, BTreeSet};

use offseeker_trajectory::Metadata;

use crate::phrasebook::{Frame, Noun, Phrases};
use crate::{Ask, Constraint, Plan, Term, Variable};

/// What the things of a question are called that have no name.
pub(super) struct Nouns {
    nouns: BTreeMap<Variable, Noun>,
    /// Those of which there are several of one noun.
    shared: BTreeSet<Variable>,
    labels: BTreeMap<Variable, usize>,
    introduced: BTreeSet<Variable>,
    counted: Option<Variable>,
}

impl Nouns {
    pub(super) fn of(plan: &Plan, kinds: &Metadata, phrases: &Phrases) -> Self {
        let counted = if let Ask::Count { of } = plan.ask { Some(of) } else { None };
        let nouns: BTreeMap<Variable, Noun> =
            plan.variables().into_iter().map(|it| (it, phrases.noun(&kind(plan, kinds, it, phrases)))).collect();
        let others = || nouns.iter().filter(|(variable, _)| counted != Some(**variable));
        let is_shared = |noun: &Noun| others().filter(|(_, other)| other.noun == noun.noun).count() > 1;
        let shared = others().filter(|(_, noun)| is_shared(noun)).map(|(variable, _)| *variable).collect();
        Self { shared, nouns, labels: BTreeMap::new(), introduced: BTreeSet::new(), counted }
    }

    pub(super) fn is_introduced(&self, variable: Variable) -> bool {
        self.introduced.contains(&variable)
    }

    /// The word for several of what is counted.
    pub(super) fn many(&self, variable: Variable) -> String {
        self.nouns[&variable].many.clone()
    }

    /// Speaks of something, for the first time or again.
    pub(super) fn mention(&mut self, variable: Variable, frame: &Frame) -> String {
        let is_first = self.introduced.insert(variable);
        let label = self.label(variable, frame);
        let noun = &self.nouns[&variable];
        let template = match (self.counted == Some(variable), label.is_some(), is_first) {
            (true, ..) => &frame.counted,
            (_, false, true) => &frame.first,
            (_, false, false) => &frame.again,
            (_, true, true) => &frame.first_labelled,
            (_, true, false) => &frame.again_labelled,
        };
        let label = label.unwrap_or_default();
        template.fill(&[
            ("article", &noun.article),
            ("measure", &noun.measure),
            ("noun", &noun.noun),
            ("label", &label),
        ])
    }

    /// What tells something from others of its noun; labels are given in the order in which things are introduced.
    fn label(&mut self, variable: Variable, frame: &Frame) -> Option<String> {
        if !self.shared.contains(&variable) {
            return None;
        }
        let noun = &self.nouns[&variable].noun;
        let taken = self.labels.keys().filter(|other| self.nouns[*other].noun == *noun).count();
        let at = *self.labels.entry(variable).or_insert(taken);
        Some(frame.labels.get(at).cloned().unwrap_or_else(|| (at + 1).to_string()))
    }
}

/// The kind of something: what a clue says, what is known beside that, or what a clause makes plain.
fn kind(plan: &Plan, kinds: &Metadata, variable: Variable, phrases: &Phrases) -> String {
    let said = plan.clues.iter().find_map(|clue| match &clue.says {
        Constraint::Kind { of, kind } if of.variable() == Some(variable) => Some(kind.clone()),
        _ => None,
    });
    let plain = || {
        plan.clues.iter().find_map(|clue| {
            if let Constraint::Field { of, field, .. } = &clue.says {
                let kind = &phrases.field(field).of;
                return (of.variable() == Some(variable) && !kind.is_empty()).then(|| kind.clone());
            }
            let Constraint::Relation { from, kind, to } = &clue.says else { return None };
            let phrase = phrases.relation(kind)?;
            let is = |term: &Term| term.variable() == Some(variable);
            let kinds = [(is(from), &phrase.from), (is(to), &phrase.to)];
            kinds.into_iter().find(|(here, kind)| *here && !kind.is_empty()).map(|(_, kind)| kind.clone())
        })
    };
    let known = || kinds.get(&variable.to_string()).and_then(|kind| kind.as_str().map(str::to_owned));
    said.or_else(known).or_else(plain).unwrap_or_default()
}
