//! Bounds what a model is given for a call.

use offseeker_pages::estimate_tokens;

use crate::{Cut, Observation};

/// Cuts the text of an observation to so many estimated tokens, and says so where the text ends.
pub(crate) fn cap(observation: &mut Observation, tokens: usize) {
    let from = estimate_tokens(&observation.text);
    if from <= tokens {
        return;
    }
    let end = fitting(&observation.text, tokens);
    observation.text.truncate(end);
    let to = estimate_tokens(&observation.text);
    observation.text.push_str(&format!("\n\n[Cut here: about {to} of {from} tokens are shown. Ask for less at once.]"));
    observation.cut = Some(Cut { from: observation.cut.map_or(from, |cut| cut.from), to });
}

/// Where a text has to end so that it has at most so many estimated tokens: after a line where one ends in the last
/// tenth, else anywhere between two characters.
fn fitting(text: &str, tokens: usize) -> usize {
    let mut low = 0;
    let mut high = text.len();
    while low < high {
        let middle = text.ceil_char_boundary(low + (high - low).div_ceil(2));
        if estimate_tokens(&text[..middle]) <= tokens {
            low = middle;
        } else {
            high = text.floor_char_boundary(middle - 1);
        }
    }
    match text[..low].rfind('\n') {
        Some(line) if line >= low - low / 10 => line,
        _ => low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_with_a_word() {
        check("short", 2, "short", false);
        check(&"word ".repeat(100), 50, &"word ".repeat(40), true);
        check(&"水".repeat(100), 10, &"水".repeat(10), true);
        check(&format!("{}\n{}", "a".repeat(95), "b".repeat(100)), 25, &"a".repeat(95), true);
        check("abcd", 0, "", true);
    }

    fn check(text: &str, tokens: usize, expected: &str, is_cut: bool) {
        let mut observation = Observation::ok(text);
        cap(&mut observation, tokens);
        let shown = observation.text.split("\n\n[Cut here").next().unwrap();
        assert_eq!((shown, observation.cut.is_some()), (expected, is_cut), "{text:?}");
        if let Some(cut) = observation.cut {
            assert!(cut.to <= tokens && cut.from == estimate_tokens(text), "{cut:?}");
        }
    }
}
