//! What is learnt from pairs: weighted losses with their settings.

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::divergence::Divergence;
use super::kto::{kl_estimate, kto};
use super::pairs::{Paired, PairedLogProbabilities};
use super::{preference, reference_free};
use crate::TrainError;

/// A loss of pairs, by the name that TRL has for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PreferenceLoss {
    /// [`sigmoid`](preference::sigmoid): DPO; with smoothing of labels cDPO.
    Sigmoid,
    /// [`hinge`](preference::hinge).
    Hinge,
    /// [`ipo`](preference::ipo).
    Ipo,
    /// [`exo_pair`](preference::exo_pair): needs smoothing of labels.
    ExoPair,
    /// [`nca_pair`](preference::nca_pair).
    NcaPair,
    /// [`robust`](preference::robust): smoothing of labels is the share of wrong ones.
    Robust,
    /// [`bco_pair`](preference::bco_pair).
    BcoPair,
    /// [`sppo_hard`](preference::sppo_hard).
    SppoHard,
    /// [`aot`](preference::aot).
    Aot,
    /// [`aot_unpaired`](preference::aot_unpaired).
    AotUnpaired,
    /// [`apo_zero`](preference::apo_zero).
    ApoZero,
    /// [`apo_down`](preference::apo_down).
    ApoDown,
    /// [`discopop`](preference::discopop).
    Discopop {
        /// How sharply its two parts are parted.
        #[serde(default = "tau")]
        tau: f64,
    },
    /// [`sigmoid_norm`](preference::sigmoid_norm).
    SigmoidNorm,
    /// [`sft`](preference::sft).
    Sft,
    /// [`simpo`](reference_free::simpo).
    Simpo {
        /// By how much the chosen side is to be better.
        #[serde(default = "gamma")]
        gamma: f64,
    },
    /// [`orpo`](reference_free::orpo): without the likelihood, which [`Sft`](Self::Sft) adds.
    Orpo,
    /// [`kto`].
    Kto {
        /// How much chosen sides count.
        #[serde(default = "one")]
        desirable: f64,
        /// How much rejected sides count.
        #[serde(default = "one")]
        undesirable: f64,
    },
}

fn tau() -> f64 {
    0.05
}

fn gamma() -> f64 {
    0.5
}

fn one() -> f64 {
    1.0
}

impl PreferenceLoss {
    /// Whether the loss of a pair depends on the others of its batch. A batch is then not to be parted: its
    /// log-probabilities have to be there together before the loss is worked out.
    #[must_use]
    pub fn mixes_pairs(self) -> bool {
        matches!(self, Self::Aot | Self::AotUnpaired | Self::Kto { .. })
    }

    /// Whether the loss asks what the reference says.
    #[must_use]
    pub fn needs_reference(self) -> bool {
        !matches!(self, Self::Sft | Self::Simpo { .. } | Self::Orpo)
    }

    fn smooths(self) -> bool {
        use PreferenceLoss as Loss;
        let smoothing = [Loss::Sigmoid, Loss::ExoPair, Loss::Robust, Loss::Aot, Loss::AotUnpaired];
        smoothing.contains(&self) || matches!(self, Self::Simpo { .. })
    }

    /// Whether it compares the two sides, so that the scores of a divergence can stand for ratios.
    fn has_divergence(self) -> bool {
        use PreferenceLoss as Loss;
        let comparing = [Loss::Sigmoid, Loss::Hinge, Loss::Ipo, Loss::ExoPair, Loss::Robust, Loss::SigmoidNorm];
        comparing.contains(&self) || matches!(self, Self::Discopop { .. })
    }
}

/// What is learnt from pairs: weighted losses with their settings. The default is plain DPO.
///
/// ```
/// use candle_core::{Device, Var};
/// use offseeker_trainer::losses::{PairedLogProbabilities, PreferenceObjective};
///
/// // A pair: two tokens of the chosen side, three of the rejected one, and what the reference says of them.
/// let policy = Var::from_vec(vec![-1.0_f32, -2.0, -1.5, -0.5, -3.0], 5, &Device::Cpu)?;
/// let (reference, side) = (policy.as_detached_tensor(), [0, 0, 1, 1, 1]);
/// let pairs = PairedLogProbabilities::of_tokens(&policy, Some(&reference), &[1.0; 5], &side, 1.0)?;
///
/// let objective = PreferenceObjective::default();
/// let loss = objective.loss(&pairs)?.mean_all()?;
/// assert!((loss.to_scalar::<f64>()? - 2_f64.ln()).abs() < 1e-9, "a policy that is its reference");
/// let upstream = loss.backward()?.get(&policy).expect("the loss depends on it").to_vec1::<f32>()?;
/// assert_eq!(upstream, [-0.05, -0.05, 0.05, 0.05, 0.05]); // β / 2 up and down
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PreferenceObjective {
    /// The losses, each with its weight.
    pub losses: Vec<(PreferenceLoss, f64)>,
    /// How much a ratio counts.
    pub beta: f64,
    /// The share of pairs that are thought to be the wrong way round.
    pub label_smoothing: f64,
    /// Which divergence from the reference is meant.
    pub divergence: Divergence,
    /// How much tokens count beyond the length that both sides have: `alpha` of
    /// [`PairedLogProbabilities::of_tokens`]. 1 changes nothing.
    pub length_desensitising: f64,
    /// Whether pairs count by how likely the policy would have written them, as in WPO.
    pub wpo: bool,
}

impl Default for PreferenceObjective {
    fn default() -> Self {
        Self {
            losses: vec![(PreferenceLoss::Sigmoid, 1.0)],
            beta: 0.1,
            label_smoothing: 0.0,
            divergence: Divergence::default(),
            length_desensitising: 1.0,
            wpo: false,
        }
    }
}

impl PreferenceObjective {
    /// An objective of one loss.
    #[must_use]
    pub fn of(loss: PreferenceLoss) -> Self {
        Self { losses: vec![(loss, 1.0)], ..Self::default() }
    }

    /// [ORPO](https://arxiv.org/abs/2403.07691): the likelihood of the chosen side, and `beta` times its odds.
    #[must_use]
    pub fn orpo(beta: f64) -> Self {
        Self { losses: vec![(PreferenceLoss::Sft, 1.0), (PreferenceLoss::Orpo, 1.0)], beta, ..Self::default() }
    }

    /// Whether the loss of a pair depends on the others of its batch.
    #[must_use]
    pub fn mixes_pairs(&self) -> bool {
        self.losses.iter().any(|(loss, _)| loss.mixes_pairs())
    }

    /// Whether some loss asks what the reference says.
    #[must_use]
    pub fn needs_reference(&self) -> bool {
        self.losses.iter().any(|(loss, _)| loss.needs_reference())
    }

    /// Says whether there is such an objective. A setting that no loss would look at is refused too.
    ///
    /// # Errors
    ///
    /// The first field that is wrong.
    pub fn check(&self) -> Result<(), TrainError> {
        if self.losses.is_empty() {
            return wrong("losses", "names none; `sigmoid` is plain DPO".to_owned());
        }
        if !(self.beta.is_finite() && self.beta > 0.0) {
            return wrong("beta", format!("is {}; it is above 0", self.beta));
        }
        for (loss, weight) in &self.losses {
            if !(weight.is_finite() && *weight > 0.0) {
                return wrong("losses", format!("{loss:?} has the weight {weight}; it is above 0"));
            }
            loss.check()?;
        }
        self.check_smoothing()?;
        self.check_divergence()?;
        if !(0.0..=1.0).contains(&self.length_desensitising) {
            return wrong("length_desensitising", format!("is {}; it is from 0 to 1", self.length_desensitising));
        }
        let sorts =
            |(loss, _): &(PreferenceLoss, f64)| matches!(loss, PreferenceLoss::Aot | PreferenceLoss::AotUnpaired);
        if self.wpo && self.losses.iter().any(sorts) {
            return wrong("wpo", "weighs pairs, and `aot` takes them apart".to_owned());
        }
        Ok(())
    }

    fn check_smoothing(&self) -> Result<(), TrainError> {
        let smoothing = self.label_smoothing;
        let has = |loss: PreferenceLoss| self.losses.iter().any(|(it, _)| *it == loss);
        if !(0.0..=0.5).contains(&smoothing) {
            return wrong("label_smoothing", format!("is {smoothing}; it is from 0 to 0.5"));
        }
        if smoothing == 0.0 && has(PreferenceLoss::ExoPair) {
            return wrong("label_smoothing", "is 0, and `exo_pair` divides by it".to_owned());
        }
        if smoothing == 0.5 && has(PreferenceLoss::Robust) {
            return wrong("label_smoothing", "is 0.5, and `robust` needs more right labels than wrong ones".to_owned());
        }
        if smoothing > 0.0 && !self.losses.iter().any(|(loss, _)| loss.smooths()) {
            return wrong(
                "label_smoothing",
                format!("is {smoothing}, and none of the losses looks at it; set it to 0"),
            );
        }
        Ok(())
    }

    fn check_divergence(&self) -> Result<(), TrainError> {
        if let Divergence::Alpha(alpha) = self.divergence
            && !alpha.is_finite()
        {
            return wrong("divergence", format!("has the alpha {alpha}; it is a number"));
        }
        if self.divergence == Divergence::ReverseKl {
            return Ok(());
        }
        let mut losses =
            self.losses.iter().map(|(loss, _)| *loss).filter(|loss| *loss != PreferenceLoss::Sft).peekable();
        if losses.peek().is_none() {
            return wrong("divergence", "is not reverse_kl, and `sft` does not look at it".to_owned());
        }
        match losses.find(|loss| !loss.has_divergence()) {
            None => Ok(()),
            Some(loss) => wrong("divergence", format!("is not reverse_kl, and {loss:?} knows no other")),
        }
    }

    /// The loss of each pair. Added up and divided by the pairs of the global batch it is the loss of the batch, however
    /// that is parted; but see [`mixes_pairs`](Self::mixes_pairs), and
    /// [`chosen_tokens_a_pair`](field@PairedLogProbabilities::chosen_tokens_a_pair) for the `sft` term.
    ///
    /// # Errors
    ///
    /// When a loss asks for a reference that there is not, when tensors differ in shape, or a side has no tokens.
    pub fn loss(&self, pairs: &PairedLogProbabilities) -> Result<Tensor, TrainError> {
        pairs.check()?;
        let weights = if self.wpo { Some(pairs.policy_weights()?) } else { None };
        let ratios = pairs.log_ratios()?;
        let mut sum = None;
        for (loss, weight) in &self.losses {
            let mut term = (self.term(*loss, pairs, ratios.as_ref())? * *weight)?;
            if let Some(weights) = weights.as_ref().filter(|_| *loss != PreferenceLoss::Sft) {
                term = (term * weights)?;
            }
            sum = Some(match sum {
                None => term,
                Some(sum) => (sum + term)?,
            });
        }
        sum.map_or_else(|| wrong("losses", "names none".to_owned()), Ok)
    }

    fn term(
        &self,
        loss: PreferenceLoss,
        pairs: &PairedLogProbabilities,
        ratios: Option<&Paired>,
    ) -> Result<Tensor, TrainError> {
        use PreferenceLoss as Loss;
        let (beta, smoothing, tokens) = (self.beta, self.label_smoothing, &pairs.tokens);
        let ratios = || ratios.map_or_else(|| no_reference(loss), Ok);
        let scores = || Ok::<_, TrainError>(self.divergence.scores(ratios()?)?);
        let reference = || pairs.reference.as_ref().map_or_else(|| no_reference(loss), Ok);
        let loss = match loss {
            Loss::Sigmoid => preference::sigmoid(&scores()?, beta, smoothing),
            Loss::Hinge => preference::hinge(&scores()?, beta),
            Loss::Ipo => preference::ipo(&scores()?, tokens, beta),
            Loss::ExoPair => preference::exo_pair(&scores()?, beta, smoothing),
            Loss::NcaPair => preference::nca_pair(ratios()?, beta),
            Loss::Robust => preference::robust(&scores()?, beta, smoothing),
            Loss::BcoPair => preference::bco_pair(ratios()?, beta),
            Loss::SppoHard => preference::sppo_hard(ratios()?, beta),
            Loss::Aot => preference::aot(&pairs.policy, reference()?, beta, smoothing),
            Loss::AotUnpaired => preference::aot_unpaired(ratios()?, beta, smoothing),
            Loss::ApoZero => preference::apo_zero(ratios()?, beta),
            Loss::ApoDown => preference::apo_down(ratios()?, beta),
            Loss::Discopop { tau } => preference::discopop(&scores()?, beta, tau),
            Loss::SigmoidNorm => preference::sigmoid_norm(&scores()?, tokens, beta),
            Loss::Sft => preference::sft(&pairs.plain_policy.chosen, pairs.mean_chosen_tokens()?),
            Loss::Simpo { gamma } => reference_free::simpo(&pairs.means()?, beta, gamma, smoothing),
            Loss::Orpo => reference_free::orpo(&pairs.means()?, beta),
            Loss::Kto { desirable, undesirable } => {
                kto(ratios()?, &pairs.distance(ratios()?)?, beta, [desirable, undesirable])
            }
        };
        Ok(loss?)
    }
}

impl PreferenceLoss {
    fn check(self) -> Result<(), TrainError> {
        let above = |name: &str, number: f64| {
            if number.is_finite() && number > 0.0 {
                return Ok(());
            }
            wrong("losses", format!("{name} is {number}; it is above 0"))
        };
        match self {
            Self::Discopop { tau } => above("tau", tau),
            Self::Simpo { gamma } if !gamma.is_finite() => wrong("losses", format!("gamma is {gamma}; it is a number")),
            Self::Kto { desirable, undesirable } => {
                above("desirable", desirable)?;
                above("undesirable", undesirable)
            }
            _ => Ok(()),
        }
    }
}

impl PairedLogProbabilities {
    /// How far the policy is from its reference, for `kto`.
    fn distance(&self, ratios: &Paired) -> candle_core::Result<Tensor> {
        match &self.mismatched {
            Some(mismatched) => kl_estimate(mismatched),
            None => kl_estimate(&Tensor::cat(&[&ratios.chosen, &ratios.rejected], 0)?),
        }
    }

    fn mean_chosen_tokens(&self) -> candle_core::Result<f64> {
        match self.chosen_tokens_a_pair {
            Some(count) => Ok(count),
            None => self.plain_tokens.chosen.to_dtype(candle_core::DType::F64)?.mean_all()?.to_scalar(),
        }
    }
}

fn no_reference<T>(loss: PreferenceLoss) -> Result<T, TrainError> {
    wrong("losses", format!("{loss:?} compares with a reference, and there is none"))
}

fn wrong<T>(field: &'static str, what: String) -> Result<T, TrainError> {
    Err(TrainError::Settings { field, what })
}
