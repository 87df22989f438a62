//! The network: from tokens to vectors.
//!
//! Tensors carry their shape: B texts, T tokens, D dimensions.

use std::fmt;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::{bert, xlm_roberta};
use serde_json::Value;

use super::batches::Tokens;

/// How the vectors of the tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooling {
    /// Their mean.
    Mean,
    /// That of the first token.
    First,
}

/// A network on the CPU.
pub(super) struct Network {
    kind: Kind,
    pooling: Pooling,
    pad: u32,
    dimensions: usize,
}

enum Kind {
    Bert(bert::BertModel),
    XlmRoberta(xlm_roberta::XLMRobertaModel),
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("dimensions", &self.dimensions)
            .field("pooling", &self.pooling)
            .finish_non_exhaustive()
    }
}

impl Network {
    pub(super) fn new(config: &[u8], weights: Vec<u8>, pooling: Pooling) -> std::result::Result<Self, String> {
        let wrong = |error: serde_json::Error| format!("config.json: {error}");
        let mut config: Value = serde_json::from_slice(config).map_err(wrong)?;
        // Newer files leave out what is always so.
        if let Some(config) = config.as_object_mut() {
            config.entry("position_embedding_type").or_insert_with(|| Value::from("absolute"));
        }
        let pad = config["pad_token_id"].as_u64().and_then(|pad| u32::try_from(pad).ok()).unwrap_or_default();
        let dimensions = config["hidden_size"].as_u64().and_then(|size| usize::try_from(size).ok());
        let dimensions = dimensions.ok_or("config.json: `hidden_size` is missing")?;
        let unread = |error: candle_core::Error| format!("model.safetensors: {error}");
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).map_err(unread)?;
        let kind = match config["model_type"].as_str() {
            Some("bert") => {
                let config: bert::Config = serde_json::from_value(config).map_err(wrong)?;
                Kind::Bert(bert::BertModel::load(weights, &config).map_err(unread)?)
            }
            Some("xlm-roberta") => {
                let config: xlm_roberta::Config = serde_json::from_value(config).map_err(wrong)?;
                let inner = ["roberta", "xlm-roberta"]
                    .into_iter()
                    .find(|inner| weights.contains_tensor(&format!("{inner}.embeddings.word_embeddings.weight")));
                let weights = inner.map_or_else(|| weights.clone(), |inner| weights.pp(inner));
                Kind::XlmRoberta(xlm_roberta::XLMRobertaModel::new(&config, weights).map_err(unread)?)
            }
            other => {
                let other = other.unwrap_or("nothing");
                return Err(format!("config.json: `model_type` is {other}; `bert` and `xlm-roberta` are known"));
            }
        };
        Ok(Self { kind, pooling, pad, dimensions })
    }

    pub(super) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The vector of each text, of length one.
    pub(super) fn vectors(&self, texts: &[&Tokens]) -> Result<Vec<Vec<f32>>> {
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or_default();
        let filled = |of: &dyn Fn(&Tokens, usize) -> u32| -> Result<Tensor> {
            let numbers: Vec<u32> = texts.iter().flat_map(|text| (0..longest).map(|place| of(text, place))).collect();
            Tensor::from_vec(numbers, (texts.len(), longest), &Device::Cpu)
        };
        let tokens_bt = filled(&|text, place| text.get(place).copied().unwrap_or(self.pad))?;
        let mask_bt = filled(&|text, place| u32::from(place < text.len()))?;
        let kinds_bt = tokens_bt.zeros_like()?;
        let hidden_btd = match &self.kind {
            Kind::Bert(model) => model.forward(&tokens_bt, &kinds_bt, Some(&mask_bt))?,
            Kind::XlmRoberta(model) => model.forward(&tokens_bt, &mask_bt, &kinds_bt, None, None, None)?,
        };
        let pooled_bd = match self.pooling {
            Pooling::First => hidden_btd.narrow(1, 0, 1)?.squeeze(1)?,
            Pooling::Mean => {
                let mask_bt1 = mask_bt.to_dtype(DType::F32)?.unsqueeze(2)?;
                let count_b1 = mask_bt1.sum(1)?;
                hidden_btd.broadcast_mul(&mask_bt1)?.sum(1)?.broadcast_div(&count_b1)?
            }
        };
        let length_b1 = pooled_bd.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        pooled_bd.broadcast_div(&length_b1)?.to_vec2()
    }
}
