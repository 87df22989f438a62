//! Addresses in texts.

/// The addresses of the web that a text holds, as they are compared: without scheme, fragment and the marks of the
/// sentence around them.
pub(crate) fn addresses(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("://").filter_map(move |(at, _)| {
        let scheme = text[..at].ends_with("http") || text[..at].ends_with("https");
        let rest = &text[at + 3..];
        let is_end = |char: char| char.is_whitespace() || matches!(char, '"' | '\'' | '<' | '>' | '\\' | '`' | '|');
        let address = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        let address = plain(address);
        (scheme && !address.is_empty()).then_some(address)
    })
}

/// One spelling for addresses that lead to the same place.
pub(crate) fn plain(address: &str) -> String {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let address = address.split('#').next().unwrap_or_default();
    let mut address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ']', '}', '*', '/']);
    // A bracket belongs to the address where it was opened in it.
    while address.ends_with(')') && address.matches(')').count() > address.matches('(').count() {
        address = address[..address.len() - 1].trim_end_matches(['.', ',', '/']);
    }
    let host = address.find('/').unwrap_or(address.len());
    address[..host].to_lowercase() + &address[host..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_texts() {
        let check = |text: &str, expected: &[&str]| assert_eq!(addresses(text).collect::<Vec<_>>(), expected, "{text}");
        check(
            "See https://Karlin.example/mill/, and [it](http://a.example/b_(c)).",
            &["karlin.example/mill", "a.example/b_(c)"],
        );
        check(r#"{"urls": ["https://a.example/x#top"]}"#, &["a.example/x"]);
        check("ftp://a.example a://b c", &[]);
        check("https:// and https://", &[]);
    }
}
