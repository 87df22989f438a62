//! Where in a text words stand that are nearly those that are looked for.
//!
//! The search is Myers' in Hyyrö's form: one column of the table of edit distances is a row of bits, so a character of
//! the text costs one step for each 64 characters of the pattern.

use std::collections::HashMap;

use crate::Span;

/// The part of the text that fewest edits make into the pattern, and how many; the first where several are as near.
///
/// White space of any kind counts as a space.
pub(crate) fn near_match(text: &str, pattern: &str) -> Option<(Span, usize)> {
    let pattern: Vec<char> = pattern.chars().map(plain).collect();
    if pattern.is_empty() {
        return None;
    }
    let mut column = Column::new(&pattern);
    let mut best = (pattern.len(), 0);
    for (at, char) in text.char_indices() {
        let edits = column.step(plain(char));
        if edits < best.0 {
            best = (edits, at + char.len_utf8());
        }
    }
    let (edits, end) = best;
    (edits < pattern.len()).then(|| (Span { start: start(text, end, &pattern, edits) as u64, end: end as u64 }, edits))
}

/// Where the part begins that ends there: the pattern backwards is looked for backwards, from there alone.
fn start(text: &str, end: usize, pattern: &[char], edits: usize) -> usize {
    let backwards: Vec<char> = pattern.iter().rev().copied().collect();
    let mut row: Vec<usize> = (0..=backwards.len()).collect();
    for (count, (at, char)) in text[..end].char_indices().rev().enumerate() {
        let mut diagonal = row[0];
        row[0] = count + 1;
        for (place, wanted) in backwards.iter().enumerate() {
            let changed = diagonal + usize::from(*wanted != plain(char));
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
        if row[backwards.len()] == edits {
            return at;
        }
        if count > backwards.len() + edits {
            break;
        }
    }
    end
}

fn plain(char: char) -> char {
    if char.is_whitespace() { ' ' } else { char }
}

/// A column of the table, as the differences between its rows.
struct Column {
    blocks: Vec<Block>,
    places: HashMap<char, Vec<u64>>,
    nowhere: Vec<u64>,
    last_bit: u64,
    edits: usize,
}

struct Block {
    more: u64,
    fewer: u64,
}

impl Column {
    fn new(pattern: &[char]) -> Self {
        let count = pattern.len().div_ceil(64);
        let mut places: HashMap<char, Vec<u64>> = HashMap::new();
        for (at, char) in pattern.iter().enumerate() {
            places.entry(*char).or_insert_with(|| vec![0; count])[at / 64] |= 1 << (at % 64);
        }
        Self {
            blocks: (0..count).map(|_| Block { more: u64::MAX, fewer: 0 }).collect(),
            places,
            nowhere: vec![0; count],
            last_bit: 1 << ((pattern.len() - 1) % 64),
            edits: pattern.len(),
        }
    }

    /// Goes on by a character of the text; gives the edits between the pattern and what ends there.
    fn step(&mut self, char: char) -> usize {
        let places = self.places.get(&char).unwrap_or(&self.nowhere);
        let last = self.blocks.len() - 1;
        let mut carried = 0;
        for (at, (block, same)) in self.blocks.iter_mut().zip(places).enumerate() {
            let high = if at == last { self.last_bit } else { 1 << 63 };
            carried = block.step(*same, carried, high);
        }
        match carried {
            1 => self.edits += 1,
            -1 => self.edits -= 1,
            _ => {}
        }
        self.edits
    }
}

impl Block {
    fn step(&mut self, same: u64, carried: i8, high: u64) -> i8 {
        let vertical = same | self.fewer;
        let same = same | u64::from(carried < 0);
        let across = ((same & self.more).wrapping_add(self.more) ^ self.more) | same;
        let mut up = self.fewer | !(across | self.more);
        let mut down = self.more & across;
        let out = i8::from(up & high != 0) - i8::from(down & high != 0);
        up = (up << 1) | u64::from(carried > 0);
        down = (down << 1) | u64::from(carried < 0);
        self.more = down | !(vertical | up);
        self.fewer = up & vertical;
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole table, as the definition says it.
    fn by_definition(text: &str, pattern: &str) -> usize {
        let pattern: Vec<char> = pattern.chars().collect();
        let mut column: Vec<usize> = (0..=pattern.len()).collect();
        let mut best = pattern.len();
        for char in text.chars() {
            let mut diagonal = 0;
            for (place, wanted) in pattern.iter().enumerate() {
                let changed = diagonal + usize::from(*wanted != char);
                diagonal = column[place + 1];
                column[place + 1] = changed.min(diagonal + 1).min(column[place] + 1);
            }
            best = best.min(column[pattern.len()]);
        }
        best
    }

    fn edits(left: &str, right: &str) -> usize {
        let right: Vec<char> = right.chars().collect();
        let mut row: Vec<usize> = (0..=right.len()).collect();
        for (count, char) in left.chars().enumerate() {
            let mut diagonal = row[0];
            row[0] = count + 1;
            for (place, wanted) in right.iter().enumerate() {
                let changed = diagonal + usize::from(*wanted != char);
                diagonal = row[place + 1];
                row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
            }
        }
        row[right.len()]
    }

    proptest! {
        #[test]
        fn the_nearest_part_is_found(text in "[abé]{0,300}", pattern in "[abé]{1,150}") {
            let least = by_definition(&text, &pattern);
            match near_match(&text, &pattern) {
                None => prop_assert_eq!(least, pattern.chars().count()),
                Some((span, found)) => {
                    prop_assert_eq!(found, least);
                    let part = &text[span.start as usize..span.end as usize];
                    prop_assert_eq!(edits(part, &pattern), least, "{}", part);
                }
            }
        }
    }
}
