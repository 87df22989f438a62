//! The shapes of questions: chains, intersections, comparisons, branches and counts.

use std::collections::{BTreeMap, HashSet};

use offseeker_entity_graph::{Edge, Evidence, GraphError, Node, Walk, WalkOptions};
use offseeker_trajectory::Answer;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::Planner;
use crate::pool::{Pool, Wanted};
use crate::solver::Effort;
use crate::{Ask, Ground, Kind, Level, Order, Plan, Term, Variable};

/// How often an entity is looked for to begin with.
const STARTS: usize = 64;

/// How often a branch is tried.
const BRANCHES: usize = 8;

/// The most things that a question counts.
const MOST_COUNTED: usize = 24;

/// Gives a plan its shape.
pub(super) struct Shaping<'a> {
    options: &'a Planner,
    pool: Pool<'a>,
    ground: &'a Ground,
    level: Level,
    rng: &'a mut ChaCha8Rng,
    /// What is in the plan already, named or not.
    used: HashSet<Node>,
}

/// What a try comes to: a plan, nothing, or a graph that cannot be read.
type Shaped = Result<Option<Plan>, GraphError>;

impl<'a> Shaping<'a> {
    pub(super) fn new(
        options: &'a Planner,
        ground: &'a Ground,
        level: Level,
        effort: &'a Effort,
        rng: &'a mut ChaCha8Rng,
    ) -> Self {
        let pool = Pool { ground, rules: &options.rules, least_distance: options.least_distance, effort };
        Self { options, pool, ground, level, rng, used: HashSet::new() }
    }

    pub(super) fn shape(mut self, kind: Kind) -> Shaped {
        let plan = match kind {
            Kind::Chain => self.chain(),
            Kind::Intersection => self.intersection(),
            Kind::Comparison => self.comparison(),
            Kind::TwoBranch => self.two_branch(),
            Kind::Aggregate => self.aggregate(),
        }?;
        let Some(mut plan) = plan else { return Ok(None) };
        for (_, name) in plan.constants() {
            if self.pool.gives_away(&plan, name)? {
                return Ok(None);
            }
        }
        // Ranges and descriptions come later; here it has to be unique by what is exact.
        let wanted = Wanted { level: Level::Named, names: true };
        let about = plan.variables();
        let most = self.options.most_clues;
        let settled = self.pool.settle(&mut plan, &about, wanted, most, self.rng)?;
        if settled && self.level < Level::Pruned {
            self.enough_clues(&mut plan)?;
        }
        Ok(settled.then_some(plan))
    }

    /// Adds clues that are not needed until there are as many as there should be.
    fn enough_clues(&mut self, plan: &mut Plan) -> Result<(), GraphError> {
        let wanted = Wanted { level: Level::Named, names: false };
        while plan.clues.len() < self.options.least_clues {
            let about = plan.variables();
            let Some(clue) = self.pool.additions(plan, &about, wanted, self.rng)?.into_iter().next() else { break };
            plan.clues.push(clue);
        }
        Ok(())
    }

    fn chain(&mut self) -> Shaped {
        let Some(start) = self.start() else { return Ok(None) };
        let options = WalkOptions {
            weights: self.options.hops.clone(),
            rules: self.options.rules.clone(),
            ..WalkOptions::default()
        };
        let Some(mut walk) = options.walk(self.ground.graph(), start, self.rng)? else { return Ok(None) };
        if walk.edges.len() < 2 {
            self.pool.least_distance = 1;
        }
        walk.nodes.reverse();
        walk.edges.reverse();
        let target = walk.nodes[0];
        let Some(mut plan) = self.asking(Kind::Chain, target)? else { return Ok(None) };
        let added = self.follow(&mut plan, Variable(0), &walk)?;
        Ok(added.then_some(plan))
    }

    fn intersection(&mut self) -> Shaped {
        let Some(target) = self.start() else { return Ok(None) };
        let Some(mut plan) = self.asking(Kind::Intersection, target)? else { return Ok(None) };
        let mut branches = 0;
        let wanted = self.rng.random_range(2..=3);
        for _ in 0..BRANCHES {
            let length = if self.options.least_distance > 1 { 2 } else { self.rng.random_range(1..=2) };
            branches += u32::from(branches < wanted && self.branch(&mut plan, Variable(0), target, length)?);
        }
        let mut fields = self.pool.fields(&plan, Variable(0), Level::Named)?;
        fields.shuffle(self.rng);
        fields.truncate(if branches < 2 { 2 } else { 1 });
        let enough = branches >= 2 || (branches == 1 && fields.len() == 2);
        plan.clues.extend(fields);
        Ok(enough.then_some(plan))
    }

    fn two_branch(&mut self) -> Shaped {
        let Some(target) = self.start() else { return Ok(None) };
        let Some(mut plan) = self.asking(Kind::TwoBranch, target)? else { return Ok(None) };
        for _ in 0..2 {
            let length = self.length().clamp(2, 3);
            if !self.some_branch(&mut plan, Variable(0), target, length)? {
                return Ok(None);
            }
        }
        Ok(Some(plan))
    }

    fn comparison(&mut self) -> Shaped {
        // What is compared is described by what it is beside of.
        self.pool.least_distance = 1;
        let Some(first) = self.start() else { return Ok(None) };
        let fields: Vec<String> = self.numbers(first).into_iter().map(|(field, _)| field).collect();
        let Some(field) = fields.choose(self.rng).cloned() else { return Ok(None) };
        let mut compared = vec![first];
        let mut others: Vec<Node> = self.ground.facts().of_kind(self.ground.graph().kind(first)).to_vec();
        others.shuffle(self.rng);
        let wanted = self.rng.random_range(2..=3);
        for other in others.into_iter().take(STARTS) {
            let differs = |node: &Node| self.amount(*node, &field) != self.amount(other, &field);
            let fits = self.options.rules.admit(self.ground.graph(), other) && self.amount(other, &field).is_some();
            if compared.len() < wanted && fits && compared.iter().all(differs) {
                compared.push(other);
            }
        }
        if compared.len() < 2 {
            return Ok(None);
        }
        self.compare(&compared, field)
    }

    fn compare(&mut self, compared: &[Node], field: String) -> Shaped {
        let order = if self.rng.random_bool(0.5) { Order::Least } else { Order::Greatest };
        let amount = |node: &Node| self.amount(*node, &field).unwrap_or(f64::NAN);
        let least = compared.iter().copied().min_by(|left, right| amount(left).total_cmp(&amount(right)));
        let most = compared.iter().copied().max_by(|left, right| amount(left).total_cmp(&amount(right)));
        let answer = if order == Order::Least { least } else { most };
        let variables: Vec<Variable> = (0..compared.len() as u32).map(Variable).collect();
        let ids = compared.iter().map(|node| self.ground.graph().id(*node));
        let mut support = Vec::new();
        for node in compared {
            support.extend(self.written(*node, &field)?);
        }
        let mut plan = Plan {
            kind: Kind::Comparison,
            ask: Ask::Extreme { among: variables.clone(), field, order },
            clues: Vec::new(),
            bindings: variables.iter().copied().zip(ids).collect(),
            answer: self.named_answer(answer.expect("at least two things are compared"))?,
            support,
        };
        self.used.extend(compared);
        for (variable, node) in variables.into_iter().zip(compared) {
            let length = self.length().min(2);
            let described = self.some_branch(&mut plan, variable, *node, length)?
                || (length > 1 && self.some_branch(&mut plan, variable, *node, 1)?);
            if !described {
                return Ok(None);
            }
            plan.clues.extend(self.pool.kind(*node, variable));
        }
        Ok(Some(plan))
    }

    fn aggregate(&mut self) -> Shaped {
        self.pool.least_distance = 1;
        let Some(anchor) = self.start() else { return Ok(None) };
        let Some(members) = self.members(anchor) else { return Ok(None) };
        let (of, around) = (Variable(0), Variable(1));
        let graph = self.ground.graph();
        let first = members[0];
        let outward = graph.source(first) == anchor;
        let member = if outward { graph.target(first) } else { graph.source(first) };
        let (from, to) = if outward { (around, of) } else { (of, around) };
        let mut clue = self.pool.relation(first, from.into(), to.into())?;
        clue.text.clear();
        for edge in &members[1..] {
            clue.evidence.extend(graph.relation(*edge)?.evidence);
        }
        let mut plan = Plan {
            kind: Kind::Aggregate,
            ask: Ask::Count { of },
            clues: vec![clue],
            bindings: BTreeMap::from([(of, graph.id(member)), (around, graph.id(anchor))]),
            answer: Answer::from(String::new()),
            support: Vec::new(),
        };
        plan.clues.extend(self.pool.kind(member, of));
        plan.clues.extend(self.pool.kind(anchor, around));
        let ends = members.iter().flat_map(|edge| [graph.source(*edge), graph.target(*edge)]);
        self.used.extend(ends);
        let length = self.length().saturating_sub(1).max(1);
        if !self.some_branch(&mut plan, around, anchor, length)? {
            return Ok(None);
        }
        let counted: HashSet<Node> =
            members.iter().map(|edge| if outward { graph.target(*edge) } else { graph.source(*edge) }).collect();
        plan.answer = Answer::from(counted.len().to_string());
        Ok(Some(plan))
    }

    /// The relations of one kind and direction from an entity to several others of one kind. All of them have evidence.
    fn members(&mut self, anchor: Node) -> Option<Vec<Edge>> {
        let graph = self.ground.graph();
        let mut groups: BTreeMap<(bool, &str, &str), Vec<Edge>> = BTreeMap::new();
        let most = MOST_COUNTED * 8;
        for edge in graph.outgoing(anchor).take(most) {
            groups.entry((true, graph.relation_kind(edge), graph.kind(graph.target(edge)))).or_default().push(edge);
        }
        for edge in graph.incoming(anchor).take(most) {
            groups.entry((false, graph.relation_kind(edge), graph.kind(graph.source(edge)))).or_default().push(edge);
        }
        let fits = |edges: &Vec<Edge>| {
            let follows = edges.iter().all(|edge| self.options.rules.follow(graph, *edge));
            (2..=MOST_COUNTED).contains(&edges.len()) && follows
        };
        let groups: Vec<Vec<Edge>> = groups
            .into_iter()
            .filter(|(key, edges)| !key.2.is_empty() && fits(edges))
            .map(|(_, edges)| edges)
            .collect();
        groups.choose(self.rng).cloned()
    }

    fn start(&mut self) -> Option<Node> {
        self.options.rules.start(self.ground.graph(), STARTS, self.rng)
    }

    /// A length of a chain, by the weights.
    fn length(&mut self) -> usize {
        let weights: Vec<(usize, u32)> =
            self.options.hops.iter().enumerate().map(|(at, weight)| (at + 1, *weight)).collect();
        super::draw(&weights, self.rng).copied().unwrap_or(1)
    }

    /// A plan without clues that asks for something of an entity; none where nothing can be asked of it.
    fn asking(&mut self, kind: Kind, target: Node) -> Shaped {
        let of = Variable(0);
        self.used.insert(target);
        let values: Vec<(String, String)> = self.values(target);
        let value = values.choose(self.rng).filter(|_| self.rng.random_range(0..100) < self.options.values).cloned();
        let (ask, answer, support) = match value {
            Some((field, value)) => {
                let support = self.written(target, &field)?;
                (Ask::Value { of, field }, Answer::from(value), support)
            }
            None => (Ask::Name { of }, self.named_answer(target)?, Vec::new()),
        };
        let bindings = BTreeMap::from([(of, self.ground.graph().id(target))]);
        let blank = answer.text.trim().is_empty();
        let clues = self.pool.kind(target, of).into_iter().collect();
        Ok((!blank).then_some(Plan { kind, ask, clues, bindings, answer, support }))
    }

    fn named_answer(&self, node: Node) -> Result<Answer, GraphError> {
        let entity = self.ground.graph().entity(node)?;
        Ok(Answer { text: entity.name, aliases: entity.aliases })
    }

    /// Where it is written what value a property of an entity has.
    fn written(&self, node: Node, field: &str) -> Result<Vec<Evidence>, GraphError> {
        let facts = self.ground.graph().facts(node)?.into_iter().filter(|fact| fact.field == field);
        Ok(facts.flat_map(|fact| fact.evidence).collect())
    }

    /// The properties of an entity that have one value, with evidence.
    fn values(&self, node: Node) -> Vec<(String, String)> {
        let known = self.ground.facts().known(node);
        let alone = |field: &str| known.iter().filter(|it| it.field == field).count() == 1;
        let usable = known.iter().filter(|it| it.is_supported && alone(&it.field) && it.value.chars().count() <= 60);
        usable.map(|it| (it.field.clone(), it.value.clone())).collect()
    }

    fn numbers(&self, node: Node) -> Vec<(String, String)> {
        let mut values = self.values(node);
        values.retain(|(field, _)| self.amount(node, field).is_some());
        values
    }

    /// By what an entity is compared: its only value of a property, which has evidence and is a number or a date.
    fn amount(&self, node: Node, field: &str) -> Option<f64> {
        let mut known = self.ground.facts().values(node, field);
        let only = known.next().filter(|known| known.is_supported)?;
        only.quantity.filter(|_| known.next().is_none()).map(|quantity| quantity.order)
    }

    fn some_branch(&mut self, plan: &mut Plan, of: Variable, node: Node, length: usize) -> Result<bool, GraphError> {
        for _ in 0..BRANCHES {
            if self.branch(plan, of, node, length)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds a chain of so many relations that ends at something named; false where there is none.
    fn branch(&mut self, plan: &mut Plan, of: Variable, node: Node, length: usize) -> Result<bool, GraphError> {
        let weights = (1..=length).map(|steps| u32::from(steps == length)).collect();
        let options = WalkOptions { weights, rules: self.options.rules.clone(), ..WalkOptions::default() };
        match options.walk(self.ground.graph(), node, self.rng)? {
            Some(walk) => self.follow(plan, of, &walk),
            None => Ok(false),
        }
    }

    /// Adds the relations of a walk that begins at what a variable stands for and ends at something named; false, and the
    /// plan as it was, where that cannot be named or something is in the plan already.
    fn follow(&mut self, plan: &mut Plan, of: Variable, walk: &Walk) -> Result<bool, GraphError> {
        let [_, between @ .., last] = walk.nodes.as_slice() else { return Ok(false) };
        if walk.nodes[1..].iter().any(|node| self.used.contains(node)) {
            return Ok(false);
        }
        let mut longer = plan.clone();
        let mut terms = vec![Term::from(of)];
        for node in between {
            let variable = longer.fresh();
            longer.bindings.insert(variable, self.ground.graph().id(*node));
            longer.clues.extend(self.pool.kind(*node, variable));
            terms.push(variable.into());
        }
        if !self.pool.may_name(&longer, *last)? {
            return Ok(false);
        }
        terms.push(self.pool.constant(*last));
        for ((edge, node), ends) in walk.edges.iter().zip(&walk.nodes).zip(terms.windows(2)) {
            let forwards = self.ground.graph().source(*edge) == *node;
            let (from, to) = if forwards { (&ends[0], &ends[1]) } else { (&ends[1], &ends[0]) };
            longer.clues.push(self.pool.relation(*edge, from.clone(), to.clone())?);
        }
        self.used.extend(&walk.nodes);
        *plan = longer;
        Ok(true)
    }
}
