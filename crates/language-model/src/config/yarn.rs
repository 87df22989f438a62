//! How rotary angles are stretched for more positions than a network was made for.

use serde_json::{Value, json};

use super::above;
use super::fields::{Fields, wrong};
use crate::NetworkError;

/// How rotary angles are stretched for more positions than a network was made for
/// ([YaRN](https://arxiv.org/abs/2309.00071)).
#[derive(Clone, Debug, PartialEq)]
pub struct Yarn {
    /// How many times more positions there are.
    pub factor: f64,
    /// How many positions the network was made for.
    pub original_max_position_embeddings: usize,
    /// What angles' cosines and sines are multiplied by; worked out from the factor where it is none.
    pub attention_factor: Option<f64>,
    /// Pairs that turn more often than this over the original positions stay as they are.
    pub beta_fast: f64,
    /// Pairs that turn less often than this are stretched by the whole factor.
    pub beta_slow: f64,
    /// Whether the borders between the two are whole pairs.
    pub truncate: bool,
}

impl Yarn {
    /// Angles for so many times more positions than a network was made for.
    #[must_use]
    pub fn new(factor: f64, original_max_position_embeddings: usize) -> Self {
        Self {
            factor,
            original_max_position_embeddings,
            attention_factor: None,
            beta_fast: 32.0,
            beta_slow: 1.0,
            truncate: true,
        }
    }

    /// What cosines and sines are multiplied by: `0.1 ln(factor) + 1` where nothing else is said.
    #[must_use]
    pub fn scale(&self) -> f64 {
        let usual = || if self.factor <= 1.0 { 1.0 } else { 0.1 * self.factor.ln() + 1.0 };
        self.attention_factor.unwrap_or_else(usual)
    }

    pub(super) fn check(&self) -> Result<(), NetworkError> {
        above("rope_scaling.factor", self.factor, 0.0)?;
        above("rope_scaling.beta_slow", self.beta_slow, 0.0)?;
        above("rope_scaling.beta_fast", self.beta_fast, self.beta_slow)?;
        above("rope_scaling.attention_factor", self.scale(), 0.0)?;
        let positions = self.original_max_position_embeddings;
        if positions == 0 || positions > 1 << 28 {
            let what = format!("is {positions}; it is between 1 and {}", 1 << 28);
            return Err(NetworkError::field("rope_scaling.original_max_position_embeddings", what));
        }
        Ok(())
    }

    pub(super) fn to_json(&self) -> Value {
        let mut fields = json!({
            "rope_type": "yarn",
            "factor": self.factor,
            "original_max_position_embeddings": self.original_max_position_embeddings,
            "beta_fast": self.beta_fast,
            "beta_slow": self.beta_slow,
            "truncate": self.truncate,
        });
        if let Some(factor) = self.attention_factor {
            fields["attention_factor"] = json!(factor);
        }
        fields
    }
}

/// Takes the base of the angles and how they are stretched, in the words of `transformers` 4 and 5.
pub(super) fn take(fields: &mut Fields, positions: usize) -> Result<(f64, Option<Yarn>), NetworkError> {
    let outer = fields.number("rope_theta")?;
    let scaling = fields.take("rope_scaling");
    let parameters = fields.take("rope_parameters");
    let Some(said) = parameters.or(scaling) else { return Ok((outer.unwrap_or(1e4), None)) };
    if !said.is_object() {
        return Err(wrong("rope_scaling", &said, "an object"));
    }
    let mut said = Fields::of(&said)?;
    let theta = said.number("rope_theta")?.or(outer).unwrap_or(1e4);
    let kind = said.take("rope_type").or_else(|| said.take("type")).unwrap_or_else(|| json!("default"));
    match kind.as_str() {
        Some("default") => Ok((theta, None)),
        Some("yarn") => Ok((theta, Some(yarn(&mut said, positions)?))),
        _ => Err(wrong("rope_scaling.rope_type", &kind, "`yarn` or `default`")),
    }
}

fn yarn(said: &mut Fields, positions: usize) -> Result<Yarn, NetworkError> {
    if said.take("mscale").is_some() || said.take("mscale_all_dim").is_some() {
        return Err(NetworkError::field("rope_scaling.mscale", "is not known here; say attention_factor"));
    }
    let original = said.count_or("original_max_position_embeddings", positions)?;
    let implied = positions as f64 / original.max(1) as f64;
    let usual = Yarn::new(said.number_or("factor", implied)?, original);
    Ok(Yarn {
        attention_factor: said.number("attention_factor")?,
        beta_fast: said.number_or("beta_fast", usual.beta_fast)?,
        beta_slow: said.number_or("beta_slow", usual.beta_slow)?,
        truncate: said.flag_or("truncate", true)?,
        ..usual
    })
}
