//! Where two attempts part.

use offseeker_trajectory::{Body, Role, Sample, WeightedMessage, WeightedToken};

use super::Refusal;

/// Whether one sample holds tokens and the other messages.
pub(super) fn is_mixed(left: &Sample, right: &Sample) -> bool {
    matches!(left.body, Body::Tokens(_)) != matches!(right.body, Body::Tokens(_))
}

/// Says where two samples part, and lets nothing count that stands before it in both.
pub(super) fn part(chosen: &mut Sample, rejected: &mut Sample) -> Result<usize, Refusal> {
    match (&mut chosen.body, &mut rejected.body) {
        (Body::Tokens(left), Body::Tokens(right)) => part_tokens(left, right),
        (Body::Messages { messages: left, tools }, Body::Messages { messages: right, tools: other }) => {
            if tools != other {
                return Err(Refusal::OtherTools);
            }
            part_messages(left, right)
        }
        _ => Err(Refusal::NothingApart),
    }
}

fn part_messages(left: &mut [WeightedMessage], right: &mut [WeightedMessage]) -> Result<usize, Refusal> {
    let shared = left.iter().zip(right.iter()).take_while(|(left, right)| left.message == right.message).count();
    for side in [&mut *left, &mut *right] {
        for message in &mut side[..shared] {
            message.weight = 0.0;
            message.segments.clear();
        }
        let counts = |it: &WeightedMessage| it.weight != 0.0 || it.segments.values().any(|weight| *weight != 0.0);
        if !side.iter().any(counts) {
            return Err(Refusal::NothingApart);
        }
    }
    // Each side goes on where it is the model's turn.
    let is_turn =
        |messages: &[WeightedMessage], at: usize| messages.get(at).is_some_and(|it| it.message.role == Role::Assistant);
    let turns = (0..=shared).rev().find(|at| is_turn(left, *at) && is_turn(right, *at));
    turns.ok_or(Refusal::NoTurn)
}

fn part_tokens(left: &mut [WeightedToken], right: &mut [WeightedToken]) -> Result<usize, Refusal> {
    let shared = left.iter().zip(right.iter()).take_while(|(left, right)| left.id == right.id).count();
    for side in [left, right] {
        side[..shared].iter_mut().for_each(|token| token.weight = 0.0);
        if side.iter().all(|token| token.weight == 0.0) {
            return Err(Refusal::NothingApart);
        }
    }
    Ok(shared)
}
