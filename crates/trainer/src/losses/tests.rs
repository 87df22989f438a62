//! Losses have the values of the published formulas, and the gradients of finite differences.

use candle_core::{DType, Device, Tensor, Var};
use proptest::prelude::*;

use super::*;

const DEVICE: Device = Device::Cpu;

fn row(numbers: &[f64]) -> Tensor {
    Tensor::from_slice(numbers, numbers.len(), &DEVICE).unwrap()
}

fn paired(chosen: &[f64], rejected: &[f64]) -> Paired {
    Paired { chosen: row(chosen), rejected: row(rejected) }
}

/// Pairs whose reference says 0 everywhere, so that ratios are what is given.
fn pairs(ratios: Paired, tokens: Paired) -> PairedLogProbabilities {
    let zeros = |like: &Tensor| like.zeros_like().unwrap();
    PairedLogProbabilities {
        reference: Some(Paired { chosen: zeros(&ratios.chosen), rejected: zeros(&ratios.rejected) }),
        plain_policy: ratios.clone(),
        policy: ratios,
        plain_tokens: tokens.clone(),
        tokens,
        chosen_tokens_a_pair: None,
        mismatched: None,
    }
}

fn mean(loss: &Tensor) -> f64 {
    loss.mean_all().unwrap().to_scalar().unwrap()
}

const KTO: PreferenceLoss = PreferenceLoss::Kto { desirable: 1.0, undesirable: 1.0 };

#[test]
#[allow(clippy::approx_constant, reason = "the table is what others work out, to six places")]
fn losses_have_the_values_of_the_published_formulas() {
    use PreferenceLoss as Loss;
    // At d_c = d_r = 0, and at d_c = 1.5, d_r = -0.5 with 10 and 20 tokens; β is 0.1.
    let table = [
        (Loss::Sigmoid, 0.0, 0.693_147, 0.598_139),
        (Loss::Hinge, 0.0, 1.0, 0.8),
        (Loss::Ipo, 0.0, 25.0, 23.280_625),
        (Loss::ExoPair, 0.1, 0.510_826, 0.406_304),
        (Loss::NcaPair, 0.0, 1.386_294, 1.340_665),
        (Loss::Robust, 0.1, 0.693_147, 0.573_139),
        (Loss::BcoPair, 0.0, 1.386_294, 1.289_417),
        (Loss::SppoHard, 0.0, 50.0, 32.5),
        (Loss::Aot, 0.1, 0.693_147, 0.618_139),
        (Loss::AotUnpaired, 0.1, 0.693_147, 0.618_139),
        (Loss::ApoZero, 0.0, 1.0, 0.950_073),
        (Loss::ApoDown, 0.0, 1.0, 0.987_596),
        (Loss::Discopop { tau: 0.05 }, 0.0, 0.846_574, 0.814_763),
        (Loss::SigmoidNorm, 0.0, 0.693_147, 0.684_435),
        // cDPO by the formula of `aot`, which a batch of one pair is.
        (Loss::Sigmoid, 0.1, 0.693_147, 0.618_139),
        // By hand: -Σ log π(y_c) / n_c.
        (Loss::Sft, 0.0, 0.0, -0.15),
        // By hand: z is 0 and 0.5; 2 - S(0.1) - S(0.1).
        (KTO, 0.0, 1.0, 0.950_042),
    ];
    for (loss, label_smoothing, at_start, later) in table {
        let objective = PreferenceObjective { label_smoothing, ..PreferenceObjective::of(loss) };
        objective.check().unwrap();
        for (ratios, expected) in [(paired(&[0.0], &[0.0]), at_start), (paired(&[1.5], &[-0.5]), later)] {
            let found = mean(&objective.loss(&pairs(ratios, paired(&[10.0], &[20.0]))).unwrap());
            assert!((found - expected).abs() < 1e-6, "{loss:?}: {found} for {expected}");
        }
    }
}

#[test]
fn losses_without_a_reference_have_the_values_of_their_formulas() {
    let sides = |chosen, rejected| PairedLogProbabilities {
        reference: None,
        ..pairs(paired(&[chosen], &[rejected]), paired(&[10.0], &[20.0]))
    };
    let simpo = PreferenceObjective { beta: 2.0, ..PreferenceObjective::of(PreferenceLoss::Simpo { gamma: 0.5 }) };
    // Means -0.5 and -1: -log S(2 · 0.5 - 0.5) = log(1 + exp(-0.5)).
    let found = mean(&simpo.loss(&sides(-5.0, -20.0)).unwrap());
    assert!((found - (1.0 + (-0.5_f64).exp()).ln()).abs() < 1e-9);
    // Odds of exp(-0.5) and of exp(-1) over each other: S of their logarithm is o_c / (o_c + o_r).
    let odds = |mean: f64| mean.exp() / (1.0 - mean.exp());
    let expected = 0.5 - 0.1 * (odds(-0.5) / (odds(-0.5) + odds(-1.0))).ln();
    assert!((mean(&PreferenceObjective::orpo(0.1).loss(&sides(-5.0, -20.0)).unwrap()) - expected).abs() < 1e-9);
    assert!(mean(&PreferenceObjective::orpo(0.1).loss(&sides(0.0, 0.0)).unwrap()).is_finite());

    let refused = PreferenceObjective::default().loss(&sides(-5.0, -20.0)).unwrap_err();
    assert_eq!(refused.to_string(), "losses: Sigmoid compares with a reference, and there is none");
}

#[test]
fn sorted_losses_take_pairs_apart() {
    // Differences -3 and 4 against 0: sorted policies -3, 4; sorted reference 0, 1.
    let policy = paired(&[0.0, 5.0], &[-4.0, 8.0]);
    let loss = aot(&policy, &paired(&[1.0, 0.0], &[0.0, 0.0]), 0.1, 0.0).unwrap();
    let expected = [(0.3_f64.exp() + 1.0).ln(), ((-0.3_f64).exp() + 1.0).ln()];
    for (found, expected) in loss.to_vec1::<f64>().unwrap().into_iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9);
    }
    // The order of pairs makes no difference, nor of rejected sides among themselves.
    let other = aot_unpaired(&paired(&[5.0, 0.0], &[-4.0, 8.0]), 0.1, 0.0).unwrap();
    assert_eq!(mean(&other), mean(&aot_unpaired(&policy, 0.1, 0.0).unwrap()));
}

#[test]
fn the_logistic_function_is_sound_far_out() {
    let x = Var::from_tensor(&row(&[-1e4, -800.0, -30.0, 0.0, 30.0, 800.0, 1e4])).unwrap();
    let log = log_sigmoid(&x).unwrap();
    let [found, slope] = [log.to_vec1::<f64>().unwrap(), gradient(&log, &x)];
    assert_eq!(found[..2], [-1e4, -800.0]);
    assert_eq!(found[5..], [0.0, 0.0]);
    assert_eq!((found[3], slope[3]), (0.5_f64.ln(), 0.5));
    assert_eq!((slope[0], slope[6]), (1.0, 0.0));
    for (found, x) in [(found[2], -30.0_f64), (found[4], 30.0)] {
        assert!((found + (-x).exp().ln_1p()).abs() < 1e-12, "{found}");
    }
    let x = Var::from_vec(vec![-1e4_f32, 0.0, 1e4], 3, &DEVICE).unwrap();
    let slope = logistic(&x).unwrap().sum_all().unwrap().backward().unwrap();
    assert_eq!(slope.get(&x).unwrap().to_vec1::<f32>().unwrap(), [0.0, 0.25, 0.0]);
}

fn gradient(loss: &Tensor, of: &Var) -> Vec<f64> {
    let gradients = loss.sum_all().unwrap().backward().unwrap();
    gradients.get(of).map_or_else(|| vec![0.0; of.elem_count()], |it| it.to_vec1().unwrap())
}

/// Compares the gradient of a function of a row with differences of its values.
fn check_gradient(name: &str, at: &[f64], of: impl Fn(&Tensor) -> Tensor) {
    let var = Var::from_tensor(&row(at)).unwrap();
    let found = gradient(&of(&var), &var);
    for place in 0..at.len() {
        let value = |by: f64| {
            let mut moved = at.to_vec();
            moved[place] += by;
            of(&row(&moved)).sum_all().unwrap().to_scalar::<f64>().unwrap()
        };
        let expected = (value(1e-5) - value(-1e-5)) / 2e-5;
        let error = (found[place] - expected).abs() / (1.0 + expected.abs());
        assert!(error < 1e-5, "{name} at place {place} of {at:?}: {} for {expected}", found[place]);
    }
}

fn every_loss() -> Vec<PreferenceLoss> {
    use PreferenceLoss as Loss;
    let mut all = vec![Loss::Sigmoid, Loss::Hinge, Loss::Ipo, Loss::ExoPair, Loss::NcaPair, Loss::Robust];
    all.extend([Loss::BcoPair, Loss::SppoHard, Loss::Aot, Loss::AotUnpaired, Loss::ApoZero, Loss::ApoDown]);
    all.extend([Loss::Discopop { tau: 0.5 }, Loss::SigmoidNorm, Loss::Sft, Loss::Simpo { gamma: 0.5 }, Loss::Orpo]);
    all.push(Loss::Kto { desirable: 1.5, undesirable: 0.5 });
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gradients_are_those_of_differences(
        policy in prop::collection::vec(-2.0..-0.3_f64, 6),
        reference in prop::collection::vec(-2.0..-0.3_f64, 6),
        weights in prop::collection::vec(0.2..1.0_f32, 6),
        beta in 0.05..0.7_f64,
        divergence in prop::sample::select(vec![
            Divergence::ReverseKl, Divergence::ForwardKl, Divergence::JensenShannon, Divergence::Alpha(0.5),
            Divergence::Alpha(1.0),
        ]),
    ) {
        // Two pairs of four sequences; the second and the last have two tokens.
        let side = [0, 1, 1, 2, 3, 3];
        for loss in every_loss() {
            let objective = PreferenceObjective { beta, label_smoothing: 0.2, divergence, ..PreferenceObjective::of(loss) };
            check_gradient(&format!("{objective:?}"), &policy, |policy| {
                let reference = row(&reference);
                let mut pairs =
                    PairedLogProbabilities::of_tokens(policy, Some(&reference), &weights, &side, 0.4).unwrap();
                // The distance that `kto` measures by is a constant to the gradient.
                pairs.mismatched = Some(row(&[0.3, -0.1]));
                objective.loss(&pairs).unwrap()
            });
        }
    }

    #[test]
    fn gradients_of_token_losses_are_those_of_differences(
        at in prop::collection::vec(-5.0..-0.01_f64, 4), margin in -1.0..1.0_f64,
    ) {
        let weights = row(&[0.5, 1.0, 0.0, 2.0]);
        check_gradient("nll", &at, |x| token_nll(x, &weights, 3.5).unwrap());
        check_gradient("sums", &at, |x| {
            sums(x, &weights, &[1, 0, 0, 1], 3).unwrap().broadcast_mul(&row(&[1.0, -2.0, 5.0])).unwrap().sqr().unwrap()
        });
        check_gradient("bradley-terry", &at, |x| {
            bradley_terry(&Paired::interleaved(x).unwrap(), margin).unwrap()
        });
        check_gradient("desirable", &at, |x| kto_desirable(x, &row(&[0.1]), 0.3).unwrap());
        check_gradient("undesirable", &at, |x| kto_undesirable(x, &row(&[0.1]), 0.3).unwrap());
    }

    #[test]
    fn parts_of_a_batch_add_up_to_the_whole(
        policy in prop::collection::vec(-9.0..-0.3_f64, 8),
        reference in prop::collection::vec(-9.0..-0.3_f64, 8),
    ) {
        let side = [0, 1, 1, 2, 2, 2, 3, 3];
        for loss in every_loss().into_iter().filter(|loss| !loss.mixes_pairs()) {
            let objective = PreferenceObjective { label_smoothing: 0.2, ..PreferenceObjective::of(loss) };
            let sum = |range: std::ops::Range<usize>| {
                let side: Vec<u32> = side[range.clone()].iter().map(|it| it - side[range.start]).collect();
                let (policy, reference) = (row(&policy[range.clone()]), row(&reference[range.clone()]));
                let weights = vec![1.0; range.len()];
                let mut pairs =
                    PairedLogProbabilities::of_tokens(&policy, Some(&reference), &weights, &side, 1.0).unwrap();
                pairs.chosen_tokens_a_pair = Some(2.0);
                objective.loss(&pairs).unwrap().sum_all().unwrap().to_scalar::<f64>().unwrap()
            };
            prop_assert!((sum(0..8) - sum(0..3) - sum(3..8)).abs() < 1e-9);
        }
    }
}

#[test]
fn tokens_learn_by_their_weight_and_belief() {
    let log = Var::from_vec(vec![-1.0_f32, -2.0, -0.5], 3, &DEVICE).unwrap();
    let weights = row(&[1.0, 0.0, 3.0]);
    let nll = token_nll(&log, &weights, 4.0).unwrap();
    assert!((nll.to_scalar::<f64>().unwrap() - 2.5 / 4.0).abs() < 1e-9);
    let of = |loss: &Tensor| loss.backward().unwrap().get(&log).unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(of(&nll), [-0.25, 0.0, -0.75]);
    let dft = dft(&log, &weights, 4.0).unwrap();
    let expected = ((-1.0_f64).exp() + 1.5 * (-0.5_f64).exp()) / 4.0;
    assert!((dft.to_scalar::<f64>().unwrap() - expected).abs() < 1e-7);
    for (found, expected) in of(&dft).into_iter().zip([-(-1.0_f32).exp() / 4.0, 0.0, -0.75 * (-0.5_f32).exp()]) {
        assert!((found - expected).abs() < 1e-6, "the belief has no gradient");
    }
}

#[test]
fn a_sum_over_many_tokens_is_exact() {
    let log = Tensor::full(-0.1_f32, 200_000, &DEVICE).unwrap();
    let sum = sums(&log, &log.ones_like().unwrap(), &vec![0; 200_000], 1).unwrap();
    assert_eq!(sum.dtype(), DType::F64);
    assert!((sum.to_vec1::<f64>().unwrap()[0] + 200_000.0 * f64::from(0.1_f32)).abs() < 1e-6);
    assert!(sums(&log, &log, &vec![7; 200_000], 1).is_err(), "there is no sequence 7");
}

#[test]
fn tokens_beyond_the_shared_length_count_less() {
    let check = |weights: &[f32], side: &[u32], expected: &[f32]| {
        assert_eq!(length_desensitised(weights, side, 0.5), expected);
    };
    check(&[1.0; 5], &[0, 0, 1, 1, 1], &[1.0, 1.0, 1.0, 1.0, 0.5]);
    check(&[1.0, 2.0, 2.0, 0.0, 1.0], &[0, 0, 0, 1, 1], &[1.0, 1.0, 1.0, 0.0, 1.0]);
    check(&[1.0; 4], &[2, 3, 3, 1], &[1.0, 1.0, 0.5, 0.5]);
    check(&[], &[], &[]);
}

#[test]
fn likely_pairs_count_more() {
    let sides = pairs(paired(&[-10.0, -1.0], &[-20.0, -2.0]), paired(&[10.0, 10.0], &[10.0, 10.0]));
    let plain = PreferenceObjective::default().loss(&sides).unwrap().to_vec1::<f64>().unwrap();
    let objective = PreferenceObjective { wpo: true, ..PreferenceObjective::default() };
    let weighted = objective.loss(&sides).unwrap().to_vec1::<f64>().unwrap();
    for ((plain, weighted), weight) in plain.into_iter().zip(weighted).zip([(-3.0_f64).exp(), (-0.3_f64).exp()]) {
        assert!((weighted - plain * weight).abs() < 1e-12);
    }
}

#[test]
fn the_distance_of_kto_is_that_of_other_answers_where_they_are_given() {
    let mut sides = pairs(paired(&[1.5], &[-0.5]), paired(&[1.0], &[1.0]));
    let objective = PreferenceObjective::of(KTO);
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let expected = |z: f64| 2.0 - logistic(0.1 * (1.5 - z)) - logistic(0.1 * (z + 0.5));
    assert!((mean(&objective.loss(&sides).unwrap()) - expected(0.5)).abs() < 1e-9);
    for (mismatched, z) in [(0.2, 0.2), (-3.0, 0.0)] {
        sides.mismatched = Some(row(&[mismatched]));
        assert!((mean(&objective.loss(&sides).unwrap()) - expected(z)).abs() < 1e-9);
    }
}

#[test]
fn rewards_are_ratios_or_means() {
    let mut sides = pairs(paired(&[-10.0], &[-30.0]), paired(&[5.0], &[10.0]));
    let check = |sides: &PairedLogProbabilities, chosen: f64, rejected: f64| {
        let [reward] = sides.rewards(0.5).unwrap()[..] else { panic!("there is one pair") };
        assert_eq!((reward.chosen, reward.rejected), (chosen, rejected));
        assert_eq!((reward.chosen_log_probability, reward.rejected_log_probability), (-10.0, -30.0));
    };
    check(&sides, -5.0, -15.0);
    sides.reference = Some(paired(&[-8.0], &[-40.0]));
    check(&sides, -1.0, 5.0);
    sides.reference = None;
    check(&sides, -1.0, -1.5);
}

#[test]
fn divergences_score_ratios() {
    let table = [
        (Divergence::ReverseKl, 0.7, 0.7),
        (Divergence::ForwardKl, 0.7, 1.0 - (-0.7_f64).exp()),
        (Divergence::JensenShannon, 0.7, 2_f64.ln() - ((-0.7_f64).exp() + 1.0).ln()),
        (Divergence::Alpha(0.5), 0.7, 2.0 - 2.0 * (-0.35_f64).exp()),
        (Divergence::Alpha(1.0), 0.7, 0.7),
        (Divergence::ForwardKl, -1e6, -80_f64.exp()),
        (Divergence::Alpha(2.0), 1e6, 80_f64.exp()),
    ];
    for (divergence, ratio, expected) in table {
        let found = divergence.score(&row(&[ratio])).unwrap().to_vec1::<f64>().unwrap()[0];
        assert!((found / expected - 1.0).abs() < 1e-9, "{divergence:?}: {found} for {expected}");
        let start = divergence.score(&row(&[0.0])).unwrap().to_vec1::<f64>().unwrap()[0];
        assert!(start.abs() < 1e-15, "a policy that is its reference");
    }
}

#[test]
fn a_side_without_tokens_is_told() {
    let log = row(&[-1.0, -1.0]);
    let refused = PairedLogProbabilities::of_tokens(&log, None, &[1.0, 0.0], &[0, 1], 1.0).unwrap_err().to_string();
    assert!(refused.contains("pair 0 of the batch has no token to learn on its rejected side"), "{refused}");
}

#[test]
fn objectives_are_json_and_are_checked() {
    let parse = |text: &str| serde_json::from_str::<PreferenceObjective>(text);
    let objective =
        parse(r#"{"losses": [["sigmoid", 1.0], ["sft", 0.2], [{"simpo": {}}, 1.0]], "beta": 0.3}"#).unwrap();
    assert_eq!(objective.losses[2].0, PreferenceLoss::Simpo { gamma: 0.5 });
    let written = serde_json::to_string(&objective).unwrap();
    assert_eq!(parse(&written).unwrap(), objective);
    assert_eq!(parse("{}").unwrap(), PreferenceObjective::default());
    assert!(parse(r#"{"betta": 1}"#).is_err());

    let wrong = [
        (r#"{"losses": []}"#, "losses"),
        (r#"{"losses": [["sigmoid", 0]]}"#, "losses"),
        (r#"{"losses": [[{"discopop": {"tau": 0}}, 1]]}"#, "losses"),
        (r#"{"beta": 0}"#, "beta"),
        (r#"{"label_smoothing": 0.6}"#, "label_smoothing"),
        (r#"{"losses": [["exo_pair", 1]]}"#, "label_smoothing"),
        (r#"{"losses": [["robust", 1]], "label_smoothing": 0.5}"#, "label_smoothing"),
        (r#"{"losses": [["ipo", 1]], "label_smoothing": 0.1}"#, "label_smoothing"),
        (r#"{"losses": [["orpo", 1]], "divergence": "forward_kl"}"#, "divergence"),
        (r#"{"losses": [["sft", 1]], "divergence": "forward_kl"}"#, "divergence"),
        (r#"{"losses": [["sigmoid", 1], ["apo_zero", 1]], "divergence": {"alpha": 0.5}}"#, "divergence"),
        (r#"{"length_desensitising": 1.5}"#, "length_desensitising"),
        (r#"{"losses": [["aot", 1]], "wpo": true}"#, "wpo"),
    ];
    for (text, field) in wrong {
        let said = parse(text).unwrap().check().unwrap_err().to_string();
        assert!(said.starts_with(&format!("{field}: ")), "{text}: {said}");
    }
    parse(r#"{"losses": [["ipo", 1], ["sft", 1]], "divergence": "jensen_shannon"}"#).unwrap().check().unwrap();
    objective.check().unwrap();
    assert!(objective.needs_reference() && !objective.mixes_pairs());
    assert!(!PreferenceObjective::orpo(0.1).needs_reference());
    assert!(PreferenceObjective::of(KTO).mixes_pairs());
}
