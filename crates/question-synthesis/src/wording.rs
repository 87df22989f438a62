//! Says a plan in words, by a phrasebook.

mod nouns;

use std::collections::BTreeSet;

use offseeker_trajectory::Metadata;

use crate::phrasebook::{Phrases, plain};
use crate::quantity::{Quantity, spelled};
use crate::{Ask, Condition, Constraint, Order, Plan, Term, Variable};
use nouns::Nouns;

/// Says a plan in words, by the phrases of a language.
///
/// What is not named is introduced once and spoken of as that from then on. What is farthest from the answer is said
/// first, so that each sentence builds on those before it, and what is asked comes last.
#[must_use]
pub fn worded(plan: &Plan, phrases: &Phrases) -> String {
    worded_as(plan, &Metadata::new(), phrases)
}

/// The same, with kinds of things of which no clue says it, by their variables.
pub(crate) fn worded_as(plan: &Plan, kinds: &Metadata, phrases: &Phrases) -> String {
    let mut wording =
        Wording { plan, phrases, nouns: Nouns::of(plan, kinds, phrases), told: BTreeSet::new(), sentences: vec![] };
    let asked = plan.ask.variables();
    let counted = if let Ask::Count { of } = plan.ask { Some(of) } else { None };
    let mut visited: BTreeSet<Variable> = counted.into_iter().collect();
    let others = plan.variables();
    for variable in asked.into_iter().chain(others) {
        if counted == Some(variable) || !visited.contains(&variable) {
            wording.describe(variable, &mut visited, counted);
        }
    }
    wording.ask();
    wording.sentences.join(&phrases.frame.between)
}

struct Wording<'a> {
    plan: &'a Plan,
    phrases: &'a Phrases,
    nouns: Nouns,
    /// The places of the clues that are said.
    told: BTreeSet<usize>,
    sentences: Vec<String>,
}

impl Wording<'_> {
    /// Says what leads to something, and then what is true of it.
    fn describe(&mut self, variable: Variable, visited: &mut BTreeSet<Variable>, counted: Option<Variable>) {
        visited.insert(variable);
        for clue in &self.plan.clues {
            let leads_here = clue.says.is_about(variable);
            for other in clue.says.variables().filter(|_| leads_here) {
                if !visited.contains(&other) {
                    self.describe(other, visited, counted);
                }
            }
        }
        // What is true of it alone comes before what links it with what is spoken of already.
        let (alone, links): (Vec<usize>, Vec<usize>) =
            (0..self.plan.clues.len()).partition(|at| self.plan.clues[*at].says.variables().all(|it| it == variable));
        for at in alone.into_iter().chain(links) {
            let says = &self.plan.clues[at].says;
            let is_of_counted = counted.is_some_and(|counted| says.is_about(counted));
            let is_told = is_of_counted || matches!(says, Constraint::Kind { .. });
            let known = says.variables().all(|it| visited.contains(&it));
            if says.is_about(variable) && known && !is_told && self.told.insert(at) {
                let clause = self.clause(says);
                self.sentence(&clause);
            }
        }
    }

    fn sentence(&mut self, clause: &str) {
        let sentence = self.phrases.frame.sentence.fill(&[("clause", &capitalised(clause))]);
        self.sentences.push(sentence);
    }

    /// What is asked, after what has to be said for it.
    fn ask(&mut self) {
        let frame = &self.phrases.frame;
        let question = match &self.plan.ask {
            Ask::Name { of } => {
                self.introduce(*of);
                frame.name.fill(&[("it", &self.mention(*of))])
            }
            Ask::Value { of, field } => {
                self.introduce(*of);
                let of = self.mention(*of);
                // A phrase may ask for the year; a whole date is asked for by the name of the property.
                let phrase =
                    if is_whole_date(&self.plan.answer.text) { &frame.field } else { self.phrases.field(field) };
                phrase.ask.fill(&[("of", &of), ("field", &plain(field))])
            }
            Ask::Extreme { among, field, order } => {
                for variable in among {
                    self.introduce(*variable);
                }
                let phrase = self.phrases.field(field);
                let which = if *order == Order::Least { &phrase.least } else { &phrase.most };
                let which = which.fill(&[("field", &plain(field))]);
                let among = among.iter().map(|variable| self.mention(*variable)).collect::<Vec<_>>();
                let among = match among.as_slice() {
                    [first @ .., last] if !first.is_empty() => first.join(&frame.and[0]) + &frame.and[1] + last,
                    all => all.concat(),
                };
                frame.extreme.fill(&[("among", &among), ("which", &which)])
            }
            Ask::Count { of } => {
                let clauses: Vec<String> = self.counted_clauses(*of);
                let many = self.nouns.many(*of);
                if !clauses.is_empty() {
                    let clauses = clauses.join(&frame.list);
                    self.sentences.push(frame.counting.fill(&[("many", &many), ("clauses", &clauses)]));
                }
                frame.count.fill(&[("many", &many)])
            }
        };
        self.sentences.push(capitalised(&question));
    }

    /// What holds for each of those that are counted.
    fn counted_clauses(&mut self, of: Variable) -> Vec<String> {
        let clues = self.plan.clues.iter().filter(|clue| clue.says.is_about(of));
        let clauses = clues.filter(|clue| !matches!(clue.says, Constraint::Kind { .. }));
        clauses.map(|clue| self.clause(&clue.says)).collect()
    }

    /// Says that there is something of which no clause spoke.
    fn introduce(&mut self, variable: Variable) {
        if !self.nouns.is_introduced(variable) {
            let it = self.mention(variable);
            self.sentences.push(capitalised(&self.phrases.frame.there_is.fill(&[("it", &it)])));
        }
    }

    fn clause(&mut self, says: &Constraint) -> String {
        match says {
            Constraint::Relation { from, kind, to } => {
                let phrases = self.phrases;
                let phrase = phrases.relation(kind).map_or(&phrases.frame.relation, |phrase| &phrase.says);
                // What comes first in the clause is introduced first.
                let backwards = phrase.names().find(|name| ["from", "to"].contains(name)) == Some("to");
                let (from, to) = if backwards {
                    let to = self.term(to);
                    (self.term(from), to)
                } else {
                    (self.term(from), self.term(to))
                };
                phrase.fill(&[("from", &from), ("to", &to), ("kind", &plain(kind))])
            }
            Constraint::Field { of, field, is } => {
                let of = self.term(of);
                let (phrase, name) = (self.phrases.field(field), plain(field));
                match is {
                    Condition::Is { value } => {
                        let is = phrase.on.as_ref().filter(|_| is_whole_date(value)).unwrap_or(&phrase.is);
                        is.fill(&[("of", &of), ("field", &name), ("value", value.trim())])
                    }
                    Condition::Between { least, most } => {
                        let (least, most) = (spelled(*least), spelled(*most));
                        phrase.between.fill(&[("of", &of), ("field", &name), ("least", &least), ("most", &most)])
                    }
                }
            }
            Constraint::Kind { of, .. } => self.term(of),
        }
    }

    fn term(&mut self, term: &Term) -> String {
        match term {
            Term::Variable(variable) => self.mention(*variable),
            Term::Constant { name, .. } => name.trim().to_owned(),
        }
    }

    fn mention(&mut self, variable: Variable) -> String {
        self.nouns.mention(variable, &self.phrases.frame)
    }
}

/// Whether a value is a date with its day or month.
fn is_whole_date(value: &str) -> bool {
    value.contains('-') && Quantity::read(value).is_some_and(|it| it.is_date)
}

fn capitalised(clause: &str) -> String {
    let mut rest = clause.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
