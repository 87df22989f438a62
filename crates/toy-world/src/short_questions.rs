//! Short questions: chains from something that is named, or from somebody who is described.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use offseeker_question_synthesis::{Ask, Clue, Condition, Constraint, Kind as PlanKind, Plan, Term, Variable};
use offseeker_trajectory::{Answer, Question};
use serde_json::json;

use crate::draw::Draw;
use crate::kind::{Field, Kind, Predicate};
use crate::truth::Figure;
use crate::{Category, Part, Task, World, WorldError};

/// How often a question is drawn for each that is asked for, before there are held to be no more.
const ATTEMPTS: u64 = 400;

/// The properties by which somebody is described. Such a question asks for none of them, of nobody.
const DESCRIBING: [Field; 3] = [Field::Profession, Field::Hobby, Field::Born];

/// What somebody is described by: profession, hobby, decade.
type Description = (String, String, u64);

impl World {
    /// Short questions of a category: different ones, the same for the same seed.
    pub(crate) fn short_questions(
        &self,
        category: Category,
        part: Part,
        count: usize,
        seed: u64,
    ) -> Result<Vec<Task>, WorldError> {
        let described = if category.describes() { self.described() } else { HashMap::new() };
        let draw = self.draw.of("questions").of(category.as_str()).nth(seed);
        let (mut seen, mut tasks) = (BTreeSet::new(), Vec::with_capacity(count));
        for attempt in 0..ATTEMPTS * count as u64 {
            if tasks.len() == count {
                break;
            }
            let drawn = self.draw_chain(category, &described, draw.nth(attempt));
            let task = drawn.filter(|chain| self.is_in(part, chain)).map(|chain| self.task(category, &chain));
            tasks.extend(task.filter(|task| seen.insert(task.question.text.clone())));
        }
        if tasks.len() < count {
            return Err(WorldError::TooFewQuestions { category: category.as_str(), asked: count, found: tasks.len() });
        }
        Ok(tasks)
    }

    /// How many persons each description fits.
    fn described(&self) -> HashMap<Description, u32> {
        let mut counts = HashMap::new();
        for place in 0..self.truth.count(Kind::Person) {
            *counts.entry(self.description(place)).or_insert(0) += 1;
        }
        counts
    }

    fn description(&self, person: u64) -> Description {
        let figure = Figure { kind: Kind::Person, place: person };
        let value = |field| self.truth.value(figure, field);
        (value(Field::Profession), value(Field::Hobby), decade(&value(Field::Born)))
    }

    fn draw_chain(&self, category: Category, described: &HashMap<Description, u32>, draw: Draw) -> Option<Chain> {
        let kind = if category.describes() { Kind::Person } else { *draw.pick(0, &Kind::ALL) };
        let start = self.any_of(kind, draw, 1);
        if category.describes() && described.get(&self.description(start.place)) != Some(&1) {
            return None;
        }
        let mut chain = Chain { figures: vec![start], steps: Vec::new() };
        for step in 0..category.steps() {
            let is_last = step + 1 == category.steps();
            let last = *chain.figures.last()?;
            // A plan asks for a value of something that it leads to, not of what it names.
            let fields = if is_last && (step > 0 || category.describes()) { last.kind.fields() } else { &[] };
            let fields = fields.iter().filter(|field| !category.describes() || !DESCRIBING.contains(field));
            let bonds = last.kind.bonds().map(Predicate::Bond);
            let steps: Vec<Predicate> = fields.map(|field| Predicate::Field(*field)).chain(bonds).collect();
            if steps.is_empty() {
                return None;
            }
            let next = *draw.of("step").pick(step as u64, &steps);
            if let Predicate::Bond(bond) = next {
                let target = self.truth.target(last, bond).filter(|target| !chain.figures.contains(target))?;
                chain.figures.push(target);
            }
            chain.steps.push(next);
        }
        Some(chain)
    }

    fn is_in(&self, part: Part, chain: &Chain) -> bool {
        let held = |figure: &Figure| self.held_out(self.id(self.truth.number(*figure)));
        match part {
            Part::Train => !chain.figures.iter().any(held),
            Part::HeldOut => chain.figures.iter().all(held),
            Part::Whole => true,
        }
    }

    fn task(&self, category: Category, chain: &Chain) -> Task {
        let plan = self.plan(category, chain);
        let metadata = json!({
            "category": category.as_str(),
            "hops": category.steps() + usize::from(category.describes()),
            "level": u8::from(category.describes()),
            "held_out": chain.figures.iter().all(|figure| self.held_out(self.id(self.truth.number(*figure)))),
        });
        let question = Question {
            language: Some(self.options.language.tag().to_owned()),
            metadata: metadata.as_object().cloned().unwrap_or_default(),
            ..Question::new(self.wording(category, chain), [plan.answer.clone()])
        };
        Task { question, plan }
    }

    fn plan(&self, category: Category, chain: &Chain) -> Plan {
        let id = |figure: Figure| self.id(self.truth.number(figure));
        let variable = |place: usize| Variable(place as u32);
        let start = chain.figures[0];
        let (mut clues, mut bindings) = (Vec::new(), BTreeMap::new());
        let term = |place: usize| match (place, category.describes()) {
            (0, false) => Term::Constant { id: id(start), name: self.called(start) },
            _ => Term::Variable(variable(place)),
        };
        if category.describes() {
            clues.extend(self.describing(start, variable(0)));
            bindings.insert(variable(0), id(start));
        }
        let mut ask = Ask::Name { of: variable(chain.steps.len()) };
        let mut answer = String::new();
        for (place, step) in chain.steps.iter().enumerate() {
            match step {
                Predicate::Bond(bond) => {
                    let kind = bond.as_str().to_owned();
                    clues.push(Clue::new(Constraint::Relation { from: term(place), kind, to: term(place + 1) }));
                    bindings.insert(variable(place + 1), id(chain.figures[place + 1]));
                    answer = self.called(chain.figures[place + 1]);
                }
                Predicate::Field(field) => {
                    ask = Ask::Value { of: variable(place), field: field.as_str().to_owned() };
                    answer = self.truth.value(chain.figures[place], *field);
                }
            }
        }
        Plan { kind: PlanKind::Chain, ask, clues, bindings, answer: Answer::from(answer), support: Vec::new() }
    }

    fn describing(&self, figure: Figure, of: Variable) -> [Clue; 3] {
        let (profession, hobby, decade) = self.description(figure.place);
        let clue = |field: Field, is| {
            Clue::new(Constraint::Field { of: Term::Variable(of), field: field.as_str().to_owned(), is })
        };
        let between = Condition::Between { least: decade as f64, most: (decade + 9) as f64 };
        [
            clue(Field::Profession, Condition::Is { value: profession }),
            clue(Field::Hobby, Condition::Is { value: hobby }),
            clue(Field::Born, between),
        ]
    }

    fn wording(&self, category: Category, chain: &Chain) -> String {
        let words = &self.words().questions;
        let mut phrase = if category.describes() {
            let (profession, hobby, decade) = self.description(chain.figures[0].place);
            words.clue.with(&[("profession", &profession), ("hobby", &hobby), ("decade", &decade.to_string())])
        } else {
            self.called(chain.figures[0])
        };
        for step in &chain.steps {
            phrase = words.phrases[step.as_str()].replace("{}", &phrase);
        }
        let asks_for = match chain.steps.last() {
            Some(Predicate::Bond(bond)) if bond.to() == Kind::Person => "person",
            _ => "other",
        };
        words.asks[asks_for].replace("{}", &phrase)
    }
}

/// The way of a question: what it leads over, and by which steps.
struct Chain {
    figures: Vec<Figure>,
    steps: Vec<Predicate>,
}

/// The first year of the decade of a year.
fn decade(year: &str) -> u64 {
    year.parse::<u64>().map_or(0, |year| year / 10 * 10)
}
