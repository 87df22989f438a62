//! Chooses from a text what fits a query, without a model.

use std::collections::BTreeSet;

use crate::{Ranking, estimate_tokens, is_dense, pairs};

/// About how long a piece is at most, in characters: longer paragraphs are chosen from line by line, or sentence by
/// sentence.
const PIECE: usize = 1_200;

/// What stands where something was left out.
const LEFT_OUT: &str = "[...]";

/// Chooses from a text what fits a query best, in at most `budget` tokens as [`estimate_tokens`] counts them.
///
/// What is chosen are paragraphs, word for word and in the order of the text, each under its heading; `[...]` stands
/// where something was left out. A text that fits is given whole. Where nothing in it shares a word with the query, it
/// is its beginning that is given.
#[must_use]
pub fn extract(text: &str, query: &str, budget: usize) -> String {
    if estimate_tokens(text) <= budget {
        return text.to_owned();
    }
    let pieces = pieces(text);
    let mut ranking = Ranking::default();
    for piece in &pieces {
        let heading = piece.heading.map_or("", |heading| pieces[heading].text);
        ranking.push_words(pairs(heading).chain(pairs(piece.text)));
    }
    let ranked = ranking.best_by_words(pairs(query), pieces.len());
    let mut order: Vec<usize> = ranked.into_iter().map(|(place, _)| place).collect();
    if order.is_empty() {
        order = (0..pieces.len()).collect();
    }
    choose(&pieces, &order, budget)
}

fn choose(pieces: &[Piece<'_>], order: &[usize], budget: usize) -> String {
    // Each piece that is chosen may open a gap before it; one more may follow the last.
    let gap = estimate_tokens(LEFT_OUT) + 2;
    let mut chosen = BTreeSet::new();
    let mut left = budget.saturating_sub(gap);
    for &place in order {
        let with_heading = [pieces[place].heading, Some(place)];
        let new: Vec<usize> = with_heading.into_iter().flatten().filter(|place| !chosen.contains(place)).collect();
        let cost: usize = new.iter().map(|place| estimate_tokens(pieces[*place].text) + gap).sum();
        if cost <= left {
            left -= cost;
            chosen.extend(new);
        }
    }
    if chosen.is_empty() {
        return order.first().map_or_else(String::new, |place| beginning(pieces[*place].text, budget).to_owned());
    }
    let mut text = String::new();
    let mut next = 0;
    for place in chosen {
        if place > next {
            part(&mut text);
            text.push_str(LEFT_OUT);
        }
        part(&mut text);
        text.push_str(pieces[place].text);
        next = place + 1;
    }
    if next < pieces.len() {
        part(&mut text);
        text.push_str(LEFT_OUT);
    }
    text
}

fn part(text: &mut String) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
}

/// The beginning of a text that has so many tokens.
fn beginning(text: &str, budget: usize) -> &str {
    let (mut dense, mut others) = (0, 0_usize);
    for (at, char) in text.char_indices() {
        if is_dense(char) {
            dense += 1;
        } else {
            others += 1;
        }
        if dense + others.div_ceil(4) > budget {
            return text[..at].trim_end();
        }
    }
    text
}

/// A part of a text that is chosen or left out as a whole.
struct Piece<'a> {
    text: &'a str,
    /// The place of the heading that it stands under.
    heading: Option<usize>,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut heading = None;
    for paragraph in text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')) {
        if paragraph.trim().is_empty() {
            continue;
        }
        if is_heading(paragraph) {
            heading = Some(pieces.len());
            pieces.push(Piece { text: paragraph, heading: None });
        } else {
            pieces.extend(split(paragraph).into_iter().map(|text| Piece { text, heading }));
        }
    }
    pieces
}

fn is_heading(paragraph: &str) -> bool {
    let marks = paragraph.bytes().take_while(|&byte| byte == b'#').count();
    (1..=6).contains(&marks) && paragraph[marks..].starts_with(' ') && !paragraph.contains('\n')
}

/// Cuts a long paragraph where a line ends, else where a sentence does, else after so many characters.
fn split(paragraph: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = paragraph;
    while let Some((end, _)) = rest.char_indices().nth(PIECE) {
        let head = &rest[..end];
        let line = head.rfind('\n').filter(|at| *at > 0);
        let sentence = || head.rfind(". ").map(|at| at + 1).max(head.rfind('。').map(|at| at + '。'.len_utf8()));
        let end = line.or_else(sentence).or_else(|| head.rfind(' ').filter(|at| *at > 0)).unwrap_or(end);
        let (piece, after) = rest.split_at(end);
        pieces.push(piece.trim_end());
        rest = after.trim_start_matches([' ', '\n']);
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "# Karlin\n\nKarlin lies in a valley, far from any city.\n\n## The mill\n\nThe mill was built \
        in 1702 on the Orsa.\n\nIt burnt down twice.\n\n## 城堡\n\n城堡比磨坊更古老。\n\n它建在一座小山上。";

    #[test]
    fn what_fits_a_query_is_chosen() {
        check("Orsa", 1_000, TEXT);
        check(
            "when was the Orsa mill built?",
            26,
            "[...]\n\n## The mill\n\nThe mill was built in 1702 on the Orsa.\n\n[...]",
        );
        check("小山", 30, "[...]\n\n## 城堡\n\n[...]\n\n它建在一座小山上。");
        check("城堡", 32, "[...]\n\n## 城堡\n\n城堡比磨坊更古老。\n\n[...]");
        check("nothing of this", 25, "# Karlin\n\nKarlin lies in a valley, far from any city.\n\n[...]");
        check("Orsa", 3, "The mill was");
        check("Orsa", 0, "");
    }

    #[test]
    fn long_paragraphs_are_chosen_from_by_line() {
        let rows: Vec<String> = (0..500).map(|row| format!("| row {row} | {} |", row * row)).collect();
        let table = rows.join("\n");
        let found = extract(&table, "row 321", 700);
        assert!(found.contains("| row 321 | 103041 |") && estimate_tokens(&found) <= 700, "{found}");
    }

    proptest! {
        #[test]
        fn the_budget_holds_and_the_words_are_the_texts(text in "([a-d磨坊]{1,8}[ .]|\n\n|\n|# ){0,120}", budget in 0_usize..80) {
            let found = extract(&text, "a 磨坊", budget);
            prop_assert!(estimate_tokens(&found) <= budget, "{} > {budget}: {found:?}", estimate_tokens(&found));
            for piece in found.split("\n\n").filter(|piece| *piece != LEFT_OUT) {
                prop_assert!(text.contains(piece));
            }
        }
    }

    fn check(query: &str, budget: usize, expected: &str) {
        assert_eq!(extract(TEXT, query, budget), expected, "{query} {budget}");
    }
}
