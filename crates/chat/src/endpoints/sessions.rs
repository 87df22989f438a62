//! Remembers where sessions are, as many as fit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The most sessions that are remembered.
pub(super) const MOST: usize = 16_384;

/// Remembers at which endpoint each session is; the least recently used is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    places: HashMap<Arc<str>, Place>,
    by_use: BTreeMap<u64, Arc<str>>,
    uses: u64,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    endpoint: usize,
    used: u64,
}

impl Sessions {
    /// Where a session is.
    pub(super) fn endpoint(&self, session: &str) -> Option<usize> {
        self.places.get(session).map(|place| place.endpoint)
    }

    /// Notes that a session is at an endpoint now.
    pub(super) fn settle(&mut self, session: &str, endpoint: usize) {
        self.uses += 1;
        let place = Place { endpoint, used: self.uses };
        let session: Arc<str> = match self.places.get_mut(session) {
            Some(known) => {
                let before = std::mem::replace(known, place);
                self.by_use.remove(&before.used).expect("every session has its place in the order of use")
            }
            None => {
                let session: Arc<str> = session.into();
                self.places.insert(session.clone(), place);
                session
            }
        };
        self.by_use.insert(place.used, session);
        if self.places.len() > MOST
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            self.places.remove(&oldest);
        }
    }
}
