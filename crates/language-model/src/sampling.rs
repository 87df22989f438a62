//! Drawing of tokens from what a network says of them.

mod generate;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use generate::{GenerateOptions, Generated, generate};

use crate::NetworkError;
use crate::kernels::log_sum_exp;

/// How many candidates are put in order at first; more only where they do not suffice.
const CANDIDATES: usize = 64;

/// How tokens are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// What logits are divided by. At 0 the likeliest token is taken, of equally likely ones the first.
    pub temperature: f32,
    /// Only so many of the likeliest tokens are drawn from; from all at 0.
    pub top_k: usize,
    /// Only the likeliest tokens that together are as likely as this are drawn from, after `top_k`; from all at 1.
    pub top_p: f32,
    /// What draws begin from. Each sequence has its own stream of them.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, top_k: 0, top_p: 1.0, seed: 0 }
    }
}

/// A token that was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampled {
    /// The token.
    pub token: u32,
    /// Its log-probability as the network says it: at temperature 1, among all tokens.
    pub log_probability: f32,
}

impl Sampling {
    /// Tokens that are the likeliest each.
    #[must_use]
    pub fn greedy() -> Self {
        Self { temperature: 0.0, ..Self::default() }
    }

    /// Says whether tokens can be drawn so.
    ///
    /// # Errors
    ///
    /// When the temperature is below 0 or none, or the share is not above 0 and at most 1.
    pub fn check(&self) -> Result<(), NetworkError> {
        if !self.temperature.is_finite() || self.temperature < 0.0 {
            return Err(NetworkError::Misfit(format!("a temperature of {}; it is 0 or more", self.temperature)));
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return Err(NetworkError::Misfit(format!("a top_p of {}; it is above 0 and at most 1", self.top_p)));
        }
        Ok(())
    }

    /// The draws of a sequence: the same for the same seed, however many sequences run beside it.
    #[must_use]
    pub fn draws(&self, sequence: u64) -> ChaCha8Rng {
        let mut draws = ChaCha8Rng::seed_from_u64(self.seed);
        draws.set_stream(sequence);
        draws
    }

    /// Draws a token.
    ///
    /// # Errors
    ///
    /// When tokens cannot be drawn so, when there are none, or when a logit is no finite number.
    pub fn sample(&self, logits: &[f32], draws: &mut ChaCha8Rng) -> Result<Sampled, NetworkError> {
        self.check()?;
        if logits.is_empty() {
            return Err(NetworkError::Misfit("no logits to draw from".to_owned()));
        }
        if let Some(token) = logits.iter().position(|logit| !logit.is_finite()) {
            return Err(NetworkError::NotFinite(format!("the logit of token {token}")));
        }
        let token = if self.temperature == 0.0 {
            likeliest(logits)
        } else {
            let at = draws.random::<f64>();
            if self.top_k == 0 && self.top_p >= 1.0 {
                self.draw_of_all(logits, at)
            } else {
                self.draw_of_top(logits, at)
            }
        };
        let log_probability = logits[token] - log_sum_exp(logits);
        let token = u32::try_from(token).expect("there are fewer than 2^32 tokens");
        Ok(Sampled { token, log_probability })
    }

    /// How much a logit weighs against the largest.
    fn weight(&self, logit: f32, most: f32) -> f64 {
        (f64::from(logit - most) / f64::from(self.temperature)).exp()
    }

    fn draw_of_all(&self, logits: &[f32], at: f64) -> usize {
        let most = logits[likeliest(logits)];
        let weights = || logits.iter().map(|logit| self.weight(*logit, most));
        pick(weights(), at * weights().sum::<f64>())
    }

    fn draw_of_top(&self, logits: &[f32], at: f64) -> usize {
        let most = logits[likeliest(logits)];
        let among = if self.top_k == 0 { logits.len() } else { self.top_k.min(logits.len()) };
        let all: f64 = logits.iter().map(|logit| self.weight(*logit, most)).sum();
        let mut count = CANDIDATES.min(among);
        loop {
            let top = top(logits, count);
            let weights: Vec<f64> = top.iter().map(|token| self.weight(logits[*token], most)).collect();
            // What `top_k` leaves is known only when all of it is in order.
            let whole = if among == logits.len() { Some(all) } else { (count == among).then(|| weights.iter().sum()) };
            if let Some(kept) = whole.and_then(|whole| self.kept(&weights, whole, count == among)) {
                let weights = &weights[..kept];
                return top[pick(weights.iter().copied(), at * weights.iter().sum::<f64>())];
            }
            count = (count * 8).min(among);
        }
    }

    /// How many of the likeliest are drawn from; none where more have to be put in order.
    fn kept(&self, weights: &[f64], whole: f64, is_all: bool) -> Option<usize> {
        let mut sum = 0.0;
        for (at, weight) in weights.iter().enumerate() {
            sum += weight;
            if sum >= f64::from(self.top_p) * whole {
                return Some(at + 1);
            }
        }
        is_all.then_some(weights.len())
    }
}

fn likeliest(logits: &[f32]) -> usize {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = token;
        }
    }
    best
}

/// The likeliest tokens, the likeliest first; of equally likely ones the first.
fn top(logits: &[f32], count: usize) -> Vec<usize> {
    let order = |x: &usize, y: &usize| logits[*y].total_cmp(&logits[*x]).then(x.cmp(y));
    let mut tokens: Vec<usize> = (0..logits.len()).collect();
    if count < tokens.len() {
        tokens.select_nth_unstable_by(count, order);
        tokens.truncate(count);
    }
    tokens.sort_unstable_by(order);
    tokens
}

/// The first place where the sum of weights is above a number; the last one that weighs something where rounding leaves
/// none.
fn pick(weights: impl Iterator<Item = f64>, at: f64) -> usize {
    let (mut sum, mut last) = (0.0, 0);
    for (place, weight) in weights.enumerate() {
        sum += weight;
        if weight > 0.0 {
            last = place;
        }
        if sum > at {
            return place;
        }
    }
    last
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
