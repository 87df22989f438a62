//! Vectors from a BERT-type model in a folder.

mod batches;
mod folder;
mod network;

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokenizers::Tokenizer;
use tokio::task::spawn_blocking;

use self::batches::{Tokens, batches};
use self::folder::Folder;
use self::network::Network;
use super::{Embedder, Purpose};
use crate::SearchError;

/// What is said about a model beside what its folder says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BertOptions {
    /// What is put before a query; none goes by the folder.
    pub query_prefix: Option<String>,
    /// What is put before a passage; none goes by the folder.
    pub passage_prefix: Option<String>,
    /// The most tokens of a text that are read; none goes by the folder. The model itself may read fewer.
    pub longest: Option<usize>,
}

/// Vectors from a BERT-type model in a folder, on the CPU.
///
/// The folder has `config.json` (of a `bert` or `xlm-roberta`), `tokenizer.json` and `model.safetensors`. Where it has
/// the files of sentence-transformers, the pooling, the longest text and the prefixes of queries and passages are
/// theirs; else the vectors of all tokens are averaged. Vectors have length one. Of a longer text the beginning counts.
#[derive(Debug, Clone)]
pub struct Bert {
    name: String,
    dimensions: usize,
    query_prefix: String,
    passage_prefix: String,
    tokenizer: Arc<Tokenizer>,
    network: Arc<Network>,
}

impl Bert {
    /// Reads a model; this takes a moment and blocks.
    pub fn open(folder: impl AsRef<Path>, options: BertOptions) -> Result<Self, SearchError> {
        let folder = Folder::read(folder.as_ref()).map_err(broken)?;
        let longest = options.longest.unwrap_or(folder.longest).min(folder.longest_possible);
        let tokenizer = folder.tokenizer(longest).map_err(broken)?;
        let query_prefix = options.query_prefix.unwrap_or(folder.query_prefix);
        let passage_prefix = options.passage_prefix.unwrap_or(folder.passage_prefix);
        let mut hash = blake3::Hasher::new();
        for part in [&folder.weights, &folder.config, &folder.tokenizer] {
            hash.update(blake3::hash(part).as_bytes());
        }
        hash.update(format!("{query_prefix:?}{passage_prefix:?}{longest}{:?}", folder.pooling).as_bytes());
        let network = Network::new(&folder.config, folder.weights, folder.pooling).map_err(broken)?;
        Ok(Self {
            name: format!("bert:{}:{}", folder.name, &hash.finalize().to_hex()[..16]),
            dimensions: network.dimensions(),
            query_prefix,
            passage_prefix,
            tokenizer: Arc::new(tokenizer),
            network: Arc::new(network),
        })
    }
}

#[async_trait]
impl Embedder for Bert {
    fn name(&self) -> &str {
        &self.name
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>, SearchError> {
        let prefix = match purpose {
            Purpose::Query => &self.query_prefix,
            Purpose::Passage => &self.passage_prefix,
        };
        let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        let (tokenizer, network) = (Arc::clone(&self.tokenizer), Arc::clone(&self.network));
        let embedded = spawn_blocking(move || embed(&tokenizer, &network, texts)).await;
        embedded.map_err(|error| broken(error.to_string()))?.map_err(broken)
    }
}

fn embed(tokenizer: &Tokenizer, network: &Network, texts: Vec<String>) -> Result<Vec<Vec<f32>>, String> {
    let encoded = tokenizer.encode_batch(texts, true).map_err(|error| format!("a text has no tokens: {error}"))?;
    let tokens: Vec<Tokens> = encoded.iter().map(|encoding| encoding.get_ids().to_vec()).collect();
    let mut vectors = vec![Vec::new(); tokens.len()];
    for batch in batches(&tokens) {
        let texts: Vec<&Tokens> = batch.iter().map(|place| &tokens[*place]).collect();
        for (place, vector) in batch.into_iter().zip(network.vectors(&texts).map_err(|error| error.to_string())?) {
            vectors[place] = vector;
        }
    }
    Ok(vectors)
}

fn broken(reason: String) -> SearchError {
    SearchError::broken("bert", reason)
}
