//! A few connections that read, each on a thread that may wait.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::fault::Maybe;
use super::opening;
use crate::StoreError;

/// A few connections that read.
#[derive(Debug, Clone)]
pub(super) struct Readers {
    inside: Arc<Inside>,
}

#[derive(Debug)]
struct Inside {
    path: PathBuf,
    patience: Duration,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, patience: Duration, places: usize) -> Self {
        let places = Arc::new(Semaphore::new(places.max(1)));
        Self { inside: Arc::new(Inside { path, patience, places, idle: Mutex::default() }) }
    }

    /// Reads, on a thread that may wait.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Maybe<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inside = self.inside.clone();
        let place = inside.places.clone().acquire_owned().await.expect("the semaphore is never closed");
        let work = tokio::task::spawn_blocking(move || {
            let result = inside.read(read);
            drop(place);
            result.map_err(|fault| fault.at(&inside.path))
        });
        match work.await {
            Ok(result) => result,
            Err(error) => {
                let place = self.inside.path.display().to_string();
                Err(StoreError::Unavailable { place, reason: format!("the read was broken off: {error}") })
            }
        }
    }
}

impl Inside {
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Maybe<T>) -> Maybe<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => opening::to_read(&self.path, self.patience)?,
        };
        let result = read(&db);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(db);
        result
    }
}
