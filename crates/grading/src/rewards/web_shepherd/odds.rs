//! How sure a model is of a verdict, from the probabilities of what it could have said there.

use std::fmt::Debug;

use async_trait::async_trait;
use offseeker_chat::ChatError;
use offseeker_trajectory::Message;
use serde::{Deserialize, Serialize};

/// Says what a model would most likely write next.
///
/// Servers of chat models say the probability of what they wrote at best; a model that runs here can say more.
#[async_trait]
pub trait NextToken: Debug + Send + Sync {
    /// The likeliest tokens, at most so many, to follow a conversation and a reply that has begun, each with the natural
    /// logarithm of its probability.
    ///
    /// # Errors
    ///
    /// When the model cannot be asked.
    async fn likeliest(&self, messages: &[Message], begun: &str, most: usize) -> Result<Vec<(String, f64)>, ChatError>;
}

/// The tokens that a verdict may begin with, without case and white space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Synonyms {
    /// Reached.
    pub yes: Vec<String>,
    /// In progress.
    pub in_progress: Vec<String>,
    /// Neither.
    pub no: Vec<String>,
}

impl Default for Synonyms {
    fn default() -> Self {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            yes: words(&["yes", "y", "true"]),
            in_progress: words(&["in", "in progress", "progress", "partial", "ongoing"]),
            no: words(&["no", "n", "not", "false"]),
        }
    }
}

/// The probabilities of Yes, In Progress and No: those of their synonyms among the likeliest tokens are added up, and the
/// three come to one. None where no token is a synonym.
///
/// ```
/// use offseeker_grading::rewards::web_shepherd::{Synonyms, pooled};
///
/// let tokens = [("Yes", 0.3_f64), (" yes", 0.2), ("In", 0.3), ("No", 0.2)].map(|(token, p)| (token.into(), p.ln()));
/// let [yes, in_progress, no] = pooled(&tokens, &Synonyms::default()).unwrap();
/// assert!((yes - 0.5).abs() < 1e-12 && (in_progress - 0.3).abs() < 1e-12 && (no - 0.2).abs() < 1e-12);
/// ```
#[must_use]
pub fn pooled(tokens: &[(String, f64)], synonyms: &Synonyms) -> Option<[f64; 3]> {
    let highest = tokens.iter().map(|(_, logprob)| *logprob).fold(f64::NEG_INFINITY, f64::max);
    if !highest.is_finite() {
        return None;
    }
    let mut pools = [0.0; 3];
    for (token, logprob) in tokens {
        let token = token.trim().to_lowercase();
        let classes = [&synonyms.yes, &synonyms.in_progress, &synonyms.no];
        if let Some(class) = classes.iter().position(|words| words.contains(&token)) {
            // Relative to the likeliest, so that very unlikely tokens do not all come to nought.
            pools[class] += (logprob - highest).exp();
        }
    }
    let sum: f64 = pools.iter().sum();
    (sum > 0.0).then(|| pools.map(|pool| pool / sum))
}
