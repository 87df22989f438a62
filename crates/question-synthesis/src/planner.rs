//! Plans questions: which entities, which relations, which clues.

mod shapes;

use offseeker_entity_graph::{Direction, GraphError, Rules, rng};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::solver::Effort;
use crate::{Draft, Ground, Kind, Level, Plan, Rejection, SynthesisError, near_misses};
use shapes::Shaping;

/// What a rejection by the planner says that it is from.
pub(crate) const PLAN: &str = "plan";

/// Plans questions. Which question an item becomes depends on the seed, the graph and the number of the item alone.
///
/// ```
/// use offseeker_question_synthesis::{Kind, Planner};
///
/// let planner = Planner { seed: 7, kinds: vec![(Kind::Chain, 1)], hops: vec![0, 1], ..Planner::default() };
/// assert!(planner.check().is_ok());
/// assert!(Planner { kinds: Vec::new(), ..planner }.check().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Planner {
    /// What all that is drawn is drawn from.
    pub seed: u64,
    /// How likely questions of each kind are, beside each other. All alike.
    pub kinds: Vec<(Kind, u32)>,
    /// How likely chains of one relation, two relations and so on are, beside each other. 10, 40, 40, 10.
    pub hops: Vec<u32>,
    /// How likely each language is. English alone.
    pub languages: Vec<(String, u32)>,
    /// How likely each level is. All alike.
    pub levels: Vec<(Level, u32)>,
    /// What plans may lead through. By default relations are followed both ways, those with evidence alone, and what is
    /// named is related to nothing beyond the next step.
    pub rules: Rules,
    /// How many of a hundred questions ask for a value rather than a name, where there is one. 25.
    pub values: u32,
    /// How many relations lie at least between a name that is asked for and what is named, in chains of several relations
    /// and in intersections. 2.
    pub least_distance: u32,
    /// The fewest clues. 1.
    pub least_clues: usize,
    /// The most clues. 16.
    pub most_clues: usize,
    /// How many other answers there are at least where one clue is left out: what a careless reader falls for. 0.
    pub least_distractors: usize,
    /// How many plans are tried for an item. 64.
    pub tries: u32,
    /// How many entities are looked at for an item, in all its tries, until no plan is found for it. 4,000,000; a single
    /// plan may take a sixteenth of that. In a graph whose relations are all of one kind most plans have no end.
    pub effort: u64,
}

impl Default for Planner {
    fn default() -> Self {
        Self {
            seed: 0,
            kinds: Kind::ALL.map(|kind| (kind, 1)).to_vec(),
            hops: vec![10, 40, 40, 10],
            languages: vec![("en".to_owned(), 1)],
            levels: Level::ALL.map(|level| (level, 1)).to_vec(),
            rules: Rules { direction: Direction::Both, ..Rules::default() },
            values: 25,
            least_distance: 2,
            least_clues: 1,
            most_clues: 16,
            least_distractors: 0,
            tries: 64,
            effort: 4_000_000,
        }
    }
}

impl Planner {
    /// Whether something can be drawn.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Asked`], where all weights of something are zero or the chains are too long.
    pub fn check(&self) -> Result<(), SynthesisError> {
        let asked = |reason: &str| Err(SynthesisError::Asked { reason: reason.to_owned() });
        if self.hops.iter().all(|weight| *weight == 0) || self.hops.len() > 8 {
            return asked("chains have between 1 and 8 relations, and one of their weights is above zero");
        }
        if total(&self.kinds) == 0 || total(&self.languages) == 0 || total(&self.levels) == 0 {
            return asked("one of the weights of kinds, of languages and of levels has to be above zero");
        }
        if self.least_clues > self.most_clues {
            return asked("there would have to be more clues than there may be");
        }
        Ok(())
    }

    /// Plans an item.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] with the code `no_plan` where no plan was found that is as it should be, and `too_wide` where the search
    /// for one took more effort than it may.
    pub fn plan(&self, ground: &Ground, number: u64) -> Result<Draft, Rejection> {
        let item = format!("{}:{number}", ground.name());
        let mut rng = rng(self.seed, &item, PLAN);
        let (Some(kind), Some(language), Some(level)) =
            (draw(&self.kinds, &mut rng), draw(&self.languages, &mut rng), draw(&self.levels, &mut rng))
        else {
            return Err(Rejection::rejected(PLAN, "no_plan", "all weights are zero"));
        };
        let effort = Effort::new(self.effort);
        for _ in 0..self.tries {
            let planned =
                self.planned(ground, *kind, *level, &effort, &mut rng).map_err(|error| unread(PLAN, &error))?;
            if let Some(plan) = planned {
                let draft = Draft::new(self.seed, ground.name(), number, plan);
                return Ok(Draft { language: language.clone(), level: *level, ..draft });
            }
            if effort.is_spent() {
                let reason = format!("{} entities were looked at in vain for a {}", self.effort, kind.as_str());
                return Err(Rejection::rejected(PLAN, "too_wide", reason));
            }
        }
        let reason = format!("{} tries led to no {} with exactly one answer", self.tries, kind.as_str());
        Err(Rejection::rejected(PLAN, "no_plan", reason))
    }

    fn planned(
        &self,
        ground: &Ground,
        kind: Kind,
        level: Level,
        effort: &Effort,
        rng: &mut ChaCha8Rng,
    ) -> Result<Option<Plan>, GraphError> {
        let plan = Shaping::new(self, ground, level, effort, rng).shape(kind)?;
        let few = |plan: &Plan| plan.clues.len() < self.least_clues || plan.clues.len() > self.most_clues;
        let Some(plan) = plan.filter(|plan| !few(plan)) else { return Ok(None) };
        let enough = self.least_distractors == 0 || near_misses(ground, &plan) >= self.least_distractors;
        Ok(enough.then_some(plan))
    }
}

/// A graph that cannot be read is no fault of a draft.
pub(crate) fn unread(pass: &str, error: &GraphError) -> Rejection {
    Rejection::undetermined(pass, "graph_unreadable", error.to_string())
}

fn total<T>(weights: &[(T, u32)]) -> u64 {
    weights.iter().map(|(_, weight)| u64::from(*weight)).sum()
}

/// Draws one of several things by their weights.
fn draw<'a, T>(weights: &'a [(T, u32)], rng: &mut ChaCha8Rng) -> Option<&'a T> {
    let all = total(weights);
    let mut drawn = rng.random_range(0..all.max(1));
    for (thing, weight) in weights {
        match drawn.checked_sub(u64::from(*weight)) {
            Some(rest) => drawn = rest,
            None => return Some(thing),
        }
    }
    None
}
