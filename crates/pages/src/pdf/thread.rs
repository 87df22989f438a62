//! Reads a file on a thread of its own, which is given up when its time is over.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::Instant;

use super::{Failure, PdfOptions, Read, document};

/// The stack of the thread. Only what is used of it costs memory.
const STACK: usize = 256 << 20;

/// How many files are read at once at most, those that were given up but have not ended included.
const MOST: usize = 16;

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Reads a file on a thread.
pub(super) fn read(bytes: &[u8], options: &PdfOptions) -> Read {
    let begun = Instant::now();
    let place = Place::take()?;
    let (done, result) = channel();
    let (file, limits) = (bytes.to_vec(), options.clone());
    let work = move || {
        let _place = place;
        let read = catch_unwind(AssertUnwindSafe(|| document::read(&file, &limits, begun)));
        let read = read.unwrap_or_else(|_| Err(Failure::unreadable("it is a PDF file that its parser fails at")));
        // Nobody listens any more where the thread was given up.
        let _ = done.send(read);
    };
    let thread = Builder::new().name("pdf".to_owned()).stack_size(STACK).spawn(work);
    thread.map_err(|error| Failure::Broken(format!("no thread for a PDF file can be started: {error}")))?;
    result.recv_timeout(options.time).unwrap_or_else(|error| {
        Err(match error {
            RecvTimeoutError::Timeout => Failure::Timeout,
            RecvTimeoutError::Disconnected => Failure::unreadable("it is a PDF file that its parser fails at"),
        })
    })
}

/// A place among the files that are read at once, until it is dropped.
struct Place;

impl Place {
    fn take() -> Result<Self, Failure> {
        let more = |running| (running < MOST).then_some(running + 1);
        match RUNNING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Self),
            Err(_) => Err(Failure::Busy(format!("{MOST} other PDF files are being read"))),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}
