//! How many tokens a text may have, where no tokenizer is at hand.

use crate::is_dense;

/// About how many tokens a text has: one for each character of a script that writes no spaces, one for each four
/// others.
///
/// ```
/// assert_eq!(offseeker_resemblance::estimate_tokens("The Karlin mill: 卡林磨坊"), 9);
/// ```
#[must_use]
pub fn estimate_tokens(text: &str) -> usize {
    if text.is_ascii() {
        return text.len().div_ceil(4);
    }
    let dense = text.chars().filter(|&char| is_dense(char)).count();
    let others = text.chars().count() - dense;
    dense + others.div_ceil(4)
}
