//! Clues that a plan could have.

use std::collections::HashSet;

use offseeker_entity_graph::{Edge, Fact, GraphError, Node, Rules};
use offseeker_trajectory::Answer;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use crate::names::speaks_of;
use crate::quantity::{Quantity, spelled};
use crate::solver::Effort;
use crate::{Ask, Clue, Condition, Constraint, Ground, Level, Plan, Term, Variable};

/// Of an entity with more relations only so many are looked at.
const LOOKED_AT: usize = 64;

/// The longest value that a clue speaks of, in characters.
const LONGEST_VALUE: usize = 60;

/// So many different answers are told apart when clues are compared.
const TOLD_APART: usize = 32;

/// So many clues of one sort are tried at a time.
const TRIED: usize = 16;

/// The clues that a plan could have, by what the graph says and what it may say.
#[derive(Clone, Copy)]
pub(crate) struct Pool<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) rules: &'a Rules,
    /// How many relations lie at least between an answer and what is named.
    pub(crate) least_distance: u32,
    /// What finding out whether there is one answer may still cost.
    pub(crate) effort: &'a Effort,
}

/// Which sorts of clues are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) level: Level,
    /// Whether clues may name entities that are not yet named.
    pub(crate) names: bool,
}

impl Pool<'_> {
    /// The entity that a variable stands for.
    pub(crate) fn node(&self, plan: &Plan, variable: Variable) -> Option<Node> {
        plan.bindings.get(&variable).and_then(|id| self.ground.graph().node(*id))
    }

    /// A clue that is a relation.
    pub(crate) fn relation(&self, edge: Edge, from: Term, to: Term) -> Result<Clue, GraphError> {
        let relation = self.ground.graph().relation(edge)?;
        let says = Constraint::Relation { from, kind: relation.kind, to };
        Ok(Clue { says, text: relation.text, evidence: relation.evidence })
    }

    /// A clue that is the kind of an entity; none where it is not known.
    pub(crate) fn kind(&self, node: Node, of: Variable) -> Option<Clue> {
        let kind = self.ground.graph().kind(node);
        let says = || Constraint::Kind { of: of.into(), kind: kind.to_owned() };
        (!kind.is_empty()).then(|| Clue::new(says()))
    }

    /// The entity as something that is named.
    pub(crate) fn constant(&self, node: Node) -> Term {
        Term::Constant { id: self.ground.graph().id(node), name: self.ground.graph().name(node).to_owned() }
    }

    /// Whether the name of an entity names it alone and gives nothing away that a plan hides.
    pub(crate) fn may_name(&self, plan: &Plan, node: Node) -> Result<bool, GraphError> {
        let graph = self.ground.graph();
        let name = graph.name(node);
        let is_bound = || plan.bindings.values().any(|id| *id == graph.id(node));
        if name.trim().is_empty() || is_bound() || graph.named(name)?.len() != 1 {
            return Ok(false);
        }
        Ok(self.far_enough(plan, node) && !self.gives_away(plan, name)?)
    }

    /// Whether an entity is not beside what is asked for, where that is wanted.
    fn far_enough(&self, plan: &Plan, node: Node) -> bool {
        let beside =
            |of: &Variable| self.node(plan, *of).is_some_and(|asked| self.ground.graph().are_related(asked, node));
        self.least_distance < 2 || !matches!(plan.ask, Ask::Name { .. }) || !plan.ask.variables().iter().any(beside)
    }

    /// Whether a text speaks of something that a plan hides: the answer, or what its variables stand for.
    pub(crate) fn gives_away(&self, plan: &Plan, text: &str) -> Result<bool, GraphError> {
        if speaks_of(text, plan.answer.spellings()) {
            return Ok(true);
        }
        for variable in plan.bindings.keys() {
            if let Some(node) = self.node(plan, *variable)
                && speaks_of(text, self.ground.graph().entity(node)?.names())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The properties of what a variable stands for that clues may be about.
    pub(crate) fn fields(&self, plan: &Plan, of: Variable, level: Level) -> Result<Vec<Clue>, GraphError> {
        let Some(node) = self.node(plan, of) else { return Ok(Vec::new()) };
        let mut clues = Vec::new();
        for fact in self.ground.graph().facts(node)? {
            if self.may_state(plan, of, &fact)? {
                clues.push(field_clue(fact, of, level));
            }
        }
        clues.retain(|clue| !ends_in_answer(&plan.answer, &clue.says));
        Ok(clues)
    }

    fn may_state(&self, plan: &Plan, of: Variable, fact: &Fact) -> Result<bool, GraphError> {
        let is_supported = fact.is_supported() || !self.rules.supported_only;
        let value = fact.value.trim();
        let plain = !value.bytes().any(|byte| byte.is_ascii_digit()) || Quantity::read(value).is_some();
        let short = !value.is_empty() && value.chars().count() <= LONGEST_VALUE;
        let may = is_supported && short && plain && !fact.field.is_empty() && !is_asked(&plan.ask, of, &fact.field);
        Ok(may && !self.gives_away(plan, value)?)
    }

    /// The relations of what a variable stands for to entities that a clue may name.
    fn named(&self, plan: &Plan, of: Variable) -> Result<Vec<Clue>, GraphError> {
        let distance = plan.distances().get(&of).copied().unwrap_or(0) + 1;
        let named: HashSet<_> = plan.constants().map(|(id, _)| id).collect();
        let Some(node) = self.node(plan, of).filter(|_| distance >= self.least_distance) else { return Ok(Vec::new()) };
        let graph = self.ground.graph();
        let mut clues = Vec::new();
        let out = graph.outgoing(node).take(LOOKED_AT).map(|edge| (edge, graph.target(edge)));
        let into = graph.incoming(node).take(LOOKED_AT).map(|edge| (edge, graph.source(edge)));
        for (edge, other) in out.chain(into) {
            let follow = other != node && self.rules.follow(graph, edge) && self.rules.admit(graph, other);
            if follow && !named.contains(&graph.id(other)) && self.may_name(plan, other)? {
                let (of, other) = (of.into(), self.constant(other));
                let (from, to) = if graph.source(edge) == node { (of, other) } else { (other, of) };
                clues.push(self.relation(edge, from, to)?);
            }
        }
        Ok(clues)
    }

    /// The clues that could be added to a plan about some of its variables, in an order that is drawn: kinds first, then
    /// properties, then relations.
    pub(crate) fn additions(
        &self,
        plan: &Plan,
        about: &[Variable],
        wanted: Wanted,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<Clue>, GraphError> {
        let (mut kinds, mut fields, mut named) = (Vec::new(), Vec::new(), Vec::new());
        // What is counted stays what it is.
        let counted = |variable: &Variable| matches!(plan.ask, Ask::Count { of } if of == *variable);
        for variable in about.iter().copied().filter(|it| !counted(it)) {
            kinds.extend(self.node(plan, variable).and_then(|node| self.kind(node, variable)));
            fields.extend(self.fields(plan, variable, wanted.level)?);
            if wanted.names {
                named.extend(self.named(plan, variable)?);
            }
        }
        let mut all = Vec::new();
        for mut sort in [kinds, fields, named] {
            sort.retain(|clue| !plan.clues.iter().any(|it| says_the_same(&it.says, &clue.says)));
            sort.shuffle(rng);
            sort.truncate(TRIED);
            all.extend(sort);
        }
        Ok(all)
    }

    /// Adds clues about some variables until there is exactly one answer; false where that does not lead there.
    pub(crate) fn settle(
        &self,
        plan: &mut Plan,
        about: &[Variable],
        wanted: Wanted,
        most: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<bool, GraphError> {
        loop {
            let solutions = self.ground.solve_within(plan, TOLD_APART, self.effort);
            match solutions.is_only(&plan.answer.text) {
                Some(true) => return Ok(true),
                _ if solutions.answers.is_empty() || plan.clues.len() >= most || self.effort.is_spent() => {
                    return Ok(false);
                }
                _ => {}
            }
            let additions = self.additions(plan, about, wanted, rng)?;
            let mut best: Option<(usize, Clue)> = None;
            for clue in additions {
                let mut narrower = plan.clone();
                narrower.clues.push(clue.clone());
                let left = self.ground.solve_within(&narrower, TOLD_APART, self.effort).answers.len();
                let least = best.as_ref().map_or(solutions.answers.len(), |best| best.0);
                if left < least {
                    best = Some((left, clue));
                }
                if left == 1 {
                    break;
                }
            }
            let Some((_, clue)) = best else { return Ok(false) };
            plan.clues.push(clue);
        }
    }
}

/// A clue that is a property: as it is, or as a range where its level hides numbers.
fn field_clue(fact: Fact, of: Variable, level: Level) -> Clue {
    let range = Quantity::read(&fact.value).filter(|_| level >= Level::Ranges).map(|quantity| quantity.ranges()[0]);
    let is = match range {
        Some(range) => Condition::Between { least: range.least, most: range.most },
        None => Condition::Is { value: fact.value },
    };
    Clue { says: Constraint::Field { of: of.into(), field: fact.field, is }, text: fact.text, evidence: fact.evidence }
}

/// Whether an end of a range is spelled as the answer is.
pub(crate) fn ends_in_answer(answer: &Answer, says: &Constraint) -> bool {
    let Constraint::Field { is: Condition::Between { least, most }, .. } = says else { return false };
    let ends = [spelled(*least), spelled(*most)];
    answer.spellings().any(|spelling| ends.iter().any(|end| end == spelling.trim()))
}

/// Whether a property is what is asked for.
fn is_asked(ask: &Ask, of: Variable, field: &str) -> bool {
    match ask {
        Ask::Value { of: asked, field: name } => *asked == of && name == field,
        Ask::Extreme { among, field: name, .. } => among.contains(&of) && name == field,
        Ask::Name { .. } | Ask::Count { .. } => false,
    }
}

/// Whether two clues are about the same property, kind or relation of the same things.
fn says_the_same(left: &Constraint, right: &Constraint) -> bool {
    match (left, right) {
        (Constraint::Field { of, field, .. }, Constraint::Field { of: other, field: name, .. }) => {
            of == other && field == name
        }
        _ => left == right,
    }
}
