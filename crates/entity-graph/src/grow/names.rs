//! Names from the titles of pages and from the words of links.

use std::collections::HashMap;

use crate::dedup::key;

/// What stands between the title of a page and the name of its site.
const SEPARATORS: [&str; 6] = [" — ", " – ", " | ", " - ", " :: ", " · "];

/// The ending of a title is the name of the site where at least so many pages have it, and a third of all.
const LEAST_PAGES: usize = 3;

/// The longest name, in characters.
const LONGEST: usize = 120;

/// Words of links that name nothing.
const NO_NAMES: [&str; 24] = [
    "back",
    "click here",
    "contents",
    "details",
    "edit",
    "full",
    "here",
    "home",
    "index",
    "link",
    "more",
    "next",
    "page",
    "permalink",
    "prev",
    "previous",
    "read more",
    "see",
    "source",
    "this",
    "this page",
    "top",
    "up",
    "see also",
];

/// The ending that is the name of the site; empty where titles have none in common.
pub(super) fn site_ending<'a>(titles: impl Iterator<Item = &'a str>) -> String {
    let mut endings: HashMap<&str, usize> = HashMap::new();
    let mut all = 0;
    for title in titles {
        all += 1;
        for separator in SEPARATORS {
            if let Some(at) = title.rfind(separator) {
                *endings.entry(&title[at..]).or_default() += 1;
            }
        }
    }
    let often = |count: &usize| *count >= LEAST_PAGES && count * 3 >= all;
    let best = endings.into_iter().filter(|(_, count)| often(count)).max_by_key(|(ending, count)| (*count, *ending));
    best.map_or_else(String::new, |(ending, _)| ending.to_owned())
}

/// The name in a title: without the name of the site, the number of a section and marks.
pub(super) fn from_title(title: &str, site_ending: &str) -> Option<String> {
    let title = Some(site_ending)
        .filter(|ending| !ending.is_empty())
        .and_then(|ending| title.strip_suffix(ending))
        .unwrap_or(title);
    clean(title)
}

/// The words of a link as a name, if they are one.
pub(super) fn from_link(words: &str) -> Option<String> {
    let name = clean(words)?;
    let is_name = !is_code(&name)
        && !NO_NAMES.contains(&name.to_lowercase().as_str())
        && !name.contains("://")
        && key(&name).chars().any(char::is_alphabetic);
    is_name.then_some(name)
}

/// A title as short as it can be said: without what stands after a dash, and without `Chapter 43.` before it.
pub(super) fn short(title: &str) -> Option<String> {
    let mut title = clean(title)?;
    if let Some(end) = SEPARATORS.iter().filter_map(|separator| title.find(separator)).min() {
        title.truncate(end);
    }
    let mut words = title.split_whitespace();
    let is_number = |word: &str| word.ends_with('.') && word.len() <= 6 && !word.starts_with('.');
    match (words.next(), words.next()) {
        (Some("Chapter" | "Appendix" | "Part"), Some(number)) if is_number(number) => {
            clean(&words.collect::<Vec<_>>().join(" "))
        }
        _ => clean(&title),
    }
}

fn clean(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let joined = words.join(" ");
    let bare = without_number(joined.trim_matches(|char: char| char.is_whitespace() || "¶#*`_|•".contains(char)));
    let named = !bare.is_empty() && bare.chars().count() <= LONGEST;
    named.then(|| bare.to_owned())
}

/// A title without the number of its section: `14.2. Planner`.
fn without_number(title: &str) -> &str {
    let number = title.split_whitespace().next().unwrap_or_default();
    let is_number = number.contains('.')
        && number.starts_with(|char: char| char.is_ascii_digit() || char.is_ascii_uppercase())
        && number.split('.').all(|part| {
            part.len() <= 3 && (part.is_empty() || part.bytes().all(|byte| byte.is_ascii_digit()) || part.len() == 1)
        })
        && number.bytes().any(|byte| byte.is_ascii_digit());
    let rest = title[number.len()..].trim_start();
    if is_number && !rest.is_empty() { rest } else { title }
}

/// Whether it has digits and marks in it and no two letters beside each other: `I:4`.
fn is_code(name: &str) -> bool {
    let is_word = |part: &str| part.chars().count() > 1 || part.chars().any(|char| u32::from(char) > 0x2e80);
    let has = |wanted: fn(&char) -> bool| name.chars().any(|char| wanted(&char));
    has(char::is_ascii_digit)
        && has(|char| !char.is_alphanumeric())
        && !name.split(|char: char| !char.is_alphabetic()).any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_titles_and_links_are_about() {
        let titles = [
            "os.path — Python 3.13 documentation",
            "re — Python 3.13 documentation",
            "a - b — Python 3.13 documentation",
        ];
        let ending = site_ending(titles.into_iter());
        assert_eq!(ending, " — Python 3.13 documentation");
        check(titles[0], &ending, Some("os.path"));
        check("14.2. Statistics\u{a0}Used by the Planner", "", Some("Statistics Used by the Planner"));
        check("E.1. Release 17", "", Some("Release 17"));
        check("3 Doors Down", "", Some("3 Doors Down"));
        check("1.5", "", Some("1.5"));
        check(" ¶ ", "", None);
        assert_eq!(site_ending(["a - b", "c - d", "e - f"].into_iter()), "");
        assert_eq!(from_link("Here"), None);
        assert_eq!(from_link("[12]"), None);
        assert_eq!(from_link("V:1, I:4"), None);
        assert_eq!(from_link("第3章").as_deref(), Some("第3章"));
        assert_eq!(from_link("K2").as_deref(), Some("K2"));
        assert_eq!(from_link("the Orsa¶").as_deref(), Some("the Orsa"));
    }

    fn check(title: &str, ending: &str, expected: Option<&str>) {
        assert_eq!(from_title(title, ending).as_deref(), expected, "{title}");
    }
}
