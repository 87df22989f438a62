//! Checks that what is asked of [`echo`](super::echo), and what it answers, passes through a wrapper unchanged.

use std::fmt::Debug;

use offseeker_pages::Library;

use super::{UNICODE, Violation, echo};
use crate::{Locale, Query, SearchBackend};

const SEARCH_KINDS: [&str; 6] =
    ["transient", "invalid_query", "rate_limited", "unauthorized", "not_recorded", "broken"];

const PAGE_KINDS: [&str; 9] = [
    "not_found",
    "invalid_url",
    "blocked",
    "unreadable",
    "timeout",
    "transient",
    "rate_limited",
    "not_recorded",
    "broken",
];

/// Checks a wrapper around [`echo`] that is to change nothing: every list of hits and every failure is the same as
/// without it.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_transparent(backend: &dyn SearchBackend) -> Result<(), Violation> {
    for (law, query) in queries() {
        let (expected, found) = (echo().search(&query).await, backend.search(&query).await);
        same(backend.name(), law, &expected, &found)?;
    }
    Ok(())
}

/// Checks a wrapper around [`echo`] that is to change nothing: every page and every failure is the same as without it.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_transparent_library(library: &dyn Library) -> Result<(), Violation> {
    for (law, url) in addresses() {
        let (expected, found) = (echo().get(&url).await, library.get(&url).await);
        same(library.name(), law, &expected, &found)?;
    }
    Ok(())
}

fn queries() -> Vec<(&'static str, Query)> {
    let mut queries = vec![
        ("a query arrives as it was asked", Query::new("Which river drives the Karlin mill?")),
        ("a query of any letters arrives as it was asked", Query::new(UNICODE)),
        ("white space around a query is kept", Query::new("\n  between \t ")),
        ("a query of 100 kB arrives as it was asked", Query::new("long 検 ".repeat(12_500))),
        ("an empty query arrives", Query::new("")),
        ("the limit arrives", Query::new("limit").limit(3)),
        ("a limit of nought arrives", Query::new("limit").limit(0)),
        ("the locale arrives", Query { locale: Some(Locale::new("cn", "zh-cn")), ..Query::new("locale") }),
        ("no hit is no failure", Query::new("nothing")),
        ("hits keep their order and all their parts", Query::new("hits 7")),
        ("there are as many hits as are wanted", Query::new("hits 4000").limit(2000)),
    ];
    queries.extend(SEARCH_KINDS.map(|kind| ("a failure stays the same", Query::new(format!("fail {kind}")))));
    queries
}

fn addresses() -> Vec<(&'static str, String)> {
    let page = |path: &str| format!("https://echo.example/{path}");
    let mut addresses = vec![
        ("a page arrives with all its parts", page("The mill stands on the Orsa.")),
        ("a page of any letters arrives", page(UNICODE)),
        ("a page of 100 kB arrives", page(&"long 検 ".repeat(12_500))),
        ("an empty page arrives", page("")),
        ("a page says where it is", page("moved/mill")),
        ("a page that is not there is not found", "https://elsewhere.example/".to_owned()),
    ];
    addresses.extend(PAGE_KINDS.map(|kind| ("a failure stays the same", page(&format!("fail/{kind}")))));
    addresses
}

fn same<T: PartialEq + Debug>(name: &str, law: &'static str, expected: &T, found: &T) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation::of(name, law, format!("the answer should be {}, but is {}", shown(expected), shown(found))))
}

/// The value, cut where it would fill the screen.
fn shown<T: Debug>(value: &T) -> String {
    const MOST: usize = 600;
    let whole = format!("{value:?}");
    match whole.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ... ({} bytes)", &whole[..end], whole.len()),
        None => whole,
    }
}
