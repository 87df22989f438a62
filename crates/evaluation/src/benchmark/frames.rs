//! Rows of FRAMES.

use std::collections::BTreeSet;

use offseeker_trajectory::Question;

use super::Task;
use super::row::{Fault, Row};

/// The fields that name one article each, and the last of them several.
const LINKS: &str = "wikipedia_link_";

/// `hops` is the number of articles that the answer rests on; they are the gold documents, by address or by title.
pub(super) fn task(row: &Row) -> Result<Task, Fault> {
    let question = Question::new(row.required(&["Prompt"])?, [row.required(&["Answer"])?]);
    let gold = articles(row)?;
    let hops = (!gold.is_empty()).then(|| gold.len().to_string());
    let mut task = Task::new(question).label("hops", hops).label("reasoning", row.optional(&["reasoning_types"])?);
    task.gold = gold;
    Ok(task)
}

fn articles(row: &Row) -> Result<BTreeSet<String>, Fault> {
    let mut articles = BTreeSet::new();
    for name in row.fields.keys().filter(|name| name.starts_with(LINKS)) {
        articles.extend(row.optional(&[name])?.iter().flat_map(|text| addresses(text)));
    }
    for item in row.rows_within(&["wiki_items"])? {
        articles.insert(item.required(&["title"])?);
    }
    Ok(articles)
}

/// The addresses in a field; commas stand between them, and within them too.
fn addresses(text: &str) -> impl Iterator<Item = String> {
    let mut starts: Vec<usize> = text.match_indices("http").map(|(at, _)| at).collect();
    starts.retain(|at| text[*at..].starts_with("http://") || text[*at..].starts_with("https://"));
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let piece = |(start, end): (&usize, usize)| {
        text[*start..end].trim_end_matches(|letter: char| letter == ',' || letter.is_whitespace()).to_owned()
    };
    starts.iter().zip(ends).map(piece).collect::<Vec<_>>().into_iter()
}
