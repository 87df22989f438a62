//! Every item comes once an epoch, packs fit, and the plan is a function of its settings.

use proptest::prelude::*;

use super::*;

fn plan(lengths: &[usize], per_step: PerStep, order: Order, tokens_at_once: usize) -> Plan {
    Plan::new(lengths.to_vec(), &Batching { per_step, order, tokens_at_once }, 42).unwrap()
}

#[test]
fn packs_are_the_best_fit() {
    let per_step = PerStep::Packs { count: 1, tokens: 10 };
    // 7 and 3, 6 and 4, 5: the three goes where it fills a pack.
    let mut plan = plan(&[3, 5, 7, 4, 6], per_step, Order::ByLength, 100);
    let steps: Vec<_> = (0..3).map(|step| plan.step(step).concat()).collect();
    assert_eq!(steps, [vec![2, 0], vec![4, 3], vec![1]]);
}

#[test]
fn what_goes_at_once_has_its_measure() {
    let mut plan = plan(&[3, 5, 7, 4, 60], PerStep::Sequences(5), Order::AsGiven, 10);
    assert_eq!(plan.step(0), [vec![0, 1], vec![2], vec![3], vec![4]]);
}

#[test]
fn settings_without_sense_are_refused() {
    let refused = |lengths: &[usize], per_step| {
        let batching = Batching { per_step, ..Batching::default() };
        Plan::new(lengths.to_vec(), &batching, 0).unwrap_err().to_string()
    };
    assert_eq!(refused(&[1], PerStep::Sequences(0)), "batching.per_step: 0; a step learns from something");
    assert_eq!(
        refused(&[4, 11], PerStep::Packs { count: 2, tokens: 10 }),
        "batching.per_step.packs.tokens: 10, and item 2 has 11 tokens; set a cutoff, or larger packs"
    );
}

fn per_step() -> impl Strategy<Value = PerStep> {
    prop_oneof![
        (1..9_usize).prop_map(PerStep::Sequences),
        (1..4_usize, 50..90_usize).prop_map(|(count, tokens)| PerStep::Packs { count, tokens }),
    ]
}

proptest! {
    #[test]
    fn every_item_comes_once_an_epoch(
        lengths in prop::collection::vec(1..50_usize, 1..80),
        per_step in per_step(),
        order in prop::sample::select(vec![Order::Shuffled, Order::AsGiven, Order::ByLength]),
        at_once in 1..200_usize,
    ) {
        let mut first = plan(&lengths, per_step, order, at_once);
        let per_epoch = first.steps_per_epoch();
        let mut epochs = Vec::new();
        for epoch in 0..3 {
            let steps: Vec<_> = (epoch * per_epoch..(epoch + 1) * per_epoch).map(|step| first.step(step)).collect();
            let mut items = steps.concat().concat();
            items.sort_unstable();
            prop_assert_eq!(items, (0..lengths.len()).collect::<Vec<_>>());
            for groups in &steps {
                for group in groups {
                    let tokens: usize = group.iter().map(|item| lengths[*item]).sum();
                    prop_assert!(tokens <= at_once || group.len() == 1);
                }
                let (items, tokens) = (groups.concat().len(), groups.concat().iter().map(|item| lengths[*item]).sum::<usize>());
                match per_step {
                    PerStep::Sequences(count) => prop_assert!(items <= count),
                    PerStep::Packs { count, tokens: most } => prop_assert!(tokens <= count * most),
                }
            }
            epochs.push(steps);
        }
        // Whoever comes later plans the same.
        let mut second = plan(&lengths, per_step, order, at_once);
        let last = 3 * per_epoch - 1;
        prop_assert_eq!(&second.step(last), &epochs[2][epochs[2].len() - 1]);
        prop_assert_eq!(&second.step(0), &epochs[0][0]);
    }
}
