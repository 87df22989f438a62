//! Any bytes are read as PDF: what the parser does wrong stays within its thread, and ends in time.

#![no_main]

use std::sync::Once;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use offseeker_pages::{Hints, PdfOptions, Reader};

static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    // A panic of the parser is caught and counts as a file that cannot be read.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let pdf = PdfOptions { time: Duration::from_secs(3), worker: None, ..PdfOptions::default() };
    let reader = Reader { pdf, ..Reader::default() };
    let _ = reader.read(bytes, &Hints::new("https://karlin.example/a.pdf").content_type("application/pdf"));
});
