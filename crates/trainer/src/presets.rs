//! The values that OffSeeker was trained with, by name.

use offseeker_language_model::{Cutoff, OverLong};

use crate::losses::PreferenceObjective;
use crate::schedule::{Schedule, Shape, Warmup};
use crate::{AdamW, Batching, Dpo, Length, Order, PerStep, Reading, Sft, TokenLoss, Training};

impl Sft {
    /// Three epochs, a learning rate up to 3e-5 over a tenth of the steps and along a cosine to 1e-7, eight sequences a
    /// step, a decay of 0.1, gradients clipped at 1. Read with [`Reading::offseeker_sft`].
    #[must_use]
    pub fn offseeker() -> Self {
        Self { loss: TokenLoss::Nll, training: offseeker(3, 3e-5) }
    }
}

impl Dpo {
    /// One epoch, a learning rate up to 1e-6 over a tenth of the steps and along a cosine to 1e-7, eight pairs a step, the
    /// sigmoid loss with a beta of 0.1, no smoothing and no likelihood beside it. Read with [`Reading::offseeker_dpo`].
    #[must_use]
    pub fn offseeker() -> Self {
        Self { objective: PreferenceObjective::default(), training: offseeker(1, 1e-6), rendering: String::new() }
    }
}

impl Reading {
    /// Sequences of up to 131,072 tokens; longer ones are left out, and counted.
    #[must_use]
    pub fn offseeker_sft() -> Self {
        Self { cutoff: Some(Cutoff { tokens: 131_072, over_long: OverLong::Drop }), ..Self::default() }
    }

    /// Sides of up to 49,152 tokens; pairs with a longer one are left out, and counted.
    #[must_use]
    pub fn offseeker_dpo() -> Self {
        Self { cutoff: Some(Cutoff { tokens: 49_152, over_long: OverLong::Drop }), ..Self::default() }
    }
}

fn offseeker(epochs: u64, peak: f64) -> Training {
    Training {
        length: Length::Epochs(epochs),
        batching: Batching { per_step: PerStep::Sequences(8), order: Order::Shuffled, tokens_at_once: 16_384 },
        optimiser: AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.1 },
        schedule: Schedule { peak, floor: 1e-7, warmup: Warmup::Ratio(0.1), shape: Shape::Cosine },
        clip: Some(1.0),
        seed: 42,
        average: None,
    }
}
