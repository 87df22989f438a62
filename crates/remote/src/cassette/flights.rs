//! Lets those who ask the same at the same time share one answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The answer, once there is one; locked by the one who asks.
type Flight<A> = tokio::sync::Mutex<Option<A>>;

/// Requests that are being asked.
#[derive(Debug)]
pub(super) struct Flights<A>(Mutex<HashMap<String, Arc<Flight<A>>>>);

impl<A> Default for Flights<A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<A: Clone> Flights<A> {
    /// Asks, or waits for the answer of another who asks the same.
    ///
    /// When the one who asks is dropped, the next takes over.
    pub(super) async fn share(&self, key: &str, ask: impl Future<Output = A>) -> A {
        let seat = self.board(key);
        let mut landed = seat.flight.lock().await;
        if let Some(answer) = &*landed {
            return answer.clone();
        }
        let answer = ask.await;
        *landed = Some(answer.clone());
        // Who comes from now on finds the recording, or asks again where there is none.
        self.under_way().remove(key);
        answer
    }

    /// Whether nothing is being asked.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.under_way().is_empty()
    }
}

impl<A> Flights<A> {
    fn board<'a>(&'a self, key: &'a str) -> Seat<'a, A> {
        let flight = self.under_way().entry(key.to_owned()).or_default().clone();
        Seat { flights: self, key, flight }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, Arc<Flight<A>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part in a flight; the last to leave strikes it off, so that nothing is left of flights that were given up.
struct Seat<'a, A> {
    flights: &'a Flights<A>,
    key: &'a str,
    flight: Arc<Flight<A>>,
}

impl<A> Drop for Seat<'_, A> {
    fn drop(&mut self) {
        let mut under_way = self.flights.under_way();
        let is_listed = under_way.get(self.key).is_some_and(|listed| Arc::ptr_eq(listed, &self.flight));
        // The list and this seat.
        if is_listed && Arc::strong_count(&self.flight) == 2 {
            under_way.remove(self.key);
        }
    }
}
