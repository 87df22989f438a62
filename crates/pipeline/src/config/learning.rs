//! How the student learns.

use offseeker_curation::{CutRules, PairRules, stage::Correctness};
use offseeker_trainer::losses::{PreferenceLoss, PreferenceObjective};
use offseeker_trainer::schedule::{Schedule, Warmup};
use offseeker_trainer::{AdamW, Batching, Dpo, Length, Order, PerStep, Sft, TokenLoss, Training};

use super::section::section;

section! {
    /// Fine-tuning on attempts that passed the filter.
    SftConfig {
        /// Under how many other names each attempt is learnt from, where names can be permuted; with nought under its own.
        renamings: u64 = 5,
        /// The same for what comes before the others.
        opening_renamings: u64 = 2,
        /// The share of the attempts at questions of one page that come first: names are learnt to be copied on them.
        opening: f64 = 0.87,
        /// The share of the attempts at longer questions that describe nothing, which come second.
        chains: f64 = 0.6,
        /// What names and the order are drawn from.
        seed: u64 = 1,
        /// How many times the data are gone through.
        epochs: u64 = 1,
        /// How many attempts a step learns from.
        per_step: usize = 8,
        /// How many tokens go through the network at once: memory and speed alone.
        tokens_at_once: usize = 4_096,
        /// Attempts with more tokens are left out.
        longest: usize = 768,
        /// The learning rate at its highest.
        rate: f64 = 1e-3,
        /// The share of it that is left at the end, along a cosine.
        floor: f64 = 0.05,
        /// How many steps it goes up for.
        warmup: u64 = 50,
        /// How long the optimiser remembers squares.
        beta2: f64 = 0.98,
        /// How much weights decay.
        weight_decay: f64 = 0.05,
        /// The norm that the gradients of a step have at most.
        clip: f64 = 1.0,
        /// How many steps lie between two checkpoints.
        checkpoint: u64 = 250,
    }
}

impl SftConfig {
    /// As the trainer takes them.
    #[must_use]
    pub fn settings(&self) -> Sft {
        let training = Training {
            length: Length::Epochs(self.epochs),
            batching: batching(self.per_step, Order::AsGiven, self.tokens_at_once),
            schedule: Schedule {
                warmup: Warmup::Steps(self.warmup),
                ..Schedule::cosine(self.rate, self.rate * self.floor)
            },
            optimiser: AdamW { beta2: self.beta2, weight_decay: self.weight_decay, ..AdamW::default() },
            clip: Some(self.clip),
            seed: self.seed,
            average: None,
        };
        Sft { loss: TokenLoss::Nll, training }
    }
}

section! {
    /// Which pairs are made of the student's attempts.
    PairsConfig {
        /// Whether the better attempt has to have checked what the question describes: else lucky guesses are preferred.
        verified: bool = true,
        /// The fewest scored attempts at a question.
        least_attempts: usize = 4,
        /// How many of the best and of the worst attempts at a question are paired.
        each_side: usize = 2,
        /// Under how many other names each pair is learnt from, where names can be permuted; with nought under its own.
        renamings: u64 = 4,
        /// How much better the better one has to be.
        least_margin: f64 = 0.2,
        /// How many times as long one may be as the other.
        most_ratio: f64 = 4.0,
    }
}

impl PairsConfig {
    /// As curation takes them.
    #[must_use]
    pub fn rules(&self, graders: Vec<String>) -> PairRules {
        let votes = graders.len() as u32;
        PairRules {
            graders: Correctness { graders, votes, keep_wrong: false },
            least_attempts: self.least_attempts,
            each_side: self.each_side,
            least_margin: self.least_margin,
            most_ratio: self.most_ratio,
            cut: CutRules { without_requests_for_more: true, ..CutRules::default() },
            ..PairRules::default()
        }
    }
}

section! {
    /// Preference: the better attempt of each pair becomes likelier.
    DpoConfig {
        /// How much a ratio counts.
        beta: f64 = 0.3,
        /// How much the likelihood of the better side counts beside the preference, by the token.
        likelihood: f64 = 50.0,
        /// How many times the pairs are gone through.
        epochs: u64 = 1,
        /// How many pairs a step learns from.
        per_step: usize = 8,
        /// How many tokens go through the network at once: memory and speed alone.
        tokens_at_once: usize = 4_096,
        /// Pairs with more tokens on a side are left out.
        longest: usize = 4_096,
        /// The learning rate at its highest.
        rate: f64 = 3e-5,
        /// The share of it that is left at the end, along a cosine.
        floor: f64 = 0.05,
        /// The share of the steps for which it goes up.
        warmup: f64 = 0.1,
        /// How long the optimiser remembers squares.
        beta2: f64 = 0.98,
        /// How much weights decay.
        weight_decay: f64 = 0.0,
        /// The norm that the gradients of a step have at most.
        clip: f64 = 1.0,
        /// What the order is drawn from.
        seed: u64 = 1,
        /// How many steps lie between two checkpoints.
        checkpoint: u64 = 20,
    }
}

impl DpoConfig {
    /// As the trainer takes them. `rendering` says how dialogues became tokens.
    #[must_use]
    pub fn settings(&self, rendering: String) -> Dpo {
        let mut losses = vec![(PreferenceLoss::Sigmoid, 1.0)];
        losses.extend((self.likelihood > 0.0).then_some((PreferenceLoss::Sft, self.likelihood)));
        let training = Training {
            length: Length::Epochs(self.epochs),
            batching: batching(self.per_step, Order::Shuffled, self.tokens_at_once),
            schedule: Schedule {
                warmup: Warmup::Ratio(self.warmup),
                ..Schedule::cosine(self.rate, self.rate * self.floor)
            },
            optimiser: AdamW { beta2: self.beta2, weight_decay: self.weight_decay, ..AdamW::default() },
            clip: Some(self.clip),
            seed: self.seed,
            average: None,
        };
        let objective = PreferenceObjective { losses, beta: self.beta, ..PreferenceObjective::default() };
        Dpo { objective, training, rendering }
    }
}

fn batching(per_step: usize, order: Order, tokens_at_once: usize) -> Batching {
    Batching { per_step: PerStep::Sequences(per_step), order, tokens_at_once }
}
