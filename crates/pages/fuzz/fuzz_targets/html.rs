//! Any bytes are read as HTML without a panic and in time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use offseeker_pages::{Hints, read};

fuzz_target!(|bytes: &[u8]| {
    let hints = Hints::new("https://karlin.example/a/b?c=d").content_type("text/html");
    if let Ok(page) = read(bytes, &hints) {
        assert!(page.links.iter().all(|link| link.url.starts_with("http") && !link.text.is_empty()));
        assert!(page.text.len() <= 16 * bytes.len() + 1_024, "{} bytes became {}", bytes.len(), page.text.len());
    }
});
