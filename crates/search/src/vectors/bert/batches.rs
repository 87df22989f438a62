//! Puts texts of about the same length together.

/// The tokens of a text.
pub(super) type Tokens = Vec<u32>;

/// The most texts that a model reads at once.
const MOST_TEXTS: usize = 32;

/// The most tokens that a model reads at once, those included that only fill up.
const MOST_TOKENS: usize = 8192;

/// The places of the texts, in batches of about the same length, the longest first.
pub(super) fn batches(texts: &[Tokens]) -> Vec<Vec<usize>> {
    let mut places: Vec<usize> = (0..texts.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(texts[*place].len()));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for place in places {
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST_TEXTS && (batch.len() + 1) * texts[batch[0]].len() <= MOST_TOKENS => {
                batch.push(place);
            }
            _ => batches.push(vec![place]),
        }
    }
    batches
}
