//! Strings, numbers and lists made equal as the scorer of GAIA does it.

use super::python_float::{is_python_space, python_float};

/// A string as the scorer of GAIA compares it: without white space, in lower case; without ASCII punctuation too, unless
/// it is the element of a list.
///
/// ```
/// use offseeker_grading::text::gaia_string;
///
/// assert_eq!(gaia_string("St. Petersburg", false), "stpetersburg");
/// assert_eq!(gaia_string("St. Petersburg", true), "st.petersburg");
/// ```
#[must_use]
pub fn gaia_string(text: &str, keep_punctuation: bool) -> String {
    let stays = |char: &char| !is_python_space(*char) && (keep_punctuation || !char.is_ascii_punctuation());
    text.chars().filter(stays).collect::<String>().to_lowercase()
}

/// A number as the scorer of GAIA reads it out of a prediction: `$`, `%` and `,` go, the rest is read as Python reads it,
/// and what cannot be read is infinite.
#[must_use]
pub fn gaia_number(text: &str) -> f64 {
    python_float(&text.replace(['$', '%', ','], "")).unwrap_or(f64::INFINITY)
}

/// The elements of a list as the scorer of GAIA cuts them: at each comma and semicolon.
pub fn gaia_elements(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';'])
}
