//! What runs tokens through a network for the engine.

use std::sync::Arc;

use offseeker_chat::ChatError;

use crate::{Adapter, Cache, Keep, Network, NetworkError, Pass, Weights};

/// Runs tokens of several sequences through a network, and keeps what it needs of each.
pub(super) trait Backend: Send {
    /// How many logits there are for a token.
    fn vocabulary(&self) -> usize;

    /// Whether a sequence can begin with a part of another. Else it can only go on where another ended.
    fn forks(&self) -> bool;

    /// How many finished sequences may be kept.
    fn most_kept(&self) -> usize {
        usize::MAX
    }

    /// Adds an empty sequence.
    fn add(&mut self, capacity: usize) -> Result<usize, ChatError>;

    /// Adds a sequence that begins as another does.
    fn fork(&mut self, from: usize, length: usize, capacity: usize) -> Result<usize, ChatError>;

    /// Forgets all but the first tokens of a sequence, and says how many it may have from now on.
    fn cut(&mut self, sequence: usize, length: usize, capacity: usize) -> Result<(), ChatError>;

    /// Removes a sequence.
    fn remove(&mut self, sequence: usize) -> Result<(), ChatError>;

    /// Lets sequences grow, and gives the logits after the last token of those parts of which they are wanted.
    fn extend(&mut self, parts: &[(usize, &[u32])], wanted: &[bool]) -> Result<Vec<f32>, ChatError>;

    /// Forgets all sequences.
    fn clear(&mut self) -> Result<(), ChatError>;
}

/// The network of this crate.
pub(super) struct Own {
    weights: Arc<Weights>,
    adapter: Option<Arc<Adapter>>,
    cache: Cache,
    pass: Pass,
}

impl Own {
    pub(super) fn new(weights: Arc<Weights>, adapter: Option<Arc<Adapter>>) -> Result<Self, NetworkError> {
        if let Some(adapter) = &adapter {
            Network::with_adapter(&weights, adapter)?;
        }
        let cache = Cache::new(weights.config(), &[])?;
        Ok(Self { weights, adapter, cache, pass: Pass::new(Keep::Nothing) })
    }
}

// Taken by value because that is what `map_err` hands over.
#[allow(clippy::needless_pass_by_value)]
fn broken(error: NetworkError) -> ChatError {
    ChatError::broken(error.to_string())
}

impl Backend for Own {
    fn vocabulary(&self) -> usize {
        self.weights.config().vocab_size
    }

    fn forks(&self) -> bool {
        true
    }

    fn add(&mut self, capacity: usize) -> Result<usize, ChatError> {
        self.cache.add(capacity).map_err(broken)
    }

    fn fork(&mut self, from: usize, length: usize, capacity: usize) -> Result<usize, ChatError> {
        let sequence = self.cache.add(capacity).map_err(broken)?;
        self.cache.share(from, sequence, length).map_err(broken)?;
        Ok(sequence)
    }

    fn cut(&mut self, sequence: usize, length: usize, capacity: usize) -> Result<(), ChatError> {
        self.cache.truncate(sequence, length).map_err(broken)?;
        self.cache.set_capacity(sequence, capacity).map_err(broken)
    }

    fn remove(&mut self, sequence: usize) -> Result<(), ChatError> {
        self.cache.remove(sequence).map_err(broken)
    }

    fn extend(&mut self, parts: &[(usize, &[u32])], wanted: &[bool]) -> Result<Vec<f32>, ChatError> {
        let network = match &self.adapter {
            Some(adapter) => Network::with_adapter(&self.weights, adapter).map_err(broken)?,
            None => Network::new(&self.weights),
        };
        network.extend_for(&mut self.cache, parts, wanted, &mut self.pass).map_err(broken)
    }

    fn clear(&mut self) -> Result<(), ChatError> {
        self.cache = Cache::new(self.weights.config(), &[]).map_err(broken)?;
        Ok(())
    }
}
