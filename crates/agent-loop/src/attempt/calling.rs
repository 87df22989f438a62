//! What an agent that works as a tool shares with the attempt that calls it: how it is stopped, and why it rests.

use std::cell::RefCell;

use crate::{Pause, Stop};

tokio::task_local! {
    /// The attempt whose call is under way.
    static CALLER: Caller;
}

#[derive(Debug)]
struct Caller {
    stop: Stop,
    rests: RefCell<Option<Pause>>,
}

/// Makes a call of an attempt, and says why an agent that worked for it rests, if one does.
pub(crate) async fn calling<T>(stop: &Stop, call: impl Future<Output = T>) -> (T, Option<Pause>) {
    let caller = Caller { stop: stop.clone(), rests: RefCell::default() };
    let call = async {
        let outcome = call.await;
        (outcome, CALLER.with(|caller| caller.rests.take()))
    };
    CALLER.scope(caller, call).await
}

/// What stops the attempt that calls, where one does.
pub(crate) fn stop_of_caller() -> Option<Stop> {
    CALLER.try_with(|caller| caller.stop.clone()).ok()
}

/// Lets the attempt that calls rest as well, where one does.
pub(crate) fn let_caller_rest(pause: Pause) {
    // Without a caller there is nobody to tell.
    let _ = CALLER.try_with(|caller| caller.rests.replace(Some(pause)));
}
