//! Tables that list things: each row is about what its first cell links to.

use std::ops::Range;

use super::fields::field_name;

/// The longest value that a cell gives, in bytes.
const LONGEST_VALUE: usize = 240;

/// The most columns of a table that lists things.
const MOST_COLUMNS: usize = 16;

/// Heads of columns that do not say what the things of a list are.
const NO_KINDS: [&str; 9] = ["entry", "item", "link", "name", "page", "section", "title", "topic", "url"];

/// A table with a head and at least two columns, all of which are called something different.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    /// What each column is called; nothing, where that could not be the name of a property.
    heads: Vec<Option<String>>,
    rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The row, without what stands around it.
    pub(super) line: Range<usize>,
    cells: Vec<Range<usize>>,
}

/// A cell of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    list: &'a List,
    pub(super) row: &'a Row,
    column: usize,
}

impl Cell<'_> {
    /// What its column is called.
    pub(super) fn head(&self) -> Option<&str> {
        self.list.heads[self.column].as_deref()
    }

    /// Whether a row is about what is linked here.
    pub(super) fn is_first(&self) -> bool {
        self.column == 0
    }

    /// Whether there is nothing else in it than some words.
    pub(super) fn is_only(&self, text: &str, words: &str) -> bool {
        let cell = &text[self.row.cells[self.column].clone()];
        cell.trim_matches(|char: char| char.is_whitespace() || "*_`".contains(char)) == words.trim()
    }

    /// What the things of its column are, where its head says that: its word for one of them.
    pub(super) fn kind(&self) -> Option<String> {
        let head = self.head()?;
        let head = head.strip_suffix(" name").unwrap_or(head);
        let short = !NO_KINDS.contains(&head) && head.split(' ').count() <= 2;
        short.then(|| singular(head))
    }

    /// The names and values of the other cells of its row.
    pub(super) fn others<'t>(&self, text: &'t str) -> impl Iterator<Item = (&str, &'t str)> {
        let cells = self.list.heads.iter().zip(&self.row.cells).enumerate();
        let others = cells.filter(|(column, _)| *column != self.column);
        others.filter_map(|(_, (head, cell))| {
            let value = text[cell.clone()].trim().trim_matches('`');
            let usable = value.chars().any(char::is_alphanumeric) && value.len() <= LONGEST_VALUE;
            Some((head.as_deref().filter(|_| usable)?, value))
        })
    }
}

/// The English word for one of several.
fn singular(word: &str) -> String {
    const AS_THEY_ARE: [&str; 5] = ["is", "series", "species", "ss", "us"];
    if AS_THEY_ARE.iter().any(|ending| word.ends_with(ending)) {
        word.to_owned()
    } else if let Some(stem) = word.strip_suffix("ies") {
        format!("{stem}y")
    } else {
        word.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(word).to_owned()
    }
}

/// The lists of a text, in their order.
pub(super) fn lists(text: &str) -> Vec<List> {
    let (mut lists, mut table, mut place, mut in_code) = (Vec::new(), Vec::new(), 0, false);
    for line in text.split_inclusive('\n') {
        let whole = place..place + line.len();
        place = whole.end;
        let bare = line.trim();
        in_code ^= bare.starts_with("```") || bare.starts_with("~~~");
        if bare.starts_with('|') && !in_code {
            table.push(whole);
        } else {
            lists.extend(list(text, &std::mem::take(&mut table)));
        }
    }
    lists.extend(list(text, &table));
    lists
}

/// The cell in which a part of the text stands.
pub(super) fn cell_at<'a>(lists: &'a [List], part: &Range<usize>) -> Option<Cell<'a>> {
    let after = |list: &List| list.rows.last().is_some_and(|row| row.line.end <= part.start);
    let list = lists.get(lists.partition_point(after))?;
    let row = list.rows.get(list.rows.partition_point(|row| row.line.end <= part.start))?;
    let column = row.cells.iter().position(|cell| cell.start <= part.start && part.end <= cell.end)?;
    Some(Cell { list, row, column })
}

fn list(text: &str, lines: &[Range<usize>]) -> Option<List> {
    let [head, rule, rows @ ..] = lines else { return None };
    let is_rule = |line: &str| line.contains("---") && line.chars().all(|char| "|-: ".contains(char));
    if !is_rule(text[rule.clone()].trim()) {
        return None;
    }
    let heads: Vec<Option<String>> = cells(text, head)?.1.into_iter().map(|cell| field_name(&text[cell])).collect();
    let named: Vec<&String> = heads.iter().flatten().collect();
    let differ = named.iter().enumerate().all(|(at, name)| !named[..at].contains(name));
    let rows = rows.iter().filter_map(|line| {
        let (line, cells) = cells(text, line)?;
        (cells.len() == heads.len()).then_some(Row { line, cells })
    });
    let rows: Vec<Row> = rows.collect();
    let lists = (2..=MOST_COLUMNS).contains(&heads.len()) && named.len() >= 2 && differ && !rows.is_empty();
    lists.then_some(List { heads, rows })
}

/// A line without its outer bars, and its cells. A bar after a backslash is a part of a cell.
fn cells(text: &str, line: &Range<usize>) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let bare = text[line.clone()].trim();
    let inner = bare.strip_prefix('|')?.strip_suffix('|')?;
    let start = line.start + text[line.clone()].find('|')? + 1;
    let mut cells = Vec::new();
    let (mut from, mut escaped) = (start, false);
    for (at, char) in inner.char_indices() {
        if char == '|' && !escaped {
            cells.push(from..start + at);
            from = start + at + 1;
        }
        escaped = char == '\\' && !escaped;
    }
    cells.push(from..start + inner.len());
    let blank = inner.len() - inner.trim_start().len();
    Some((start + blank..start + inner.trim_end().len(), cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIVERS: &str = "Rivers.\n\n| Rivers | Length | Country |\n| --- | --- | --- |\n| Orsa | 312 km | Orland |\n\
                          | Vel | 40 \\| 41 km | |\n| too | few |\n\n| a | b |\n| c | d |\n";

    #[test]
    fn a_table_with_a_head_lists_things() {
        let lists = lists(RIVERS);
        assert_eq!((lists.len(), lists[0].rows.len()), (1, 2));
        check(&lists, "Orsa", Some("river"), "Orsa | 312 km | Orland", &[("length", "312 km"), ("country", "Orland")]);
        check(&lists, "Vel", Some("river"), "Vel | 40 \\| 41 km |", &[("length", "40 \\| 41 km")]);
        check(&lists, "312", Some("length"), "Orsa | 312 km | Orland", &[("rivers", "Orsa"), ("country", "Orland")]);
        for nowhere in ["Rivers.", "too", "c |"] {
            let at = RIVERS.find(nowhere).unwrap_or_default();
            assert!(cell_at(&lists, &(at..at + 1)).is_none(), "{nowhere}");
        }
    }

    fn check(lists: &[List], words: &str, kind: Option<&str>, line: &str, others: &[(&str, &str)]) {
        let at = RIVERS.find(words).unwrap_or_default();
        let cell = cell_at(lists, &(at..at + words.len())).expect("it stands in a list");
        assert_eq!((cell.kind().as_deref(), &RIVERS[cell.row.line.clone()]), (kind, line));
        assert_eq!(cell.others(RIVERS).collect::<Vec<_>>(), others);
    }

    #[test]
    fn what_has_no_head_lists_nothing() {
        assert!(lists("| --- | --- |\n| a | b |\n").is_empty());
        assert!(lists("| a | a |\n| --- | --- |\n| b | c |\n").is_empty(), "two columns of one name");
        assert!(lists("```\n| a | b |\n| --- | --- |\n| c | d |\n```\n").is_empty(), "code");
    }
}
