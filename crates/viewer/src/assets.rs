//! The parts of the page that are the same in every one: its frame, its looks, its program.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// What is always there, around what is shown.
pub(crate) const FRAME: &str = include_str!("../page/page.html");

/// Its looks.
pub(crate) const STYLE: &str =
    concat!(include_str!("../page/page.css"), include_str!("../page/list.css"), include_str!("../page/attempt.css"));

/// Its program: parts that know each other's functions, in a scope of their own.
pub(crate) const PROGRAM: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("../page/elements.js"),
    include_str!("../page/words.js"),
    include_str!("../page/data.js"),
    include_str!("../page/chart.js"),
    include_str!("../page/overview.js"),
    include_str!("../page/results.js"),
    include_str!("../page/filter.js"),
    include_str!("../page/list.js"),
    include_str!("../page/pieces.js"),
    include_str!("../page/message.js"),
    include_str!("../page/turns.js"),
    include_str!("../page/attempt.js"),
    include_str!("../page/compare.js"),
    include_str!("../page/keys.js"),
    include_str!("../page/main.js"),
    "})();\n",
);

/// What a browser may do for the page: run its program, show its looks, and nothing else. No address is reached, whatever
/// stands in an attempt.
pub(crate) static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(PROGRAM),
        hash(STYLE)
    )
});

/// A text as a policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
