//! Ranks a handful of texts in memory by how well they fit a query.

use std::collections::HashMap;

use crate::words;

/// How soon a word that is repeated stops to count more.
const K1: f32 = 0.9;

/// How much a long text is held to be worth less.
const B: f32 = 0.4;

/// Texts in memory that can be ranked by how well they fit a query (BM25 with k1 = 0.9, b = 0.4).
///
/// ```
/// use offseeker_pages::Ranking;
///
/// let ranking = Ranking::of(["The mill stands on the Orsa.", "The castle is older than the mill.", "Nothing."]);
/// let best = ranking.best("castle", 10);
/// assert_eq!((best.len(), best[0].0), (1, 1));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    /// For each word the texts that have it, and how often.
    postings: HashMap<String, Vec<(usize, f32)>>,
    lengths: Vec<f32>,
    total: f32,
}

impl Ranking {
    /// Prepares texts; they are known by their places from now on.
    pub fn of<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut ranking = Self::default();
        for text in texts {
            ranking.push(text.as_ref());
        }
        ranking
    }

    /// Adds a text and gives its place.
    pub fn push(&mut self, text: &str) -> usize {
        self.push_words(words(text))
    }

    /// Adds a text by its words, where they are found in another way, and gives its place.
    pub fn push_words(&mut self, words: impl IntoIterator<Item = String>) -> usize {
        let place = self.lengths.len();
        let mut length = 0.0;
        for word in words {
            length += 1.0;
            let postings = self.postings.entry(word).or_default();
            match postings.last_mut() {
                Some((last, count)) if *last == place => *count += 1.0,
                _ => postings.push((place, 1.0)),
            }
        }
        self.lengths.push(length);
        self.total += length;
        place
    }

    /// The places of the texts that fit best, with their scores, best first; those that share no word with the query
    /// are left out. Of two that fit equally well, the earlier comes first.
    #[must_use]
    pub fn best(&self, query: &str, limit: usize) -> Vec<(usize, f32)> {
        self.best_by_words(words(query), limit)
    }

    /// Like [`best`](Self::best), by the words of the query, where they are found in another way.
    #[must_use]
    pub fn best_by_words(&self, words: impl IntoIterator<Item = String>, limit: usize) -> Vec<(usize, f32)> {
        let mut scores: HashMap<usize, f32> = HashMap::new();
        for (word, times) in counted(words) {
            let Some(postings) = self.postings.get(&word) else { continue };
            let weight = self.rarity(postings.len()) * times;
            for &(place, count) in postings {
                *scores.entry(place).or_default() += weight * self.saturation(place, count);
            }
        }
        let mut ranked: Vec<(usize, f32)> = scores.into_iter().collect();
        ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        ranked.truncate(limit);
        ranked
    }

    #[allow(clippy::cast_precision_loss)]
    fn rarity(&self, texts_with_it: usize) -> f32 {
        let (all, with_it) = (self.lengths.len() as f32, texts_with_it as f32);
        (1.0 + (all - with_it + 0.5) / (with_it + 0.5)).ln()
    }

    #[allow(clippy::cast_precision_loss)]
    fn saturation(&self, place: usize, count: f32) -> f32 {
        let average = self.total / self.lengths.len() as f32;
        count * (K1 + 1.0) / (count + K1 * (1.0 - B + B * self.lengths[place] / average))
    }
}

/// Words with how often each is among them, in the order in which they come first.
fn counted(words: impl IntoIterator<Item = String>) -> Vec<(String, f32)> {
    let mut counted: Vec<(String, f32)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for word in words {
        match places.get(&word) {
            Some(&place) => counted[place].1 += 1.0,
            None => {
                places.insert(word.clone(), counted.len());
                counted.push((word, 1.0));
            }
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 5] =
        ["the mill on the Orsa", "the mill", "the castle and the mill and the mill", "卡林磨坊", ""];

    #[test]
    fn texts_are_ranked() {
        check("orsa", &[0]);
        check("the mill", &[2, 0, 1]);
        check("Castle, MILL!", &[2, 1, 0]);
        check("磨坊", &[3]);
        check("nothing of this", &[]);
        check("", &[]);
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        let ranking = Ranking::of(["a b", "a c c d"]);
        let (average, with_it): (f32, f32) = (3.0, 1.0);
        let rarity = (1.0 + (2.0 - with_it + 0.5) / (with_it + 0.5)).ln();
        let expected = rarity * 2.0 * 1.9 / (2.0 + 0.9 * (0.6 + 0.4 * 4.0 / average));
        let best = ranking.best("c", 5);
        assert!((best[0].1 - expected).abs() < 1e-6, "{best:?} {expected}");
    }

    fn check(query: &str, expected: &[usize]) {
        let found = Ranking::of(TEXTS).best(query, 10);
        assert_eq!(found.iter().map(|(place, _)| *place).collect::<Vec<_>>(), expected, "{query:?} {found:?}");
    }
}
