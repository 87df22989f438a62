//! Precision and recall of citations and of searches, where a benchmark names its documents.

use std::collections::BTreeSet;

/// The share of the cited documents that are gold ones; none where nothing is cited.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use offseeker_evaluation::retrieval::{cited, precision, recall};
///
/// let corpus = |id: &str| id.parse::<u32>().is_ok();
/// let found = cited("The mill stands on the Orsa [12, 7], which rises in Karl【9】[sic].", corpus);
/// let gold = BTreeSet::from(["12".to_owned(), "5".to_owned()]);
/// assert_eq!(precision(&found, &gold), Some(1.0 / 3.0));
/// assert_eq!(recall(&found, &gold), Some(0.5));
/// ```
#[must_use]
pub fn precision(found: &BTreeSet<String>, gold: &BTreeSet<String>) -> Option<f64> {
    share(found.intersection(gold).count(), found.len())
}

/// The share of the gold documents that were found; none where there are none.
#[must_use]
pub fn recall(found: &BTreeSet<String>, gold: &BTreeSet<String>) -> Option<f64> {
    share(found.intersection(gold).count(), gold.len())
}

/// The share of the gold documents among the first `most` different ones that searches gave, in the order in which they
/// gave them; none where there are no gold ones.
#[must_use]
pub fn recall_at(most: usize, ranked: &[String], gold: &BTreeSet<String>) -> Option<f64> {
    let mut found = BTreeSet::new();
    for document in ranked {
        if found.len() == most {
            break;
        }
        found.insert(document.clone());
    }
    recall(&found, gold)
}

/// The documents that a text cites in square brackets or in those of Chinese print: `[12]`, `[12, 7]`, `【9】`.
///
/// What `is_document` does not know is no citation: `[sic]`, the text of a link.
pub fn cited(text: &str, is_document: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut documents = BTreeSet::new();
    let mut opened = None;
    for (at, letter) in text.char_indices() {
        match letter {
            '[' | '【' => opened = Some((at + letter.len_utf8(), letter)),
            ']' | '】' => {
                let Some((start, bracket)) = opened.take() else { continue };
                if (bracket == '[') == (letter == ']') {
                    let ids = text[start..at].split([',', ';', '，', '、']).map(str::trim);
                    documents.extend(ids.filter(|id| is_document(id)).map(str::to_owned));
                }
            }
            _ => {}
        }
    }
    documents
}

// There are fewer documents than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn share(part: usize, all: usize) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}
