//! Makes a group smaller: the cleanest of the right attempts, and the wrong ones as they come.

use serde::{Deserialize, Serialize};

/// Makes a group smaller, as rStar2-Agent does: more is sampled than is learnt from; of the attempts with a reward the
/// cleanest stay, of those without the first that were sampled, because failures should be of all kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DownSample {
    /// How many attempts stay: 16.
    pub keep: usize,
    /// How many of each side stay at least, where there are so many: 2.
    pub least: usize,
}

/// An attempt that may stay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Its reward; none where it is unscored.
    pub reward: Option<f64>,
    /// How untidy it is; see [`Digest::penalty`](crate::Digest::penalty).
    pub penalty: f64,
}

impl Default for DownSample {
    fn default() -> Self {
        Self { keep: 16, least: 2 }
    }
}

impl DownSample {
    /// The places of the attempts that stay, in their order; none where all rewards are the same, because nothing can
    /// be learnt from such a group. Unscored attempts do not stay. Both sides keep their share of the group.
    ///
    /// ```
    /// use offseeker_curation::{Candidate, DownSample};
    ///
    /// let candidate = |reward, penalty| Candidate { reward: Some(reward), penalty };
    /// let group = [(1.0, 0.9), (0.0, 0.0), (1.0, 0.1), (0.0, 1.0), (1.0, 0.5), (0.0, 0.5)].map(|it| candidate(it.0, it.1));
    /// let sampler = DownSample { keep: 4, least: 2 };
    /// assert_eq!(sampler.of(&group), Some(vec![1, 2, 3, 4]));
    /// ```
    #[must_use]
    pub fn of(&self, group: &[Candidate]) -> Option<Vec<usize>> {
        let scored = || (0..group.len()).filter_map(|at| group[at].reward.map(|reward| (at, reward)));
        let (_, first) = scored().next()?;
        if scored().all(|(_, reward)| reward.total_cmp(&first).is_eq()) {
            return None;
        }
        let mut positive: Vec<usize> = scored().filter(|(_, reward)| *reward > 0.0).map(|(at, _)| at).collect();
        let mut negative: Vec<usize> = scored().filter(|(_, reward)| *reward <= 0.0).map(|(at, _)| at).collect();
        let (of_positive, of_negative) = self.shares(positive.len(), negative.len());
        positive.sort_by(|left, right| group[*left].penalty.total_cmp(&group[*right].penalty).then(left.cmp(right)));
        positive.truncate(of_positive);
        negative.truncate(of_negative);
        positive.append(&mut negative);
        positive.sort_unstable();
        Some(positive)
    }

    /// How many of each side stay.
    fn shares(&self, positive: usize, negative: usize) -> (usize, usize) {
        let all = positive + negative;
        if all <= self.keep {
            return (positive, negative);
        }
        let share = (self.keep as f64 * positive as f64 / all as f64).round() as usize;
        let least_positive = self.least.min(positive).min(self.keep);
        let least_negative = self.least.min(negative).min(self.keep - least_positive);
        let of_positive = share.max(least_positive).min(self.keep - least_negative).min(positive);
        let of_negative = (self.keep - of_positive).min(negative);
        ((self.keep - of_negative).min(positive), of_negative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A group of so many right attempts, each untidier than the one before, and so many wrong ones after them.
    #[track_caller]
    fn check(right: usize, wrong: usize, keep: usize, expected: Option<(usize, usize)>) {
        let penalty = |at: usize| (right - at) as f64;
        let group: Vec<Candidate> = (0..right)
            .map(|at| Candidate { reward: Some(1.0), penalty: penalty(at) })
            .chain((0..wrong).map(|_| Candidate { reward: Some(0.0), penalty: 0.0 }))
            .chain([Candidate { reward: None, penalty: 0.0 }])
            .collect();
        let kept = DownSample { keep, least: 2 }.of(&group);
        let counted = kept.as_ref().map(|kept| kept.iter().partition::<Vec<usize>, _>(|at| **at < right));
        assert_eq!(counted.as_ref().map(|(one, other)| (one.len(), other.len())), expected);
        if let Some((cleanest, first)) = counted {
            assert_eq!(cleanest, (right - cleanest.len()..right).collect::<Vec<_>>());
            assert_eq!(first, (right..right + first.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn both_sides_keep_their_share_and_at_least_two() {
        check(16, 16, 16, Some((8, 8)));
        check(24, 8, 16, Some((12, 4)));
        check(31, 1, 16, Some((15, 1)));
        check(30, 2, 16, Some((14, 2)));
        check(1, 31, 16, Some((1, 15)));
        check(2, 30, 16, Some((2, 14)));
        check(3, 5, 16, Some((3, 5)));
        check(8, 0, 4, None);
        check(0, 8, 4, None);
        check(0, 0, 4, None);
        check(5, 5, 1, Some((1, 0)));
        check(5, 5, 0, Some((0, 0)));
    }
}
