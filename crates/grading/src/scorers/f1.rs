//! How many words two texts share.

use std::collections::{BTreeMap, BTreeSet};

/// F1 over words, each counted as often as it stands: twice what is shared, over all words of both. Nought where one has
/// none.
///
/// ```
/// use offseeker_grading::scorers::f1_of_bags;
///
/// assert_eq!(f1_of_bags("a b b", "b b c"), 2.0 / 3.0);
/// ```
#[must_use]
pub fn f1_of_bags(prediction: &str, gold: &str) -> f64 {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for word in gold.split_whitespace() {
        *left.entry(word).or_default() += 1;
    }
    let shared = prediction.split_whitespace().filter(|word| take(&mut left, word)).count();
    ratio(shared, prediction.split_whitespace().count(), gold.split_whitespace().count())
}

/// F1 over sets of words, each counted once.
///
/// ```
/// use offseeker_grading::scorers::f1_of_sets;
///
/// assert_eq!(f1_of_sets("a b b", "b b c"), 0.5);
/// ```
#[must_use]
pub fn f1_of_sets(prediction: &str, gold: &str) -> f64 {
    let words = |text| -> BTreeSet<&str> { str::split_whitespace(text).collect() };
    let (here, there) = (words(prediction), words(gold));
    ratio(here.intersection(&there).count(), here.len(), there.len())
}

fn take(left: &mut BTreeMap<&str, usize>, word: &str) -> bool {
    left.get_mut(word).filter(|count| **count > 0).map(|count| *count -= 1).is_some()
}

// Texts have far fewer words than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn ratio(shared: usize, here: usize, there: usize) -> f64 {
    if here == 0 || there == 0 { 0.0 } else { 2.0 * shared as f64 / (here + there) as f64 }
}
