//! Numbers as Python reads them, because published scorers are written in it.

/// The digit nought of scripts whose digits Python reads as well.
const NOUGHTS: [char; 16] = [
    '\u{660}', '\u{6f0}', '\u{7c0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{b66}', '\u{be6}', '\u{c66}',
    '\u{ce6}', '\u{d66}', '\u{e50}', '\u{ed0}', '\u{f20}', '\u{ff10}',
];

/// What Python's `float` makes of a text: white space around it is passed over, `1_000`, `inf`, `Infinity` and `nan` are
/// numbers, and so are digits of other scripts; `1,000` is none.
///
/// ```
/// use offseeker_grading::text::python_float;
///
/// assert_eq!(python_float(" 1_000\n"), Some(1000.0));
/// assert_eq!(python_float("-inf"), Some(f64::NEG_INFINITY));
/// assert_eq!(python_float("1,000"), None);
/// ```
#[must_use]
pub fn python_float(text: &str) -> Option<f64> {
    let plain: String = text.trim().chars().map(ascii_digit).collect();
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain);
    if !["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) && !is_decimal(unsigned) {
        return None;
    }
    plain.replace('_', "").parse().ok()
}

/// Whether Python takes a character of a text for white space; around a number it does so with fewer.
pub(super) fn is_python_space(char: char) -> bool {
    char.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&char)
}

fn ascii_digit(char: char) -> char {
    let value = |nought: &char| (char as u32).checked_sub(*nought as u32).filter(|value| *value < 10);
    NOUGHTS.iter().find_map(value).and_then(|value| char::from_digit(value, 10)).unwrap_or(char)
}

/// Whether it is digits, perhaps with a point and an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|digits| is_digits(digits.strip_prefix(['+', '-']).unwrap_or(digits)));
    let mantissa_fits = match mantissa.split_once('.') {
        None => is_digits(mantissa),
        Some((whole, "")) => is_digits(whole),
        Some(("", part)) => is_digits(part),
        Some((whole, part)) => is_digits(whole) && is_digits(part),
    };
    exponent_fits && mantissa_fits
}

/// Whether it is digits with at most one underscore between two of them.
fn is_digits(text: &str) -> bool {
    text.split('_').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}
