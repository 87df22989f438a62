//! Which divergence from the reference a preference loss stands for.

use std::f64::consts::LN_2;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::log_sigmoid::log_sigmoid;
use super::pairs::Paired;

/// The greatest exponent: `exp` of it is finite in `f32` too.
const MOST: f64 = 80.0;

/// Which divergence from the reference a preference loss stands for ([f-DPO](https://arxiv.org/abs/2309.16240)): it makes a
/// score of each ratio `d = log π(y) - log π_ref(y)`, which is 0 where that is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Divergence {
    /// `d`: that of DPO.
    #[default]
    ReverseKl,
    /// `1 - exp(-d)`.
    ForwardKl,
    /// `log 2 + log S(d)`.
    JensenShannon,
    /// `(exp((α - 1) d) - 1) / (α - 1)`, and `d` where `α` is 1.
    Alpha(f64),
}

impl Divergence {
    /// The score of each ratio. Exponents are kept below 80.
    ///
    /// # Errors
    ///
    /// When the tensor holds no floating-point numbers.
    pub fn score(self, ratios: &Tensor) -> Result<Tensor> {
        match self {
            Self::ReverseKl => Ok(ratios.clone()),
            Self::ForwardKl => ratios.neg()?.minimum(MOST)?.exp()?.affine(-1.0, 1.0),
            Self::JensenShannon => log_sigmoid(ratios)? + LN_2,
            Self::Alpha(alpha) if (alpha - 1.0).abs() < 1e-6 => Ok(ratios.clone()),
            Self::Alpha(alpha) => {
                let exponent = (ratios * (alpha - 1.0))?.minimum(MOST)?;
                (exponent.exp()? - 1.0)? / (alpha - 1.0)
            }
        }
    }

    /// The scores of both sides.
    pub(super) fn scores(self, ratios: &Paired) -> Result<Paired> {
        ratios.map(|ratios| self.score(ratios))
    }
}
