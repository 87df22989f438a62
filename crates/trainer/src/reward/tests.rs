//! A head that scores learns what is better.

use candle_core::{Device, Var};
use offseeker_language_model::kernels::AdamW;
use offseeker_language_model::{Batch, Config, Gradients, Keep, Network, Pass, Weights};

use super::*;
use crate::losses::{Paired, bradley_terry};

/// Sequences of which the chosen one of each pair has token 7 somewhere and the rejected one has not, and their last rows.
fn pairs(seed: u64, count: usize) -> (Batch, Vec<usize>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut batch, mut last) = (Batch::new(), Vec::new());
    for side in 0..2 * count {
        let mut tokens: Vec<u32> = (0..6).map(|_| random.random_range(8..32)).collect();
        if side % 2 == 0 {
            tokens[random.random_range(0..6)] = 7;
        }
        batch.push(&tokens, &[false; 6]).unwrap();
        last.push(batch.rows() - 1);
    }
    (batch, last)
}

fn loss_and_gradient(scores: &[f32]) -> (f32, Vec<f32>) {
    let scores = Var::from_slice(scores, scores.len(), &Device::Cpu).unwrap();
    let loss = bradley_terry(&Paired::interleaved(&scores).unwrap(), 0.0).unwrap().mean_all().unwrap();
    let gradients = loss.backward().unwrap();
    (loss.to_scalar().unwrap(), gradients.get(&scores).unwrap().to_vec1().unwrap())
}

#[test]
fn a_network_with_a_head_learns_what_is_better() {
    let mut weights = Weights::from_seed(&Config::small(32, 16, 1, 2), 3).unwrap();
    let mut head = RewardHead::from_seed(16, 0.1, 4);
    let (mut pass, mut gradients) = (Pass::new(Keep::Everything), Gradients::of_weights(&weights));
    let zeros = |length| (vec![0.0; length], vec![0.0; length]);
    let (mut of_weights, mut of_head) = (zeros(weights.values().len()), zeros(16));
    let optimizer = AdamW { learning_rate: 2e-2, ..AdamW::default() };
    for step in 1..=60 {
        let (batch, last) = pairs(u64::from(step), 12);
        let network = Network::new(&weights);
        let hidden = network.hidden(&batch, &mut pass).unwrap().to_vec();
        let (_, d_scores) = loss_and_gradient(&head.scores(&hidden, &last));
        let (mut d_head, mut d_hidden) = (vec![0.0; 16], vec![0.0; hidden.len()]);
        head.backward(&d_scores, &hidden, &last, &mut d_head, &mut d_hidden);
        gradients.clear();
        network.hidden_backward(&mut pass, &d_hidden, &mut gradients).unwrap();
        let moments = (&mut of_weights.0[..], &mut of_weights.1[..]);
        optimizer.step(weights.values_mut(), gradients.values(), moments, step, 1.0);
        optimizer.step(head.weights_mut(), &d_head, (&mut of_head.0[..], &mut of_head.1[..]), step, 1.0);
    }
    let (batch, last) = pairs(9999, 100);
    let hidden = Network::new(&weights).hidden(&batch, &mut pass).unwrap().to_vec();
    let scores = head.scores(&hidden, &last);
    let right = scores.chunks(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(right >= 95, "{right} of 100 pairs that were not learnt");
    assert!(loss_and_gradient(&scores).0 < 0.2);
}

#[test]
fn gradients_of_a_head_are_those_of_differences() {
    let head = RewardHead::from_seed(3, 1.0, 1);
    let hidden = [0.5, -1.0, 2.0, 0.25, 0.75, -0.5];
    let loss = |head: &RewardHead, hidden: &[f32]| {
        let scores = head.scores(hidden, &[1, 0, 1]);
        scores[0] * 2.0 - scores[1] + 0.5 * scores[2]
    };
    let (mut d_weights, mut d_hidden) = ([1.0; 3], [0.0; 6]);
    head.backward(&[2.0, -1.0, 0.5], &hidden, &[1, 0, 1], &mut d_weights, &mut d_hidden);
    for (place, found) in d_weights.into_iter().enumerate() {
        let moved = |by: f32| {
            let mut head = head.clone();
            head.weights_mut()[place] += by;
            loss(&head, &hidden)
        };
        let expected = 1.0 + (moved(0.5) - moved(-0.5));
        assert!((found - expected).abs() < 1e-5, "gradients are added");
    }
    for (place, found) in d_hidden.into_iter().enumerate() {
        let moved = |by: f32| {
            let mut hidden = hidden;
            hidden[place] += by;
            loss(&head, &hidden)
        };
        assert!((found - (moved(0.5) - moved(-0.5))).abs() < 1e-5);
    }
}

#[test]
fn a_head_is_a_file_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("score.safetensors");
    let head = RewardHead::from_seed(5, 0.02, 2);
    head.write(&file).unwrap();
    assert_eq!(RewardHead::read(&file, 5).unwrap(), head);
    let said = RewardHead::read(&file, 6).unwrap_err().to_string();
    assert!(said.contains("`score.weight` is F32 [1, 5]; it must be F32 [1, 6]"), "{said}");
    std::fs::write(&file, b"nothing").unwrap();
    assert!(matches!(RewardHead::read(&file, 5), Err(TrainError::Damaged { .. })));
    assert!(matches!(RewardHead::read(&folder.path().join("none"), 5), Err(TrainError::Io { .. })));
    let mut broken = head;
    broken.weights_mut()[3] = f32::NAN;
    broken.write(&file).unwrap();
    assert!(RewardHead::read(&file, 5).unwrap_err().to_string().contains("NaN at place 3"));
}
