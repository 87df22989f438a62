//! Text that goes on, for several prompts at once.

use super::{Sampled, Sampling};
use crate::NetworkError;
use crate::network::{Cache, Keep, Network, Pass};

/// How prompts go on.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateOptions {
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// How many tokens are drawn at most, for each prompt.
    pub most_tokens: usize,
    /// Tokens after which a sequence is at its end. The token is part of it.
    pub ends: Vec<u32>,
}

/// What a prompt went on with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generated {
    /// The tokens, with their log-probabilities.
    pub tokens: Vec<Sampled>,
    /// Whether it came to its end, by a token or because `goes_on` said so; else there was no room for more.
    pub ended: bool,
}

/// Lets prompts of different lengths go on at once. `goes_on` is told each token with the number of its prompt, and
/// says whether that one goes on: so text can be shown as it comes, and end with a word.
///
/// # Errors
///
/// When a prompt is empty or has a token that is none of the network's, or when what comes out is no finite number.
pub fn generate(
    network: &Network<'_>,
    prompts: &[Vec<u32>],
    options: &GenerateOptions,
    goes_on: &mut dyn FnMut(usize, Sampled) -> bool,
) -> Result<Vec<Generated>, NetworkError> {
    options.sampling.check()?;
    let mut all = vec![Generated::default(); prompts.len()];
    if prompts.is_empty() || options.most_tokens == 0 {
        return Ok(all);
    }
    // The last token that is drawn never runs through the network.
    let capacities: Vec<usize> =
        prompts.iter().map(|prompt| prompt.len().saturating_add(options.most_tokens - 1)).collect();
    let mut cache = Cache::new(network.config(), &capacities)?;
    let mut pass = Pass::new(Keep::Nothing);
    let mut draws: Vec<_> = (0..prompts.len() as u64).map(|number| options.sampling.draws(number)).collect();
    let mut going: Vec<(usize, &[u32])> = prompts.iter().map(|prompt| &prompt[..]).enumerate().collect();
    let mut drawn = vec![0; prompts.len()];
    while !going.is_empty() {
        let logits = network.extend(&mut cache, &going, &mut pass)?;
        let mut still: Vec<(usize, u32)> = Vec::with_capacity(going.len());
        for ((number, _), logits) in going.iter().zip(logits.chunks_exact(network.config().vocab_size)) {
            let sampled = options.sampling.sample(logits, &mut draws[*number])?;
            let generated = &mut all[*number];
            generated.tokens.push(sampled);
            let goes_on = goes_on(*number, sampled);
            generated.ended = !goes_on || options.ends.contains(&sampled.token);
            if !generated.ended && generated.tokens.len() < options.most_tokens {
                still.push((*number, sampled.token));
            }
        }
        for (number, token) in &still {
            drawn[*number] = *token;
        }
        going = still.into_iter().map(|(number, _)| (number, std::slice::from_ref(&drawn[number]))).collect();
    }
    Ok(all)
}
