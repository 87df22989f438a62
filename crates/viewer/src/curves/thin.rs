//! Fewer points that look the same.

/// A step and what was measured there.
type Point = (u64, Option<f64>);

/// How many points of a curve are kept at most.
pub(super) const MOST_POINTS: usize = 2_000;

/// At most [`MOST_POINTS`] of them: of neighbours the lowest and the highest, so that no spike is lost, or one that is no
/// number.
pub(super) fn thinned(points: Vec<Point>) -> Vec<Point> {
    if points.len() <= MOST_POINTS {
        return points;
    }
    let neighbours = points.len().div_ceil(MOST_POINTS / 2);
    points.chunks(neighbours).flat_map(extremes).collect()
}

fn extremes(points: &[Point]) -> Vec<Point> {
    if let Some(none) = points.iter().find(|(_, value)| value.is_none()) {
        return vec![*none];
    }
    let number = |point: &&Point| point.1.unwrap_or_default();
    let lowest = points.iter().min_by(|left, right| number(left).total_cmp(&number(right)));
    let highest = points.iter().max_by(|left, right| number(left).total_cmp(&number(right)));
    let mut kept: Vec<Point> = lowest.into_iter().chain(highest).copied().collect();
    kept.sort_by_key(|(step, _)| *step);
    kept.dedup();
    kept
}
