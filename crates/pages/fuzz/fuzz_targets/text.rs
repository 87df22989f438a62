//! Any bytes are read as whatever they are without a panic, and can be cut and chosen from.

#![no_main]

use libfuzzer_sys::fuzz_target;
use offseeker_pages::{Hints, chunks, estimate_tokens, extract, read};

/// What bytes may be said to be.
const KINDS: [Option<&str>; 7] = [
    None,
    Some("text/plain; charset=utf-16le"),
    Some("text/markdown; charset=shift_jis"),
    Some("application/json"),
    Some("text/plain; charset=iso-2022-jp"),
    Some("application/xhtml+xml"),
    Some("text/markdown"),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let content_type = KINDS[usize::from(*first) % KINDS.len()].map(str::to_owned);
    let Ok(page) = read(bytes, &Hints { url: "https://karlin.example/a.txt".to_owned(), content_type }) else { return };
    let (size, overlap) = (usize::from(*first) + 1, usize::from(*first) / 3);
    assert!(chunks(&page.text, size, overlap).iter().all(|chunk| chunk.chars().count() <= size));
    let budget = usize::from(*first);
    assert!(estimate_tokens(&extract(&page.text, "the mill 磨坊", budget)) <= budget);
});
