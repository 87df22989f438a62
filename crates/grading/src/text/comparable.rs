//! Spellings made equal as we do it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that names begin with or not.
const ARTICLES: [&str; 3] = ["the", "a", "an"];

/// Stands behind a letter that is an initial, while words are put together.
const INITIAL: char = '\u{1}';

/// Makes spellings equal as we do it, for any script.
///
/// Compatible characters become one (NFKC), so that full-width forms are like any other; case is folded; marks on Latin
/// and Greek letters go; an English article goes at the beginning alone and where something follows it; initials come
/// together ("J. R. R." and "J.R.R."). Apostrophes and invisible characters go without a trace, punctuation leaves a
/// blank, and next to a character of a script that writes no spaces there are none. What makes another answer stays: the
/// point, colon and slash between digits, the sign of a number, `O-`, `C++`, `C#`, `%`, `$`, `√`, `<`. A text of which nothing is
/// left stands for itself.
///
/// ```
/// use offseeker_grading::text::comparable;
///
/// assert_eq!(comparable("The Château d'If."), "chateau dif");
/// assert_eq!(comparable("Ｋａｒｌｉｎ–Mill"), "karlin mill");
/// assert_eq!(comparable("《三国 演义》"), "三国演义");
/// assert_ne!(comparable("vitamin A"), comparable("vitamin"));
/// ```
#[must_use]
pub fn comparable(text: &str) -> String {
    let plain = spaced(without_article(&without_marks(text)));
    let words = joined_initials(&plain);
    let mut made = String::with_capacity(plain.len());
    for word in &words {
        let is_dense_here = made.chars().next_back().is_some_and(is_dense) || word.starts_with(is_dense);
        if !made.is_empty() && !is_dense_here {
            made.push(' ');
        }
        made.push_str(word);
    }
    if made.is_empty() { text.trim().to_owned() } else { made }
}

/// The text with its case folded and without the marks on its Latin and Greek letters.
fn without_marks(text: &str) -> String {
    let folded: String = raised(text).nfkc().flat_map(fold).collect();
    let mut bears_none = false;
    let bare = folded.nfd().filter(|char| {
        if is_combining_mark(*char) {
            return !bears_none;
        }
        bears_none = matches!(*char, 'a'..='z' | '\u{370}'..='\u{3ff}');
        true
    });
    bare.nfkc().collect()
}

/// The text with `^` before a raised digit that stands behind a digit or letter: 10² is not 102.
fn raised(text: &str) -> String {
    let mut before = ' ';
    let mut marked = String::with_capacity(text.len());
    for char in text.chars() {
        if is_raised(char) && before.is_alphanumeric() && !is_raised(before) {
            marked.push('^');
        }
        marked.push(char);
        before = char;
    }
    marked
}

fn is_raised(char: char) -> bool {
    matches!(char, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻')
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
        '−' => ('-', ""),
        '⁄' => ('/', ""),
        _ => (char, ""),
    };
    first.to_lowercase().chain(rest.chars())
}

/// The text with a blank in the place of what does not count.
fn spaced(text: &str) -> String {
    let chars: Vec<char> = text.chars().filter(|char| !is_invisible(*char)).collect();
    let at = |place: Option<usize>| place.and_then(|place| chars.get(place)).copied().unwrap_or(' ');
    let mut plain = String::with_capacity(text.len());
    for (place, char) in chars.iter().copied().enumerate() {
        let (before, after) = (at(place.checked_sub(1)), at(Some(place + 1)));
        let is_within_number = before.is_ascii_digit() && after.is_ascii_digit();
        let begins = !before.is_alphanumeric() && before != ')';
        let is_number_next = after.is_ascii_digit() || (after == '.' && at(Some(place + 2)).is_ascii_digit());
        match char {
            '\'' | '’' | '‘' | '`' | '´' | 'ʼ' => {}
            '.' | ':' | '/' if is_within_number => plain.push(char),
            '.' if begins && after.is_ascii_digit() => plain.push_str("0."),
            '.' if is_initial(&chars, place) => plain.push(INITIAL),
            '-' if begins && is_number_next => plain.push_str(" -"),
            '-' if before.is_alphanumeric() && !after.is_alphanumeric() => plain.push(char),
            '+' if before.is_alphanumeric() || before == '+' => plain.push(char),
            '#' if before.is_alphanumeric() => plain.push(char),
            '&' if before.is_whitespace() && after.is_whitespace() => plain.push_str("and"),
            '%' | '$' | '<' | '>' | '^' => plain.push(char),
            _ if char.is_ascii_punctuation() || char.is_control() || is_punctuation(char) => plain.push(' '),
            _ => plain.push(char),
        }
    }
    plain
}

/// Whether the point at a place stands behind a lone letter.
fn is_initial(chars: &[char], place: usize) -> bool {
    let letter =
        |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(|char| char.is_alphanumeric());
    letter(place.checked_sub(1)) && !chars[place - 1].is_numeric() && !letter(place.checked_sub(2))
}

/// The words of a text; initials that stand beside each other are one word.
fn joined_initials(plain: &str) -> Vec<String> {
    let is_initials = |word: &str| word.ends_with(INITIAL) && word.chars().filter(|char| *char != INITIAL).count() > 0;
    let mut words: Vec<String> = Vec::new();
    let mut after_initials = false;
    for word in plain.split_whitespace() {
        let (bare, initials) = (word.replace(INITIAL, ""), is_initials(word));
        match words.last_mut() {
            Some(last) if initials && after_initials => last.push_str(&bare),
            _ => words.push(bare),
        }
        after_initials = initials;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The text without an article at its beginning. "A" alone may be a letter: it is an article where a word follows it.
fn without_article(text: &str) -> &str {
    let begun = text.trim_start_matches(|char: char| !char.is_alphanumeric());
    let after = |article: &&str| begun.strip_prefix(*article).filter(|rest| rest.starts_with(char::is_whitespace));
    let Some((article, rest)) = ARTICLES.iter().find_map(|article| Some((*article, after(article)?))) else {
        return text;
    };
    let is_followed = match article {
        "the" => rest.contains(char::is_alphanumeric),
        _ => rest.trim_start().chars().take(2).filter(|char| char.is_alphabetic()).count() == 2,
    };
    if is_followed { rest } else { text }
}

/// Whether a character belongs to a script that writes no spaces.
pub(super) fn is_dense(char: char) -> bool {
    matches!(char,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}'
    )
}

fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Punctuation beyond ASCII: that of Latin-1, the general block, and those of the scripts of East Asia.
fn is_punctuation(char: char) -> bool {
    matches!(char,
        '¡' | '«' | '»' | '¿' | '§' | '¶' | '·' | '\u{2010}'..='\u{2027}' | '\u{2032}'..='\u{203a}' | '\u{203c}'..='\u{205e}'
        | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{30fb}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_answer_become_one() {
        check("The Beatles!", "beatles");
        check("THE", "the");
        check("\"The 400 Blows\"", "400 blows");
        check("a mill", "mill");
        check("the A", "a");
        check("vitamin A", "vitamin a");
        check("Straße\t 7", "strasse 7");
        check("Łódź", "lodz");
        check("й", "й");
        check("ΆΓΙΟΣ", "αγιοσ");
        check("O’Neil; O'Neil", "oneil oneil");
        check("U.S.A.", "usa");
        check("U.S. Army", "us army");
        check("J. R. R. Tolkien", "jrr tolkien");
        check("J.R.R. Tolkien", "jrr tolkien");
        check("St. Petersburg", "st petersburg");
        check("《三国演义》", "三国演义");
        check("约翰·史密斯", "约翰史密斯");
        check("苹果 iPhone 手机", "苹果iphone手机");
        check("ＡＢＣ１２３", "abc123");
        check("Simon & Garfunkel", "simon and garfunkel");
        check("Zero\u{200b}width", "zerowidth");
        check("?!", "?!");
        check("", "");
    }

    #[test]
    fn what_makes_another_answer_stays() {
        check("3.14", "3.14");
        check(".5", "0.5");
        check("-5", "-5");
        check("−5", "-5");
        check("1990–1995", "1990 1995");
        check("10：30", "10:30");
        check("¾", "3/4");
        check("C#, C++", "c# c++");
        check("17%", "17%");
        check("10²", "10^2");
        check("x¹²", "x^12");
        check("H₂O", "h2o");
        check("O-", "o-");
        check("A+", "a+");
        check("A - B", "a b");
        check("A, C", "a c");
        check("A 7", "a 7");
        check("√2", "√2");
        check("<5", "<5");
        check("★", "★");
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(comparable(text), expected, "{text:?}");
    }

    proptest! {
        #[test]
        fn case_and_blanks_around_do_not_count(text in "\\PC{0,30}") {
            let made = comparable(&text);
            prop_assert_eq!(made.trim(), &made);
            prop_assert_eq!(comparable(&format!("  {text} ")), made);
        }
    }
}
