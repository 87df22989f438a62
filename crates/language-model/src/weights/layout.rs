//! Where each tensor lies among the weights.

use std::ops::Range;

use crate::Config;

/// A tensor of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The normalisation before attention.
    InputNorm,
    /// What queries are made by.
    Query,
    /// What keys are made by.
    Key,
    /// What values are made by.
    Value,
    /// The normalisation of a query.
    QueryNorm,
    /// The normalisation of a key.
    KeyNorm,
    /// What leads from attention back into the stream.
    Output,
    /// The normalisation before the feed-forward part.
    PostNorm,
    /// What gates are made by.
    Gate,
    /// What leads into the feed-forward part.
    Up,
    /// What leads from it back into the stream.
    Down,
}

impl Part {
    /// All tensors of a layer, in the order in which they lie.
    pub const ALL: [Self; 11] = [
        Self::InputNorm,
        Self::Query,
        Self::Key,
        Self::Value,
        Self::QueryNorm,
        Self::KeyNorm,
        Self::Output,
        Self::PostNorm,
        Self::Gate,
        Self::Up,
        Self::Down,
    ];
    /// Those that are matrices.
    pub const LINEAR: [Self; 7] = [Self::Query, Self::Key, Self::Value, Self::Output, Self::Gate, Self::Up, Self::Down];

    /// What the tensor is called within its layer.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::InputNorm => "input_layernorm",
            Self::Query => "self_attn.q_proj",
            Self::Key => "self_attn.k_proj",
            Self::Value => "self_attn.v_proj",
            Self::QueryNorm => "self_attn.q_norm",
            Self::KeyNorm => "self_attn.k_norm",
            Self::Output => "self_attn.o_proj",
            Self::PostNorm => "post_attention_layernorm",
            Self::Gate => "mlp.gate_proj",
            Self::Up => "mlp.up_proj",
            Self::Down => "mlp.down_proj",
        }
    }

    /// The last part of its path: what adapters are told by.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.path().rsplit('.').next().expect("a path has a last part")
    }

    /// Rows and columns; a normalisation is one row.
    pub(crate) fn shape(self, config: &Config) -> [usize; 2] {
        let width = config.hidden_size;
        let asked = config.num_attention_heads * config.head_dim;
        let answered = config.num_key_value_heads * config.head_dim;
        match self {
            Self::InputNorm | Self::PostNorm => [1, width],
            Self::QueryNorm | Self::KeyNorm => [1, config.head_dim],
            Self::Query => [asked, width],
            Self::Key | Self::Value => [answered, width],
            Self::Output => [width, asked],
            Self::Gate | Self::Up => [config.intermediate_size, width],
            Self::Down => [width, config.intermediate_size],
        }
    }

    fn is_norm(self) -> bool {
        !Self::LINEAR.contains(&self)
    }
}

/// A tensor among the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A row a token.
    Embedding,
    /// A tensor of a layer.
    Layer(usize, Part),
    /// The normalisation before the head.
    FinalNorm,
    /// The head, where it is not the embedding.
    Head,
}

impl Place {
    /// The name of the tensor in a Hugging Face folder.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Embedding => "model.embed_tokens.weight".to_owned(),
            Self::Layer(layer, part) => format!("model.layers.{layer}.{}.weight", part.path()),
            Self::FinalNorm => "model.norm.weight".to_owned(),
            Self::Head => "lm_head.weight".to_owned(),
        }
    }

    /// Whether it is a normalisation, which starts as ones and does not decay.
    #[must_use]
    pub fn is_norm(self) -> bool {
        match self {
            Self::FinalNorm => true,
            Self::Layer(_, part) => part.is_norm(),
            Self::Embedding | Self::Head => false,
        }
    }
}

/// Where each tensor lies among the weights, which are one slice: the embedding, the layers, the last normalisation,
/// and the head where it is not the embedding.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    embedding: usize,
    /// Where each tensor begins within a layer, and where the last ends.
    parts: [usize; 12],
    layers: usize,
    width: usize,
    shapes: [[usize; 2]; 11],
    tied: bool,
}

impl Layout {
    /// Where the tensors of a network of this shape lie.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let shapes = Part::ALL.map(|part| part.shape(config));
        let mut parts = [0; 12];
        for (at, [rows, columns]) in shapes.iter().enumerate() {
            parts[at + 1] = parts[at] + rows * columns;
        }
        Self {
            embedding: config.vocab_size * config.hidden_size,
            parts,
            layers: config.num_hidden_layers,
            width: config.hidden_size,
            shapes,
            tied: config.tie_word_embeddings,
        }
    }

    /// How many weights there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "no network is empty")]
    pub fn len(&self) -> usize {
        let head = if self.tied { 0 } else { self.embedding };
        self.embedding + self.layers * self.parts[11] + self.width + head
    }

    /// Where a tensor lies.
    #[must_use]
    pub fn range(&self, place: Place) -> Range<usize> {
        let last = self.embedding + self.layers * self.parts[11];
        match place {
            Place::Embedding => 0..self.embedding,
            Place::Head if self.tied => 0..self.embedding,
            Place::Head => last + self.width..last + self.width + self.embedding,
            Place::FinalNorm => last..last + self.width,
            Place::Layer(layer, part) => {
                assert!(layer < self.layers, "the network has the layer");
                let start = self.embedding + layer * self.parts[11];
                start + self.parts[part as usize]..start + self.parts[part as usize + 1]
            }
        }
    }

    /// The dimensions of a tensor.
    #[must_use]
    pub fn shape(&self, place: Place) -> Vec<usize> {
        match place {
            Place::Embedding | Place::Head => vec![self.embedding / self.width, self.width],
            Place::FinalNorm => vec![self.width],
            Place::Layer(_, part) if part.is_norm() => vec![self.shapes[part as usize][1]],
            Place::Layer(_, part) => self.shapes[part as usize].to_vec(),
        }
    }

    /// All tensors, in the order in which they lie.
    pub fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let layers = (0..self.layers).flat_map(|layer| Part::ALL.map(|part| Place::Layer(layer, part)));
        let head = (!self.tied).then_some(Place::Head);
        std::iter::once(Place::Embedding).chain(layers).chain([Place::FinalNorm]).chain(head)
    }
}
