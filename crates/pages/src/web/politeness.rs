//! Asks no server for too much at once, or too often.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// How many servers are remembered; those that are idle are forgotten when there are more.
const SERVERS: usize = 1_000;

/// How much is asked of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Politeness {
    /// How many requests to a server are under way at once; nought counts as one. Two.
    pub at_once: usize,
    /// How long it is at least from one request to a server to the next. Half a second.
    pub delay: Duration,
    /// The longest delay that a server may ask for in its `robots.txt`; what is longer is taken as this. Ten seconds.
    pub longest_delay: Duration,
}

impl Default for Politeness {
    fn default() -> Self {
        Self { at_once: 2, delay: Duration::from_millis(500), longest_delay: Duration::from_secs(10) }
    }
}

/// Gives each request to a server its turn.
#[derive(Debug)]
pub(crate) struct Turns {
    politeness: Politeness,
    servers: Mutex<HashMap<String, Arc<Server>>>,
}

#[derive(Debug)]
struct Server {
    places: Arc<Semaphore>,
    /// When the next request may begin.
    next: Mutex<Instant>,
}

/// A request's turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _place: OwnedSemaphorePermit,
}

impl Turns {
    pub(crate) fn new(politeness: Politeness) -> Self {
        Self { politeness, servers: Mutex::default() }
    }

    /// Waits for a turn with a server that asks for a delay between requests.
    pub(crate) async fn turn(&self, server: &str, asked: Option<Duration>) -> Turn {
        let server = self.server(server);
        let place = server.places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let delay = self.politeness.delay.max(asked.unwrap_or_default().min(self.politeness.longest_delay));
        let begin = {
            let mut next = server.next.lock().unwrap_or_else(PoisonError::into_inner);
            let begin = (*next).max(Instant::now());
            *next = begin + delay;
            begin
        };
        sleep_until(begin).await;
        Turn { _place: place }
    }

    fn server(&self, name: &str) -> Arc<Server> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        if servers.len() >= SERVERS {
            let now = Instant::now();
            servers.retain(|_, server| {
                let next = *server.next.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::strong_count(server) > 1 || next > now
            });
        }
        let places = self.politeness.at_once.clamp(1, Semaphore::MAX_PERMITS);
        let new = || Server { places: Arc::new(Semaphore::new(places)), next: Mutex::new(Instant::now()) };
        servers.entry(name.to_owned()).or_insert_with(|| Arc::new(new())).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn turns(at_once: usize, delay: u64) -> Arc<Turns> {
        Arc::new(Turns::new(Politeness { at_once, delay: seconds(delay), longest_delay: seconds(10) }))
    }

    /// When each of some requests, of which each takes three seconds, begins.
    async fn begins(turns: Arc<Turns>, servers: &[&'static str], asked: Option<Duration>) -> Vec<u64> {
        let begun = Instant::now();
        let ask = |server: &'static str| {
            let turns = turns.clone();
            tokio::spawn(async move {
                let turn = turns.turn(server, asked).await;
                let at = begun.elapsed().as_secs();
                tokio::time::sleep(seconds(3)).await;
                drop(turn);
                at
            })
        };
        let mut begins = Vec::new();
        for task in servers.iter().map(|server| ask(server)).collect::<Vec<_>>() {
            begins.push(task.await.unwrap());
        }
        begins
    }

    #[tokio::test(start_paused = true)]
    async fn servers_are_not_asked_for_too_much() {
        assert_eq!(begins(turns(2, 0), &["a", "a", "a", "b"], None).await, [0, 0, 3, 0]);
        assert_eq!(begins(turns(9, 1), &["a", "a", "b", "a"], None).await, [0, 1, 0, 2]);
        assert_eq!(begins(turns(0, 1), &["a", "a", "a"], None).await, [0, 3, 6]);
        assert_eq!(begins(turns(9, 1), &["a", "a", "a"], Some(seconds(4))).await, [0, 4, 8]);
        assert_eq!(begins(turns(9, 1), &["a", "a"], Some(seconds(86_400))).await, [0, 10]);
    }

    #[tokio::test(start_paused = true)]
    async fn idle_servers_are_forgotten() {
        let turns = turns(1, 1);
        for server in 0..3 * SERVERS {
            drop(turns.turn(&server.to_string(), None).await);
            tokio::time::advance(seconds(2)).await;
        }
        assert!(turns.servers.lock().unwrap().len() <= SERVERS);
    }
}
