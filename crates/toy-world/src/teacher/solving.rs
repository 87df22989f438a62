//! How a plan is carried out: which thing is found out next, and by what.

use std::collections::BTreeSet;

use offseeker_question_synthesis::{Ask, Constraint, Order, Term, Variable};

use super::script::{Script, Stop};
use crate::kind::{Bond, Predicate};

/// How many hits are looked at where a page at the other end of a relation is looked for.
const OTHER_ENDS: usize = 6;

impl Script<'_> {
    /// Carries the plan out.
    pub(super) fn solve(&mut self) -> Result<String, Box<Stop>> {
        self.announce();
        let counted = match self.plan.ask {
            Ask::Count { of } => Some(of),
            _ => None,
        };
        while let Some(variable) = self.next_unknown(counted) {
            let name = match self.way_to(variable) {
                Some((from, bond)) => self.follow(&from, bond, variable)?,
                None => self.find(variable)?,
            };
            let Some(name) = name else { return Ok(self.thought("unknown", &[])) };
            self.known.insert(variable, name);
        }
        match &self.plan.ask {
            Ask::Name { of } => Ok(self.known[of].clone()),
            Ask::Value { of, field } => {
                let value = self.value_of(*of, field)?;
                Ok(value.unwrap_or_else(|| self.thought("unknown", &[])))
            }
            Ask::Extreme { among, field, order } => self.extreme(among, field, *order),
            Ask::Count { of } => self.count(*of),
            _ => Ok(self.thought("unknown", &[])),
        }
    }

    /// Says how the question will be answered.
    fn announce(&mut self) {
        let of_clues = self.plan.clues.iter().filter_map(|clue| match &clue.says {
            Constraint::Relation { kind, .. } => Some(self.heading(kind)),
            _ => None,
        });
        let asked = match &self.plan.ask {
            Ask::Value { field, .. } | Ask::Extreme { field, .. } => Some(self.heading(field)),
            _ => None,
        };
        let mut steps: Vec<&str> = of_clues.chain(asked).collect();
        steps.dedup();
        let separator = if self.words().between.is_empty() { "、" } else { ", " };
        let steps = steps.join(separator);
        self.remark("plan", &[("steps", &steps)]);
    }

    /// The thing to find out next: one that something known leads to, or the one of which most is said.
    fn next_unknown(&self, counted: Option<Variable>) -> Option<Variable> {
        let unknown =
            self.plan.variables().into_iter().filter(|it| !self.known.contains_key(it) && Some(*it) != counted);
        unknown.max_by_key(|variable| {
            (self.way_to(*variable).is_some(), self.said_of(*variable), std::cmp::Reverse(*variable))
        })
    }

    /// How much is said of a thing that it can be looked for by.
    fn said_of(&self, variable: Variable) -> usize {
        let worth = |says: &Constraint| match says {
            Constraint::Relation { from, to, .. } => {
                let other = if from.variable() == Some(variable) { to } else { from };
                if self.name_of(other).is_some() { 8 } else { 0 }
            }
            Constraint::Field { .. } => 2,
            _ => 0,
        };
        self.plan.clues.iter().filter(|clue| clue.says.is_about(variable)).map(|clue| worth(&clue.says)).sum()
    }

    /// The name of a term, where it is known.
    pub(super) fn name_of(&self, term: &Term) -> Option<String> {
        match term {
            Term::Variable(variable) => self.known.get(variable).cloned(),
            Term::Constant { name, .. } => Some(name.clone()),
        }
    }

    /// A relation that leads from something known to a thing.
    fn way_to(&self, variable: Variable) -> Option<(String, Bond)> {
        self.plan.clues.iter().find_map(|clue| match &clue.says {
            Constraint::Relation { from, kind, to } if to.variable() == Some(variable) => {
                let Some(Predicate::Bond(bond)) = Predicate::named(kind) else { return None };
                Some((self.name_of(from)?, bond))
            }
            _ => None,
        })
    }

    /// What a thing is called in truth.
    pub(super) fn truth_of(&self, variable: Variable) -> Option<String> {
        self.world.name_of(*self.plan.bindings.get(&variable)?)
    }

    /// Follows a relation; where the page says nothing of it, looks at the other end.
    fn follow(&mut self, from: &str, bond: Bond, to: Variable) -> Result<Option<String>, Box<Stop>> {
        let label = self.words().label(bond.as_str()).to_owned();
        let view = self.read(from, &label, ("visit", &[("name", from)]))?;
        let what = Predicate::Bond(bond);
        if let Some(found) = view.says(from, what).map(str::to_owned) {
            self.state(&label, &found, view.quote(from, what));
            return Ok(Some(found));
        }
        if view.is_empty() {
            self.remark("missing", &[]);
        }
        self.remark("silent", &[("name", from), ("label", &label)]);
        self.remark("other_end", &[("name", from)]);
        for query in [format!("{label} {from}"), from.to_owned()] {
            for hit in self.search(&query)?.into_iter().take(OTHER_ENDS) {
                let Some(name) = self.subject(&hit).filter(|name| name != from) else { continue };
                let snippet = self.snippet(&hit, &name);
                let says = |view: &crate::reading::View| {
                    view.says(from, what) == Some(name.as_str())
                        || (bond == Bond::Spouse && view.says(&name, what) == Some(from))
                };
                if says(&snippet)
                    || (self.is_kind(&name, bond) && says(&self.read(&name, &label, ("try", &[("name", &name)]))?))
                {
                    self.remark("is", &[("label", &label), ("value", &name)]);
                    return Ok(Some(name));
                }
            }
        }
        self.remembered(from, bond, to)
    }

    /// What it claims to remember, where it is on the right way.
    fn remembered(&mut self, from: &str, bond: Bond, to: Variable) -> Result<Option<String>, Box<Stop>> {
        let figure = self.world.names.entity(from).map(|number| self.world.truth.figure(number));
        let target = figure.and_then(|figure| self.world.truth.target(figure, bond));
        let Some(name) =
            target.map(|target| self.world.called(target)).filter(|name| self.truth_of(to).as_ref() == Some(name))
        else {
            return Ok(None);
        };
        self.remark("hunch", &[("name", &name)]);
        let label = self.words().label(bond.as_str()).to_owned();
        self.read(&name, &label, ("visit", &[("name", &name)]))?;
        Ok(Some(name))
    }

    /// The value of a property of something that is known.
    fn value_of(&mut self, of: Variable, field: &str) -> Result<Option<String>, Box<Stop>> {
        let Some(what) = Predicate::named(field) else { return Ok(None) };
        let (name, label) = (self.known[&of].clone(), self.words().label(field).to_owned());
        let view = self.read(&name, &label, ("visit", &[("name", &name)]))?;
        let value = view.says(&name, what).map(str::to_owned);
        match &value {
            Some(value) => self.state(&label, value, view.quote(&name, what)),
            None => self.remark("silent", &[("name", &name), ("label", &label)]),
        }
        Ok(value)
    }

    /// Which of several things has the least or the most of something.
    fn extreme(&mut self, among: &[Variable], field: &str, order: Order) -> Result<String, Box<Stop>> {
        let mut values = Vec::new();
        for variable in among {
            let value = self.value_of(*variable, field)?;
            let number = value.as_deref().and_then(|value| value.parse::<f64>().ok());
            values.extend(number.map(|number| (number, self.known[variable].clone(), value.unwrap_or_default())));
        }
        values.sort_by(|left, right| left.0.total_cmp(&right.0));
        let best = if order == Order::Least { values.first() } else { values.last() };
        let Some((_, name, _)) = best.cloned() else { return Ok(self.thought("unknown", &[])) };
        let stated: Vec<String> = values.iter().map(|(_, name, value)| format!("{name} {value}")).collect();
        let order = self.thought(if order == Order::Least { "least" } else { "greatest" }, &[]);
        self.remark("compare", &[("left", &stated.join(", ")), ("order", &order), ("name", &name)]);
        Ok(name)
    }

    /// How many things there are of which all clues hold.
    fn count(&mut self, of: Variable) -> Result<String, Box<Stop>> {
        let wanted: usize = self.plan.answer.text.trim().parse().unwrap_or(usize::MAX);
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for query in self.queries(of) {
            if found.len() >= wanted {
                break;
            }
            for hit in self.search(&query)? {
                let Some(name) = self.subject(&hit) else { continue };
                if !self.contradicts(of, &name, &hit) && seen.insert(name.clone()) && self.fits(of, &name)? {
                    found.insert(name);
                }
            }
        }
        // What the page at the other end says, which no search by words shows.
        for name in self.named_at_other_ends(of)? {
            if found.len() < wanted && seen.insert(name.clone()) && self.fits(of, &name)? {
                found.insert(name);
            }
        }
        let names: Vec<String> = found.iter().cloned().collect();
        let names = if names.is_empty() { self.thought("none", &[]) } else { names.join(", ") };
        let count = found.len().to_string();
        self.remark("count", &[("names", &names), ("count", &count)]);
        Ok(count)
    }
}
