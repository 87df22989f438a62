//! Checks that what is said to [`echo`](super::echo), and what it answers, arrives.

use std::fmt::Debug;

use super::cases::cases;
use super::{Violation, echo};
use crate::{ChatError, ChatModel, Finish, Reply};

type Answer = Result<Reply, ChatError>;

/// Checks whatever carries requests to [`echo`] and its replies back: a wire, a wrapper, several of them.
///
/// Texts, calls, reasoning, the reason to end, usage and sampled tokens have to arrive as they are. What a wire cannot
/// carry exactly is let off: failures are compared by their kind, a failure that only this side knows (`budget`,
/// `not_recorded`) may become any that does not pass, the stop string and the server's name for the model may be
/// missing.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_echo(model: &dyn ChatModel) -> Result<(), Violation> {
    compare(model, carried).await
}

/// Checks a wrapper around [`echo`] that is to change nothing: every reply and every failure is the same as without it,
/// but for how long a reply waited.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_transparent(model: &dyn ChatModel) -> Result<(), Violation> {
    compare(model, |expected, found| differs("the answer", expected, found)).await
}

async fn compare(model: &dyn ChatModel, differ: fn(&Answer, &Answer) -> Option<String>) -> Result<(), Violation> {
    for (law, request) in cases() {
        let expected = echo().reply(request.as_request()).await;
        let found = model.reply(request.as_request()).await.map(|reply| Reply { waited_ms: 0, ..reply });
        if let Some(found) = differ(&expected, &found) {
            return Err(Violation { model: model.name().to_owned(), law, found });
        }
    }
    Ok(())
}

fn carried(expected: &Answer, found: &Answer) -> Option<String> {
    match (expected, found) {
        (Ok(expected), Ok(found)) => differs("the message", &expected.message, &found.message)
            .or_else(|| finish_differs(&expected.finish, &found.finish))
            .or_else(|| differs("the usage", &expected.usage, &found.usage))
            .or_else(|| differs("the sampled tokens", &expected.sampled, &found.sampled)),
        (Err(ChatError::Budget { .. } | ChatError::NotRecorded { .. }), Err(found)) if !found.is_transient() => None,
        (Err(expected), Err(found)) => differs("the kind of failure", &expected.kind(), &found.kind()),
        _ => differs("the answer", expected, found),
    }
}

fn finish_differs(expected: &Finish, found: &Finish) -> Option<String> {
    match (expected, found) {
        (Finish::Stop { .. }, Finish::Stop { on: None }) => None,
        _ => differs("the reason to end", expected, found),
    }
}

fn differs<T: PartialEq + Debug>(what: &str, expected: &T, found: &T) -> Option<String> {
    (expected != found).then(|| format!("{what} should be {}, but is {}", shown(expected), shown(found)))
}

/// The value, cut where it would fill the screen.
fn shown<T: Debug>(value: &T) -> String {
    const MOST: usize = 600;
    let whole = format!("{value:?}");
    match whole.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ... ({} bytes)", &whole[..end], whole.len()),
        None => whole,
    }
}
