//! Which tables say what a page is about, and which list things or only lay them out.

use std::collections::HashSet;
use std::ops::Range;

use super::fields::{Field, field};

/// What the first column is called of a table that lists many things.
const LISTED: [&str; 20] = [
    "argument",
    "character",
    "class",
    "code",
    "command",
    "element",
    "example",
    "file",
    "flag",
    "function",
    "keyword",
    "method",
    "module",
    "name",
    "operator",
    "option",
    "parameter",
    "symbol",
    "variable",
    "version",
];

/// The fields in a table, given by its lines.
///
/// A table says what a page is about where its rows have two cells, at least half of these rows read as a field with its
/// value, no field comes twice, and its head does not say that it lists other things: options, functions, versions.
pub(super) fn table_fields(text: &str, lines: &[Range<usize>]) -> Vec<Field> {
    let rule = lines.iter().position(|line| is_rule(text[line.clone()].trim()));
    let body = &lines[rule.map_or(0, |at| at + 1)..];
    let head = rule.and_then(|at| cells(text, lines.get(at.checked_sub(1)?)?.clone()));
    let lists = head.is_some_and(|(first, second)| {
        let first = text[first].trim().to_lowercase();
        !text[second].trim().is_empty()
            && LISTED.contains(&first.rsplit(' ').next().unwrap_or_default().trim_end_matches('s'))
    });
    let fields: Vec<Field> = body.iter().filter_map(|line| row(text, line.clone())).collect();
    let mut seen = HashSet::new();
    let is_about = fields.len() * 2 >= body.len() && fields.iter().all(|field| seen.insert(field.name.clone()));
    if lists || !is_about { Vec::new() } else { fields }
}

fn row(text: &str, line: Range<usize>) -> Option<Field> {
    let (name, value) = cells(text, line)?;
    field(text, name, value)
}

/// The cells of a row that has two.
fn cells(text: &str, line: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let start = line.start + text[line.clone()].find('|')? + 1;
    let middle = start + text[start..line.end].find('|')?;
    let end = line.start + text[line].rfind('|')?;
    let two_cells = middle < end && !text[middle + 1..end].contains('|');
    two_cells.then_some((start..middle, middle + 1..end))
}

fn is_rule(line: &str) -> bool {
    line.starts_with('|') && line.contains("---") && line.chars().all(|char| "|-: ".contains(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_fields_are_told_from_lists_and_layout() {
        check("| Karlin mill | |\n| --- | --- |\n| Built | 1704 |\n| a | b | c |\n", &["built"]);
        check("| Built | 1704 |\n| Owner | Ada |\n", &["built", "owner"]);
        check("| Field | Value |\n| --- | --- |\n| Built | 1704 |\n", &["built"]);
        check("| Option | Meaning |\n| --- | --- |\n| fast | goes fast |\n| slow | goes slow |\n", &[]);
        check("| Catalog Name | Purpose |\n| --- | --- |\n| rivers | all of them |\n", &[]);
        check("| Functions | Purpose |\n| --- | --- |\n| abs | makes it positive |\n", &[]);
        check("| | |\n| --- | --- |\n| Name | one |\n| Name | two |\n", &[]);
        check("| | |\n| --- | --- |\n| f(x) | one |\n| 1.2 | two |\n| Built | 1704 |\n", &[]);
        check("| a | b | c |\n| --- | --- | --- |\n| x | y | z |\n", &[]);
        check("| --- | --- |\n", &[]);
    }

    fn check(text: &str, expected: &[&str]) {
        let mut at = 0;
        let lines: Vec<Range<usize>> = text
            .split_inclusive('\n')
            .map(|line| {
                at += line.len();
                at - line.len()..at
            })
            .collect();
        let found = table_fields(text, &lines);
        assert_eq!(found.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }
}
