//! Any rules are read without a panic, and whether they allow an address is found out in time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use robotxt::{Agent, Robots};
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let robots = Robots::parse(bytes, Agent::Exact("offseeker"));
    let path = String::from_utf8_lossy(&bytes[bytes.len() / 2..]);
    for path in ["/a/b/c.html?d=e", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", &path] {
        if let Ok(url) = Url::parse("https://karlin.example/").and_then(|base| base.join(path)) {
            let _ = robots.is_url_allowed(&url);
        }
    }
});
