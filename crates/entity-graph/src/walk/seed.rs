//! Randomness that does not depend on the order of work.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// The random numbers for one purpose with one item of a run: the same on every machine and in every thread.
///
/// The generator is `ChaCha` with 8 rounds, its seed the blake3 hash of the seed of the run, the item and the purpose.
#[must_use]
pub fn rng(seed: u64, item: &str, purpose: &str) -> ChaCha8Rng {
    let mut hash = blake3::Hasher::new();
    hash.update(&seed.to_le_bytes());
    for part in [item, purpose] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    ChaCha8Rng::from_seed(*hash.finalize().as_bytes())
}
