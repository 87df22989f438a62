//! A mean, and how far it can be off where values come in clusters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Interval, student_97_5};

/// A mean of values that come in clusters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClusteredMean {
    /// The mean of all values.
    pub value: f64,
    /// How many clusters there are.
    pub clusters: usize,
    /// The standard error; none for a single cluster, of which nothing can be told.
    pub standard_error: Option<f64>,
}

impl ClusteredMean {
    /// The interval by Student's distribution, with one degree of freedom less than there are clusters.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let reach = self.standard_error? * student_97_5(self.clusters.checked_sub(1)?)?;
        Some(Interval::around(self.value, reach))
    }
}

/// The mean of values, each with its cluster; none where there are none.
///
/// ```text
/// SE = sqrt(G / (G - 1) * sum over clusters of (sum over its values of (x - mean))^2) / n
/// ```
///
/// for `n` values in `G` clusters. With each value in a cluster of its own it is the usual standard error of a mean.
// There are fewer values than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
pub fn clustered_mean<K: Ord>(values: impl IntoIterator<Item = (K, f64)>) -> Option<ClusteredMean> {
    let mut clusters: BTreeMap<K, Vec<f64>> = BTreeMap::new();
    for (cluster, value) in values {
        clusters.entry(cluster).or_default().push(value);
    }
    for values in clusters.values_mut() {
        // So that rounding does not depend on the order in which they came.
        values.sort_unstable_by(f64::total_cmp);
    }
    let count: usize = clusters.values().map(Vec::len).sum();
    if count == 0 {
        return None;
    }
    let value = clusters.values().flatten().sum::<f64>() / count as f64;
    let squares: f64 = clusters.values().map(|values| values.iter().map(|x| x - value).sum::<f64>().powi(2)).sum();
    let groups = clusters.len();
    let standard_error = (groups > 1).then(|| (groups as f64 / (groups - 1) as f64 * squares).sqrt() / count as f64);
    Some(ClusteredMean { value, clusters: groups, standard_error })
}
