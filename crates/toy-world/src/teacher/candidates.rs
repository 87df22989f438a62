//! How something that is only described is found: what is searched for, and what is made of the hits.

use std::collections::BTreeSet;

use offseeker_question_synthesis::{Condition, Constraint, Variable};
use offseeker_search::Hit;

use super::script::{Script, Stop};
use crate::kind::{Bond, Predicate};
use crate::reading::View;

/// The most years of a span that are searched for one by one.
const MOST_YEARS: u32 = 12;

impl Script<'_> {
    /// Finds something that is only described.
    pub(super) fn find(&mut self, variable: Variable) -> Result<Option<String>, Box<Stop>> {
        let right = self.truth_of(variable);
        let mut tried = BTreeSet::new();
        for query in self.queries(variable) {
            let hits = self.search(&query)?;
            let candidates: Vec<(String, Hit)> =
                hits.into_iter().filter_map(|hit| Some((self.subject(&hit)?, hit))).collect();
            if let Some(guess) = self.guess(variable, &candidates)? {
                return Ok(Some(guess));
            }
            for (name, hit) in candidates {
                if tried.contains(&name) || !self.is_worth_reading(variable, &name, &hit) {
                    continue;
                }
                tried.insert(name.clone());
                if self.fits(variable, &name)? && right.as_ref() == Some(&name) {
                    return Ok(Some(name));
                }
            }
        }
        let Some(name) = right else { return Ok(None) };
        self.remark("hunch", &[("name", &name)]);
        self.fits(variable, &name)?;
        Ok(Some(name))
    }

    /// The first hit of the right sort, now and then, unchecked.
    fn guess(&mut self, variable: Variable, candidates: &[(String, Hit)]) -> Result<Option<String>, Box<Stop>> {
        // Of the right sort it has to be even so.
        let sort = self.truth_of(variable).and_then(|name| self.kind_of(&name));
        let Some((name, _)) = candidates.iter().find(|(name, _)| self.kind_of(name) == sort) else { return Ok(None) };
        let call = self.visiting(name, name);
        let sure = self.thought("guess", &[("name", name)]);
        let said_so = |reasoning: &Option<String>| reasoning.as_ref().is_some_and(|said| said.contains(&sure));
        let guesses = match self.made(&call) {
            Some(round) => said_so(&round.turn.reasoning),
            None => self.view(name).is_none() && self.happens("guess", self.options.guess),
        };
        if !guesses {
            return Ok(None);
        }
        self.read(name, name, ("guess", &[("name", name)]))?;
        Ok(Some(name.clone()))
    }

    /// Whether a hit is read: where it may fit, and now and then where it does not.
    fn is_worth_reading(&self, variable: Variable, name: &str, hit: &Hit) -> bool {
        let call = self.visiting(name, name);
        !self.contradicts(variable, name, hit)
            || self.made(&call).is_some()
            || self.happens("wrong hypothesis", self.options.wrong_hypothesis)
    }

    /// What to search for, the best first.
    pub(super) fn queries(&self, variable: Variable) -> Vec<String> {
        let (mut names, mut values, mut years) = (Vec::new(), Vec::new(), Vec::new());
        for clue in self.plan.clues.iter().filter(|clue| clue.says.is_about(variable)) {
            match &clue.says {
                Constraint::Relation { from, kind, to } => {
                    let other = if from.variable() == Some(variable) { to } else { from };
                    names.extend(self.name_of(other).map(|name| (self.words().label(kind).to_owned(), name)));
                }
                Constraint::Field { is: Condition::Is { value }, .. } => values.push(value.clone()),
                Constraint::Field { is: Condition::Between { least, most }, .. }
                    if most - least < f64::from(MOST_YEARS) =>
                {
                    years
                        .extend((0..MOST_YEARS).map(|year| least.ceil() + f64::from(year)).filter(|year| year <= most));
                }
                _ => {}
            }
        }
        let values = values.join(" ");
        let mut queries: Vec<String> =
            names.iter().map(|(_, name)| format!("{name} {values}").trim().to_owned()).collect();
        queries.extend(names.iter().map(|(label, name)| format!("{label} {name}")));
        queries.extend((!values.is_empty()).then(|| values.clone()));
        queries.extend(years.iter().map(|year| format!("{values} {year}").trim().to_owned()));
        let mut seen = BTreeSet::new();
        queries.retain(|query| seen.insert(query.clone()));
        queries
    }

    /// The name that a hit is the page of; none where it is a page of another sort.
    pub(super) fn subject(&self, hit: &Hit) -> Option<String> {
        let name = hit.url.strip_prefix(self.world.options.base.as_str())?;
        self.world.names.entity(name).map(|_| name.to_owned())
    }

    /// What the words beside a hit say.
    pub(super) fn snippet(&self, hit: &Hit, name: &str) -> View {
        View::of(&hit.snippet, name, self.world.options.language, &self.world.names)
    }

    /// Whether a name is of the kind that a relation leads to.
    pub(super) fn is_kind(&self, name: &str, bond: Bond) -> bool {
        self.kind_of(name) == Some(bond.to())
    }

    fn kind_of(&self, name: &str) -> Option<crate::kind::Kind> {
        self.world.names.entity(name).map(|number| self.world.truth.figure(number).kind)
    }

    /// Whether the words beside a hit, or its kind, rule out that it is what is described.
    pub(super) fn contradicts(&self, variable: Variable, name: &str, hit: &Hit) -> bool {
        let view = self.snippet(hit, name);
        self.plan.clues.iter().filter(|clue| clue.says.is_about(variable)).any(|clue| match &clue.says {
            Constraint::Field { field, is, .. } => {
                let Some(what) = Predicate::named(field) else { return false };
                let has_it = matches!(what, Predicate::Field(field) if self.kind_of(name).is_some_and(|kind| kind.fields().contains(&field)));
                !has_it || view.says(name, what).is_some_and(|value| !meets(value, is))
            }
            Constraint::Relation { from, kind, to } => {
                let Some(Predicate::Bond(bond)) = Predicate::named(kind) else { return false };
                let begins = from.variable() == Some(variable);
                let right = if begins { bond.from() } else { bond.to() };
                let wanted = self.name_of(to).filter(|_| begins);
                let says = view.says(name, Predicate::Bond(bond));
                self.kind_of(name) != Some(right) || matches!((says, wanted), (Some(says), Some(wanted)) if says != wanted)
            }
            Constraint::Kind { kind, .. } => self.kind_of(name).is_none_or(|it| it.as_str() != kind),
            _ => false,
        })
    }

    /// Reads the page about a name and holds what it says against what is wanted.
    pub(super) fn fits(&mut self, variable: Variable, name: &str) -> Result<bool, Box<Stop>> {
        let view = self.read(name, name, ("try", &[("name", name)]))?;
        for clue in self.plan.clues.iter().filter(|clue| clue.says.is_about(variable)) {
            let (kind, found, wanted, is_met) = match &clue.says {
                Constraint::Field { field, is, .. } => {
                    let value = Predicate::named(field).and_then(|what| view.says(name, what));
                    let is_met = value.is_some_and(|value| meets(value, is));
                    (field, value.map(str::to_owned), is.formal().replace("..", "–"), is_met)
                }
                Constraint::Relation { from, kind, to } if from.variable() == Some(variable) => {
                    let Some(wanted) = self.name_of(to) else { continue };
                    let Some(what) = Predicate::named(kind) else { continue };
                    let found = match view.says(name, what) {
                        Some(found) => Some(found.to_owned()),
                        None => self.other_end(&wanted, name, what)?.then(|| wanted.clone()),
                    };
                    let is_met = found.as_ref() == Some(&wanted);
                    (kind, found, wanted, is_met)
                }
                _ => continue,
            };
            let label = self.words().label(kind);
            let found = found.unwrap_or_else(|| self.thought("none", &[]));
            self.remark(if is_met { "yes" } else { "no" }, &[("label", label), ("found", &found), ("wanted", &wanted)]);
            if !is_met {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the page at the other end of a relation says that it leads there.
    fn other_end(&mut self, at: &str, of: &str, what: Predicate) -> Result<bool, Box<Stop>> {
        let label = self.words().label(what.as_str());
        self.remark("silent", &[("name", of), ("label", label)]);
        let view = self.read(at, label, ("visit", &[("name", at)]))?;
        let is_mutual = what == Predicate::Bond(Bond::Spouse) && view.says(at, what) == Some(of);
        Ok(is_mutual || view.says(of, what) == Some(at))
    }

    /// What pages at the other ends of clues say leads to them.
    pub(super) fn named_at_other_ends(&mut self, variable: Variable) -> Result<Vec<String>, Box<Stop>> {
        let mut named = Vec::new();
        for clue in &self.plan.clues {
            let Constraint::Relation { from, kind, to } = &clue.says else { continue };
            let (Some(what), Some(at)) = (Predicate::named(kind), self.name_of(to)) else { continue };
            if from.variable() == Some(variable) {
                let view = self.read(&at, kind, ("visit", &[("name", &at)]))?;
                named.extend(view.sources(what, &at).map(str::to_owned));
            }
        }
        Ok(named)
    }
}

/// Whether a value is as it is wanted.
fn meets(value: &str, is: &Condition) -> bool {
    match is {
        Condition::Is { value: wanted } => value == wanted,
        Condition::Between { least, most } => value.parse::<f64>().is_ok_and(|value| (*least..=*most).contains(&value)),
        _ => false,
    }
}
