//! Numbers as people write them, with what they are counted in.

use unicode_normalization::UnicodeNormalization;

use super::unit::Unit;

/// A number, as people write it, with what it is counted in.
///
/// Blanks, commas, points and apostrophes between groups of digits are read, so are a decimal comma where it can be no
/// other, an exponent, a fraction, "million" and the like (万 and 亿 too), a unit before or behind, and words such as
/// "about" before. The whole text has to be the number; what begins with a nought ("007") or has more than 15 digits is a code
/// and none.
///
/// ```
/// use offseeker_grading::text::Quantity;
///
/// let read = |text: &str| Quantity::read(text).expect("it is a number");
/// assert!(read("about 1.5 million").is(&read("1,500,000"), 0.0));
/// assert!(read("35,000 m").is(&read("35 km"), 0.0));
/// assert!(!read("35 miles").is(&read("35 km"), 0.0));
/// assert!(read("3.14").is(&read("3.1416"), 0.001));
/// assert_eq!(Quantity::read("between 3 and 5"), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    value: f64,
    unit: Option<Unit>,
}

/// What may stand before a number without changing it much.
const ABOUT: [&str; 13] = [
    "approximately",
    "approx.",
    "approx",
    "about",
    "around",
    "roughly",
    "circa",
    "ca.",
    "~",
    "≈",
    "大约",
    "约为",
    "约",
];

/// Signs and names of money that stand before a number.
const BEFORE: [&str; 11] = ["us$", "$", "€", "£", "¥", "usd", "eur", "gbp", "rmb", "cny", "jpy"];

/// The most digits that a number may have to be told from its neighbours.
const MOST_DIGITS: usize = 15;

/// Words that multiply the number before them.
const SCALES: [(&str, f64); 16] = [
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("million", 1e6),
    ("billion", 1e9),
    ("trillion", 1e12),
    ("mn", 1e6),
    ("bn", 1e9),
    ("k", 1e3),
    ("百万", 1e6),
    ("千万", 1e7),
    ("万亿", 1e12),
    ("百", 1e2),
    ("千", 1e3),
    ("万", 1e4),
    ("萬", 1e4),
    ("亿", 1e8),
];

impl Quantity {
    /// Reads a text that is a number and nothing else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.nfkc().collect::<String>().to_lowercase().replace('\u{2212}', "-").replace('\u{2044}', "/");
        let text = text.trim().trim_end_matches('.');
        let text = ABOUT.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text).trim_start();
        let (sign, text) = signed(text);
        let (money, text) = match BEFORE.iter().find_map(|money| Some((*money, text.strip_prefix(money)?))) {
            Some((money, rest)) => (Some(money), rest.trim_start()),
            None => (None, text),
        };
        let (inner_sign, text) = signed(text);
        let (value, rest) = magnitude(text)?;
        let (scale, rest) = scaled(rest);
        let behind = rest.trim();
        let unit = match (money, behind) {
            (None, "") => None,
            (Some(money), "") => Unit::named(if money == "¥" { "yuan" } else { money }),
            (None, behind) => Some(Unit::named(behind)?),
            (Some(_), _) => return None,
        };
        Some(Self { value: sign * inner_sign * value * scale, unit })
    }

    /// The number, in the unit in which it was written.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Whether it is the same as what was expected, within a part of the latter: 0.01 is one in a hundred.
    ///
    /// A unit that is known and named on one side only is taken for the other's too; other words have to stand on both.
    #[must_use]
    pub fn is(&self, expected: &Self, tolerance: f64) -> bool {
        self.compares(expected, tolerance, Unit::is_known)
    }

    /// The same, where any words behind the number may be missing on one side.
    #[must_use]
    pub fn is_in_number(&self, expected: &Self, tolerance: f64) -> bool {
        self.compares(expected, tolerance, |_| true)
    }

    fn compares(&self, expected: &Self, tolerance: f64, may_be_missing: impl Fn(&Unit) -> bool) -> bool {
        let (here, there) = match (&self.unit, &expected.unit) {
            (None, None) => (1.0, 1.0),
            (Some(unit), None) | (None, Some(unit)) if may_be_missing(unit) => (1.0, 1.0),
            (
                Some(Unit::Known { dimension, factor }),
                Some(Unit::Known { dimension: dimension_there, factor: factor_there }),
            ) if dimension == dimension_there => (*factor, *factor_there),
            (Some(Unit::Other(word)), Some(Unit::Other(word_there))) if word == word_there => (1.0, 1.0),
            _ => return false,
        };
        let (value, wanted) = (self.value * here, expected.value * there);
        // What multiplication with a unit may lose.
        let rounding = 1e-12;
        value.is_finite()
            && wanted.is_finite()
            && (value - wanted).abs() <= (tolerance.max(0.0) + rounding) * wanted.abs()
    }
}

fn signed(text: &str) -> (f64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest.trim_start()),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A number without sign, and what stands behind it.
fn magnitude(text: &str) -> Option<(f64, &str)> {
    let (value, rest) = grouped(text)?;
    if let Some((exponent, rest)) = exponent(rest) {
        return Some((value * 10f64.powi(exponent), rest));
    }
    if let Some((exponent, rest)) = rest.strip_prefix('^').and_then(integer) {
        return Some((value.powi(exponent), rest));
    }
    if let Some((divisor, rest)) = rest.strip_prefix('/').and_then(integer) {
        return (divisor != 0).then(|| (value / f64::from(divisor), rest));
    }
    Some((value, rest))
}

/// `e6`, `×10^6`, `x 10^6`.
fn exponent(rest: &str) -> Option<(i32, &str)> {
    if let Some(found) = rest.strip_prefix('e').and_then(integer) {
        return Some(found);
    }
    let after = rest.trim_start().strip_prefix(['×', 'x', '*', '·'])?.trim_start();
    integer(after.strip_prefix("10^")?)
}

fn integer(text: &str) -> Option<(i32, &str)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let length = unsigned.find(|char: char| !char.is_ascii_digit()).unwrap_or(unsigned.len());
    let end = text.len() - unsigned.len() + length;
    let value = text[..end].trim_start_matches('+').parse().ok()?;
    Some((value, &text[end..]))
}

/// Digits with what may stand between them, and what stands behind.
fn grouped(text: &str) -> Option<(f64, &str)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let is_digit = |at: usize| chars.get(at).is_some_and(|(_, char)| char.is_ascii_digit());
    let is_group = |at: usize| (at..at + 3).all(is_digit) && !is_digit(at + 3);
    let mut end = 0;
    while let Some((_, char)) = chars.get(end) {
        let goes_on = match char {
            '0'..='9' => true,
            '.' if end == 0 => is_digit(1),
            '.' | ',' => is_digit(end + 1),
            ' ' | '\'' | '’' | '_' => end > 0 && is_digit(end - 1) && is_group(end + 1),
            _ => false,
        };
        if !goes_on {
            break;
        }
        end += 1;
    }
    let cut = chars.get(end).map_or(text.len(), |(at, _)| *at);
    let digits = chars[..end].iter().filter(|(_, char)| char.is_ascii_digit()).count();
    let is_code = text.starts_with('0') && is_digit(1);
    if is_code || digits > MOST_DIGITS {
        return None;
    }
    (end > 0).then(|| decimal(&text[..cut]).map(|value| (value, &text[cut..])))?
}

/// The number that digits with points, commas and blanks between them are.
fn decimal(text: &str) -> Option<f64> {
    let text: String = text.chars().map(|char| if matches!(char, '\'' | '’' | '_') { ' ' } else { char }).collect();
    let last = text.rfind(|char: char| !char.is_ascii_digit());
    let Some(mark) = last.and_then(|at| text[at..].chars().next()) else { return text.parse().ok() };
    let is_alone = text.matches(mark).count() == 1;
    let others = text.chars().filter(|char| !char.is_ascii_digit() && *char != mark).count();
    let is_decimal = match mark {
        '.' => is_alone,
        ',' => is_alone && (others > 0 || !are_groups(&text, ',') || text.starts_with("0,")),
        _ => false,
    };
    if !is_decimal {
        return (others == 0 && are_groups(&text, mark)).then(|| text.replace(mark, ""))?.parse().ok();
    }
    let (whole, part) = text.split_once(mark)?;
    let between = whole.chars().find(|char| !char.is_ascii_digit());
    let whole = match between {
        Some(between) if !are_groups(whole, between) => return None,
        Some(between) => whole.replace(between, ""),
        None => whole.to_owned(),
    };
    format!("{whole}.{part}").parse().ok()
}

/// Whether digits are grouped as thousands are, by threes or (in India) by twos and a last three.
fn are_groups(text: &str, mark: char) -> bool {
    let groups: Vec<&str> = text.split(mark).collect();
    let [first, between @ .., last] = groups.as_slice() else { return false };
    let are_digits = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
    let by = |length: usize| (1..=length).contains(&first.len()) && between.iter().all(|group| group.len() == length);
    are_digits && last.len() == 3 && (by(3) || by(2))
}

/// What a word behind a number multiplies it by, and what stands behind that.
fn scaled(text: &str) -> (f64, &str) {
    let rest = text.trim_start();
    for (word, scale) in SCALES {
        if let Some(after) = rest.strip_prefix(word)
            && !(word.is_ascii() && after.starts_with(|char: char| char.is_ascii_alphanumeric()))
        {
            return (scale, after);
        }
    }
    (1.0, text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        check("17", Some(17.0));
        check("1,234", Some(1234.0));
        check("1 234 567", Some(1_234_567.0));
        check("1'234'567", Some(1_234_567.0));
        check("1\u{202f}234", Some(1234.0));
        check("1.234.567", Some(1_234_567.0));
        check("1.234.567,5", Some(1_234_567.5));
        check("12,34,567", Some(1_234_567.0));
        check("1,5", Some(1.5));
        check("0,125", Some(0.125));
        check("1.234", Some(1.234));
        check("1,234.5", Some(1234.5));
        check("-5", Some(-5.0));
        check("−5", Some(-5.0));
        check("-$5", Some(-5.0));
        check(".5", Some(0.5));
        check("3/4", Some(0.75));
        check("¾", Some(0.75));
        check("1.5e3", Some(1500.0));
        check("1.5 × 10^3", Some(1500.0));
        check("10^6", Some(1e6));
        check("2.5 million", Some(2.5e6));
        check("3.5万", Some(35_000.0));
        check("１２３", Some(123.0));
        check("about 17 km.", Some(17.0));
        check("5 hundred people", Some(500.0));
        check("$1.2 billion", Some(1.2e9));
    }

    #[test]
    fn what_is_more_or_less_than_a_number_is_none() {
        for text in [
            "",
            "km",
            "between 3 and 5",
            "3 to 5",
            "1,23,4",
            "1.2.3",
            "007",
            "1234567890123456",
            "3/4/2024",
            "x3",
            "3 x",
            "1/0",
            "$5 km 3",
        ] {
            let read = Quantity::read(text);
            let is_other = read.as_ref().is_some_and(|read| matches!(read.unit, Some(Unit::Other(_))));
            assert!(read.is_none() || (text == "3 x" && is_other), "{text:?}: {read:?}");
        }
    }

    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(Quantity::read(text).map(|read| read.value()), expected, "{text:?}");
    }

    #[test]
    fn units_are_turned_into_each_other_or_differ() {
        let check = |said: &str, expected: &str, same: bool| {
            let read = |text: &str| Quantity::read(text).unwrap_or_else(|| panic!("{text:?} is a number"));
            assert_eq!(read(said).is(&read(expected), 0.0), same, "{said:?} for {expected:?}");
        };
        check("35000 m", "35 km", true);
        check("35", "35 km", true);
        check("35 km", "35", true);
        check("35 miles", "35 km", false);
        check("2 hours", "120 minutes", true);
        check("17%", "17", true);
        check("17 percent", "17%", true);
        check("$5", "5 dollars", true);
        check("$5", "5 euros", false);
        check("7", "7 up", false);
        check("50", "50 Cent", false);
        check("35 people", "35 people", true);
        check("35 people", "35 dogs", false);
        check("2 years", "24 months", true);
        check("0", "0", true);
        check("0.001", "0", false);
    }

    /// A whole number with a mark between its thousands.
    fn with_thousands(number: u64, mark: &str) -> String {
        let digits = number.to_string();
        let places = digits.char_indices().map(|(at, digit)| {
            let begins = at > 0 && (digits.len() - at).is_multiple_of(3);
            format!("{}{digit}", if begins { mark } else { "" })
        });
        places.collect()
    }

    proptest! {
        #[test]
        fn thousands_may_be_marked_or_not(number in 0u64..1_000_000_000_000, mark in prop::sample::select(vec!["", ",", " ", "'", "_"])) {
            let (plain, marked) = (number.to_string(), with_thousands(number, mark));
            let read = |text: &str| Quantity::read(text).map(|read| read.value());
            prop_assert_eq!(read(&marked), plain.parse().ok(), "{}", marked);
            prop_assert_eq!(read(&format!("-{marked}.25 km")), format!("-{plain}.25").parse().ok());
        }

        #[test]
        fn any_text_is_a_number_or_none(text in "(\\PC|[0-9.,eE×^/ -]){0,20}") {
            if let Some(read) = Quantity::read(&text) {
                prop_assert!(read.is(&read, 0.0) || !read.value().is_finite());
            }
        }
    }
}
