//! The head, the embedding and the step of the optimiser against the formula.

use super::*;

const WIDTH: usize = 5;

fn naive(hidden: &[f64], head: &[f64], choices: &[Choice]) -> Vec<f64> {
    let of = |choice: &Choice| {
        let row = &hidden[choice.row * WIDTH..(choice.row + 1) * WIDTH];
        let logit = |token: &[f64]| row.iter().zip(token).map(|(x, y)| x * y).sum::<f64>();
        let logits: Vec<f64> = head.chunks_exact(WIDTH).map(logit).collect();
        logits[choice.token as usize] - logits.iter().map(|x| x.exp()).sum::<f64>().ln()
    };
    choices.iter().map(of).collect()
}

#[test]
fn log_probabilities_and_their_gradients_agree_with_the_formula() {
    for (rows, tokens, chosen) in [(1, 2, 1), (6, 11, 4), (700, 3, 650), (4, 9, 0)] {
        let (hidden, head) = (numbers(rows * WIDTH, 1), numbers(tokens * WIDTH, 2));
        let choices: Vec<Choice> =
            (0..chosen).map(|n| Choice { row: n * 7 % rows, token: (n * 5 % tokens) as u32 }).collect();
        let (mut out, mut log_sums) = (vec![0.0; chosen], vec![0.0; chosen]);
        let of = Head { weight: &head, width: WIDTH, tokens };
        let scratch = &mut HeadScratch::default();
        log_probabilities(&mut out, &mut log_sums, &hidden, of, &choices, scratch);
        agree("log-probabilities", &out, &naive(&wide(&hidden), &wide(&head), &choices), 1e-6);
        let mut upstream = numbers(chosen, 3);
        upstream.iter_mut().step_by(3).for_each(|weight| *weight = 0.0);
        let (mut d_hidden, mut d_head) = (vec![0.0; hidden.len()], vec![0.0; head.len()]);
        let gradients = HeadGradients { hidden: &mut d_hidden, weight: Some(&mut d_head) };
        log_probabilities_backward(gradients, (&upstream, &log_sums), &hidden, of, &choices, scratch);
        let (mut at_once, mut by_hidden, mut by_head) = (out.clone(), vec![0.0; hidden.len()], vec![0.0; head.len()]);
        at_once.fill(9.0);
        let gradients = HeadGradients { hidden: &mut by_hidden, weight: Some(&mut by_head) };
        log_probabilities_and_gradients(&mut at_once, gradients, &upstream, &hidden, of, &choices, scratch);
        assert_eq!(at_once, out);
        agree("at once, d_hidden", &by_hidden, &wide(&d_hidden), 1e-6);
        agree("at once, d_head", &by_head, &wide(&d_head), 1e-6);
        let checked = hidden.len().min(60);
        let whole = |changed: &[f64]| [changed, &wide(&hidden[changed.len()..])].concat();
        let by_hidden =
            differences(&wide(&hidden[..checked]), |x| inner(&naive(&whole(x), &wide(&head), &choices), &upstream));
        let by_head = differences(&wide(&head), |head| inner(&naive(&wide(&hidden), head, &choices), &upstream));
        agree("d_hidden", &d_hidden[..checked], &by_hidden, 1e-5);
        agree("d_head", &d_head, &by_head, 1e-5);
    }
}

#[test]
fn rows_come_from_their_tokens_and_gradients_go_back_to_them() {
    let table = numbers(4 * 3, 1);
    let mut out = vec![0.0; 9];
    gather(&mut out, &table, &[2, 0, 2], 3);
    assert_eq!(out, [&table[6..9], &table[..3], &table[6..9]].concat());
    let mut sums = vec![1.0; 12];
    scatter_add(&mut sums, &[1., 2., 3., 4., 5., 6., 7., 8., 9.], &[2, 0, 2], 3);
    assert_eq!(sums, [5., 6., 7., 1., 1., 1., 9., 11., 13., 1., 1., 1.]);
}

#[test]
fn steps_of_the_optimiser_are_those_worked_by_hand() {
    let adamw = AdamW { learning_rate: 0.1, weight_decay: 0.5, ..AdamW::default() };
    let (mut weights, mut first, mut second) = (vec![1.0, -2.0], vec![0.0; 2], vec![0.0; 2]);
    // The first step goes by the learning rate against the sign of the gradient, after the decay by a twentieth.
    adamw.step(&mut weights, &[4.0, -0.5], (&mut first, &mut second), 1, 0.5);
    agree("first", &weights, &[0.85, -1.8], 1e-6);
    agree("moments", &[&first[..], &second].concat(), &[0.2, -0.025, 0.004, 6.25e-5], 1e-6);
    adamw.step(&mut weights, &[0.0, 0.0], (&mut first, &mut second), 2, 1.0);
    // 0.18 / 0.19 over the root of 0.003996 / 0.001999.
    agree("second", &weights, &[0.740_494, -1.642_994], 1e-5);
}
