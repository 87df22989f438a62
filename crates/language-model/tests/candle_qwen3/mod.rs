//! Qwen3 in plain candle, in f64, of operations that have gradients: what the engine is compared with.

use std::collections::BTreeMap;

use candle_core::{D, DType, Device, Result, Tensor, Var};
use offseeker_language_model::{Config, Weights};

pub(crate) struct Qwen3 {
    config: Config,
    pub(crate) vars: BTreeMap<String, Var>,
}

impl Qwen3 {
    pub(crate) fn new(weights: &Weights) -> Result<Self> {
        let layout = weights.layout();
        let var = |place| {
            let tensor = Tensor::from_slice(weights.tensor(place), layout.shape(place), &Device::Cpu)?;
            Ok((place.name(), Var::from_tensor(&tensor.to_dtype(DType::F64)?)?))
        };
        Ok(Self { config: weights.config().clone(), vars: layout.places().map(var).collect::<Result<_>>()? })
    }

    fn var(&self, name: &str) -> &Tensor {
        self.vars[&format!("{name}.weight")].as_tensor()
    }

    fn norm(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
        x.broadcast_div(&(mean + self.config.rms_norm_eps)?.sqrt()?)?.broadcast_mul(self.var(name))
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        x.matmul(&self.var(name).t()?)
    }

    /// How fast a pair turns: stretched for more positions where it is so said, where it turns slowly.
    fn frequency(&self, pair: usize) -> f64 {
        let (dim, base) = (self.config.head_dim as f64, self.config.rope_theta);
        let plain = base.powf(-2.0 * pair as f64 / dim);
        let Some(yarn) = &self.config.yarn else { return plain };
        let pair_of = |turns: f64| {
            let around = turns * 2.0 * std::f64::consts::PI;
            dim * (yarn.original_max_position_embeddings as f64 / around).log(base) / 2.0
        };
        let (low, high) = (pair_of(32.0).floor().max(0.0), pair_of(1.0).ceil().min(dim - 1.0));
        let stretched = ((pair as f64 - low) / (high - low)).clamp(0.0, 1.0);
        plain * (1.0 - stretched + stretched / yarn.factor)
    }

    /// Turns the pairs of heads, given as heads by time by width.
    fn turn(&self, x: &Tensor) -> Result<Tensor> {
        let (_, time, dim) = x.dims3()?;
        let places = (0..time).flat_map(|at| (0..dim / 2).map(move |pair| (at, pair)));
        let angles: Vec<f64> = places.map(|(at, pair)| at as f64 * self.frequency(pair)).collect();
        let angles = Tensor::from_vec(angles, (time, dim / 2), x.device())?;
        let scale = self.config.yarn.as_ref().map_or(1.0, |yarn| 0.1 * yarn.factor.ln() + 1.0);
        let (cosines, sines) = ((angles.cos()? * scale)?, (angles.sin()? * scale)?);
        let (first, second) = (x.narrow(2, 0, dim / 2)?, x.narrow(2, dim / 2, dim / 2)?);
        let left = (first.broadcast_mul(&cosines)? - second.broadcast_mul(&sines)?)?;
        let right = (second.broadcast_mul(&cosines)? + first.broadcast_mul(&sines)?)?;
        Tensor::cat(&[left, right], 2)
    }

    fn heads(&self, x: &Tensor, name: &str, heads: usize) -> Result<Tensor> {
        let x = self.linear(x, name)?;
        x.reshape((x.dim(0)?, heads, self.config.head_dim))?.transpose(0, 1)?.contiguous()
    }

    fn attention(&self, x: &Tensor, layer: &str) -> Result<Tensor> {
        let (time, config) = (x.dim(0)?, &self.config);
        let group = config.num_attention_heads / config.num_key_value_heads;
        let name = |part: &str| format!("{layer}.self_attn.{part}");
        let q = self.heads(x, &name("q_proj"), config.num_attention_heads)?;
        let k = self.heads(x, &name("k_proj"), config.num_key_value_heads)?;
        let v = self.heads(x, &name("v_proj"), config.num_key_value_heads)?;
        let (q, k) = (self.turn(&self.norm(&q, &name("q_norm"))?)?, self.turn(&self.norm(&k, &name("k_norm"))?)?);
        let shared: Vec<u32> = (0..config.num_attention_heads).map(|head| (head / group) as u32).collect();
        let shared = Tensor::new(shared, x.device())?;
        let (k, v) = (k.index_select(&shared, 0)?, v.index_select(&shared, 0)?);
        let mask = (0..time * time).map(|at| if at % time > at / time { -1e30 } else { 0.0 }).collect::<Vec<f64>>();
        let mask = Tensor::from_vec(mask, (time, time), x.device())?;
        let scores = (q.matmul(&k.t()?)? / (config.head_dim as f64).sqrt())?.broadcast_add(&mask)?;
        let weights = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?.detach())?.exp()?;
        let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
        let out = weights.matmul(&v)?.transpose(0, 1)?.contiguous()?.flatten_from(1)?;
        self.linear(&out, &name("o_proj"))
    }

    /// The logits of a sequence.
    pub(crate) fn logits(&self, tokens: &[u32]) -> Result<Tensor> {
        let tokens = Tensor::new(tokens, &Device::Cpu)?;
        let mut x = self.var("model.embed_tokens").index_select(&tokens, 0)?;
        for layer in 0..self.config.num_hidden_layers {
            let layer = format!("model.layers.{layer}");
            let normed = self.norm(&x, &format!("{layer}.input_layernorm"))?;
            x = (&x + self.attention(&normed, &layer)?)?;
            let normed = self.norm(&x, &format!("{layer}.post_attention_layernorm"))?;
            let gate = self.linear(&normed, &format!("{layer}.mlp.gate_proj"))?;
            let gate = (&gate / (gate.neg()?.exp()? + 1.0)?)?;
            let up = self.linear(&normed, &format!("{layer}.mlp.up_proj"))?;
            x = (&x + self.linear(&(gate * up)?, &format!("{layer}.mlp.down_proj"))?)?;
        }
        let head = if self.config.tie_word_embeddings { "model.embed_tokens" } else { "lm_head" };
        self.linear(&self.norm(&x, "model.norm")?, head)
    }

    /// The log-probability of each token but the first.
    pub(crate) fn log_probabilities(&self, tokens: &[u32]) -> Result<Tensor> {
        let logits = self.logits(tokens)?.narrow(0, 0, tokens.len() - 1)?;
        let logits = logits.broadcast_sub(&logits.max_keepdim(1)?.detach())?;
        let all = logits.broadcast_sub(&logits.exp()?.sum_keepdim(1)?.log()?)?;
        all.gather(&Tensor::new(&tokens[1..], &Device::Cpu)?.unsqueeze(1)?, 1)?.squeeze(1)
    }
}
