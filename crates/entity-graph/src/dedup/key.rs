//! What is left of a name when everything is taken away that spellings differ in.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that names begin with or not.
const ARTICLES: [&str; 3] = ["the", "a", "an"];

/// What is left of a name when everything is taken away that spellings differ in.
///
/// Compatible characters become one (NFKC), case is folded, marks on Latin letters and punctuation go, an English article
/// at the beginning goes where something follows it, and white space becomes single spaces. Apostrophes go without a
/// trace, other punctuation leaves a space; `+` and `#` stay, because "C", "C++" and "C#" are different. A name of which
/// nothing is left is its own key.
///
/// ```
/// use offseeker_entity_graph::key;
///
/// assert_eq!(key("The Château d'If"), "chateau dif");
/// assert_eq!(key("Ｋａｒｌｉｎ–Mill "), "karlin mill");
/// assert_eq!(key("C++"), "c++");
/// ```
#[must_use]
pub fn key(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    if name.is_ascii() {
        name.chars().for_each(|char| push(&mut plain, char.to_ascii_lowercase()));
    } else {
        without_marks(name).chars().for_each(|char| push(&mut plain, char));
    }
    let mut words = plain.split_whitespace().peekable();
    if words.peek().is_some_and(|first| ARTICLES.contains(first)) && words.clone().nth(1).is_some() {
        words.next();
    }
    let mut key = String::with_capacity(plain.len());
    for word in words {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(word);
    }
    if key.is_empty() { name.trim().to_owned() } else { key }
}

/// The name with its case folded and without the marks on its Latin letters.
fn without_marks(name: &str) -> String {
    let folded: String = name.nfkc().flat_map(fold).collect();
    let mut on_latin = false;
    let bare = folded.nfd().filter(|char| {
        if is_combining_mark(*char) {
            return !on_latin;
        }
        on_latin = is_latin(*char);
        true
    });
    bare.nfkc().collect()
}

fn is_latin(char: char) -> bool {
    matches!(char, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// A character with its case folded, as far as single characters go.
fn fold(char: char) -> impl Iterator<Item = char> {
    let (first, rest) = match char {
        'ß' | 'ẞ' => ('s', "s"),
        'ς' => ('σ', ""),
        'ø' | 'Ø' => ('o', ""),
        'ł' | 'Ł' => ('l', ""),
        'đ' | 'Đ' => ('d', ""),
        'æ' | 'Æ' => ('a', "e"),
        'œ' | 'Œ' => ('o', "e"),
        'ı' => ('i', ""),
        _ => (char, ""),
    };
    first.to_lowercase().chain(rest.chars())
}

fn push(plain: &mut String, char: char) {
    match char {
        '\'' | '’' | '‘' | '`' | '´' | 'ʼ' => {}
        '+' | '#' => plain.push(char),
        _ if char.is_ascii_punctuation() || char.is_control() || is_punctuation(char) => plain.push(' '),
        _ => plain.push(char),
    }
}

/// Punctuation beyond ASCII: that of Latin-1, the general block, and those of the scripts of East Asia.
fn is_punctuation(char: char) -> bool {
    matches!(char,
        '¡' | '«' | '»' | '¿' | '§' | '¶' | '·' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{30fb}' | '\u{200b}'..='\u{200f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        check("The Beatles", "beatles");
        check("THE", "the");
        check("A", "a");
        check("  Straße \t 7", "strasse 7");
        check("Łódź", "lodz");
        check("й", "й");
        check("O’Neil; O'Neil", "oneil oneil");
        check("《三国演义》", "三国演义");
        check("Karlin (mill)", "karlin mill");
        check("C#", "c#");
        check("?!", "?!");
        check("", "");
    }

    fn check(name: &str, expected: &str) {
        assert_eq!(key(name), expected, "{name}");
    }

    proptest! {
        #[test]
        fn a_key_has_no_case_and_no_space_too_many(name in "\\PC{0,30}") {
            let key = key(&name);
            prop_assert_eq!(key.trim(), &key);
            prop_assert_eq!(super::key(&format!("  {name} ")), key);
        }
    }
}
