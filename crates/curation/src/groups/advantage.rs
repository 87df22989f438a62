//! How much better attempts are than the others in their group, by the rules of several systems.

use serde::{Deserialize, Serialize};

/// Keeps a division by a spread of nought from being one.
const LEAST: f64 = 1e-6;

/// How much better an attempt is than the others in its group.
///
/// Below, `r` is its reward, `mean` and `std` are those of the scored attempts (of a sample, with `n - 1`), `n` is
/// their number. An attempt that is unscored has no advantage and takes no part in the others'. Where all rewards are
/// the same, every advantage is nought: nothing can be learnt from such a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advantage {
    /// GRPO: `(r - mean) / (std + 1e-6)`. An attempt that is alone has `r / (1 + 1e-6)`, as in Search-R1.
    #[default]
    Grpo,
    /// Dr. GRPO: `r - mean`. An attempt that is alone has none.
    DrGrpo,
    /// RLOO: `(r - mean) * n / (n - 1)`, which is `r` less the mean of the others. An attempt that is alone has none.
    Rloo,
    /// SFR-DeepResearch: GRPO's, shared out over the turns of the attempt, so that a long one does not count more than
    /// a short one. An attempt without turns has none.
    ByLength,
}

impl Advantage {
    /// The advantages of attempts by their rewards; `steps` are their turns, which only [`Advantage::ByLength`] asks
    /// for.
    ///
    /// ```
    /// use offseeker_curation::Advantage;
    ///
    /// let rewards = [Some(1.0), Some(0.0), None, Some(0.5)];
    /// assert_eq!(Advantage::DrGrpo.of(&rewards, &[]), [Some(0.5), Some(-0.5), None, Some(0.0)]);
    /// ```
    #[must_use]
    pub fn of(self, rewards: &[Option<f64>], steps: &[u32]) -> Vec<Option<f64>> {
        let scored: Vec<f64> = rewards.iter().flatten().copied().collect();
        let (count, centre) = (scored.len() as f64, mean(&scored));
        let spread = deviation(&scored, centre);
        let grpo =
            |reward: f64| if count < 2.0 { reward / (1.0 + LEAST) } else { (reward - centre) / (spread + LEAST) };
        let one = |(at, reward): (usize, &Option<f64>)| {
            let reward = (*reward)?;
            match self {
                Self::Grpo => Some(grpo(reward)),
                Self::DrGrpo => (count > 1.0).then_some(reward - centre),
                Self::Rloo => (count > 1.0).then(|| (reward - centre) * count / (count - 1.0)),
                Self::ByLength => {
                    let steps = steps.get(at).copied().filter(|steps| *steps > 0)?;
                    Some(grpo(reward) / f64::from(steps))
                }
            }
        };
        rewards.iter().enumerate().map(one).collect()
    }
}

/// The mean of several advantages of each attempt: LongWriter-Zero's, of which each is by one part of the reward. An
/// attempt that lacks one has none.
#[must_use]
pub fn average(parts: &[Vec<Option<f64>>]) -> Vec<Option<f64>> {
    let members = parts.first().map_or(0, Vec::len);
    let one = |member: usize| {
        let values: Option<Vec<f64>> = parts.iter().map(|part| part.get(member).copied().flatten()).collect();
        values.map(|values| mean(&values))
    };
    (0..members).map(one).collect()
}

/// REINFORCE++: `(r - mean) / (std + 1e-6)` over all scored attempts of a batch of groups. With `baseline`, the mean of
/// its own group is taken from each reward first.
#[must_use]
pub fn normalised_over_batch(groups: &[Vec<Option<f64>>], baseline: bool) -> Vec<Vec<Option<f64>>> {
    let centred = |group: &Vec<Option<f64>>| {
        let scored: Vec<f64> = group.iter().flatten().copied().collect();
        let centre = if baseline { mean(&scored) } else { 0.0 };
        group.iter().map(|reward| reward.map(|reward| reward - centre)).collect::<Vec<_>>()
    };
    let groups: Vec<Vec<Option<f64>>> = groups.iter().map(centred).collect();
    let all: Vec<f64> = groups.iter().flatten().flatten().copied().collect();
    let centre = mean(&all);
    let spread = deviation(&all, centre) + LEAST;
    let normal = |reward: Option<f64>| reward.map(|reward| (reward - centre) / spread);
    groups.into_iter().map(|group| group.into_iter().map(normal).collect()).collect()
}

fn mean(numbers: &[f64]) -> f64 {
    if numbers.is_empty() { 0.0 } else { numbers.iter().sum::<f64>() / numbers.len() as f64 }
}

/// The standard deviation of a sample; nought of fewer than two.
fn deviation(numbers: &[f64], mean: f64) -> f64 {
    if numbers.len() < 2 {
        return 0.0;
    }
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    (squares / (numbers.len() - 1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [u32; 5] = [1, 2, 4, 5, 10];

    #[track_caller]
    fn check(found: &[Option<f64>], expected: &[Option<f64>]) {
        let is_near = |(found, expected): (&Option<f64>, &Option<f64>)| match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-6,
            (None, None) => true,
            _ => false,
        };
        assert!(found.len() == expected.len() && found.iter().zip(expected).all(is_near), "{found:?}");
    }

    #[track_caller]
    fn check_golden(rule: Advantage, expected: [f64; 5]) {
        let rewards = [1.0, 0.0, 0.0, 1.0, 1.0].map(Some);
        check(&rule.of(&rewards, &STEPS), &expected.map(Some));
    }

    #[test]
    fn rules_give_the_published_numbers() {
        // TRL, verl
        check_golden(Advantage::Grpo, [0.730295, -1.095443, -1.095443, 0.730295, 0.730295]);
        // TRL
        check_golden(Advantage::Rloo, [0.5, -0.75, -0.75, 0.5, 0.5]);
        // Dr. GRPO
        check_golden(Advantage::DrGrpo, [0.4, -0.6, -0.6, 0.4, 0.4]);
        // SFR-DeepResearch: the first row by the number of steps.
        check_golden(Advantage::ByLength, [0.730295, -0.5477215, -0.27386075, 0.146059, 0.0730295]);
    }

    #[test]
    fn groups_that_say_nothing_are_told_apart() {
        let all = [Advantage::Grpo, Advantage::DrGrpo, Advantage::Rloo, Advantage::ByLength];
        for rule in all {
            check(&rule.of(&[None, None], &STEPS), &[None, None]);
            check(&rule.of(&[], &[]), &[]);
            check(&rule.of(&[Some(0.5), None, Some(0.5)], &STEPS), &[Some(0.0), None, Some(0.0)]);
        }
        check(&Advantage::Grpo.of(&[Some(1.0), None], &STEPS), &[Some(1.0 / 1.000_001), None]);
        check(&Advantage::DrGrpo.of(&[Some(1.0)], &STEPS), &[None]);
        check(&Advantage::Rloo.of(&[Some(1.0)], &STEPS), &[None]);
        check(
            &Advantage::ByLength.of(&[Some(1.0), Some(0.0)], &[0, 1]),
            &[None, Some(-std::f64::consts::FRAC_1_SQRT_2)],
        );
    }

    #[test]
    fn advantages_by_parts_are_averaged() {
        let part = |rewards: [f64; 2]| Advantage::DrGrpo.of(&rewards.map(Some), &[]);
        check(&average(&[part([1.0, 0.0]), part([0.2, 0.4])]), &[Some(0.2), Some(-0.2)]);
        check(&average(&[vec![Some(1.0), None], vec![Some(0.0), Some(1.0)]]), &[Some(0.5), None]);
        check(&average(&[]), &[]);
    }

    #[test]
    fn a_batch_is_normalised_as_a_whole() {
        let groups = [vec![Some(1.0), Some(0.0)], vec![Some(1.0), None, Some(1.0)]];
        let found = normalised_over_batch(&groups, false);
        // REINFORCE++: 1, 0, 1, 1 have the mean 0.75 and the deviation 0.5.
        check(&found[0], &[Some(0.499999), Some(-1.499997)]);
        check(&found[1], &[Some(0.499999), None, Some(0.499999)]);
        // With a baseline: 0.5, -0.5, 0, 0, of which the deviation is 0.408248.
        let found = normalised_over_batch(&groups, true);
        check(&found[0], &[Some(1.224742), Some(-1.224742)]);
        check(&found[1], &[Some(0.0), None, Some(0.0)]);
    }
}
