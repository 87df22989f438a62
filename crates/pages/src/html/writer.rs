//! Writes Markdown, word by word.

use super::table::Table;

/// How deep lists and quotes are indented; what is deeper is written as deep as that.
const DEEPEST: usize = 8;

/// What separates what comes next from what is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Blank,
}

/// What lines stand in.
#[derive(Debug)]
enum Container {
    /// A list, with the number of its next item if it counts them, and whether it has an item.
    List(Option<usize>, bool),
    /// An item or a quote, with the length of the prefix outside it.
    Inner(usize),
}

/// A cell that is open: its text, and how many columns and rows it covers.
type Cell = (String, usize, usize);

/// Writes Markdown, word by word: white space is collapsed, blocks are parted by a blank line.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
    gap: Gap,
    /// What each line of an item or a quote begins with.
    prefix: String,
    /// Markers that are written before the next word, after so much of the prefix.
    marker: Option<(usize, String)>,
    containers: Vec<Container>,
    heading: bool,
    table: Option<Table>,
    cell: Option<Cell>,
    /// How deep in code within a line this is.
    code: usize,
    /// Whether a word of it is written.
    coded: bool,
    /// The language and the text of the block of code that is open.
    verbatim: Option<(String, String)>,
    raised: bool,
    /// How many ask for words to be noted, and what was noted.
    notes: usize,
    noted: String,
}

impl Writer {
    /// The Markdown that was written.
    pub(crate) fn finish(mut self) -> String {
        self.end_code_block();
        self.end_cell();
        self.end_table();
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    /// Writes words.
    pub(crate) fn text(&mut self, text: &str) {
        if let Some((_, verbatim)) = &mut self.verbatim {
            verbatim.push_str(text);
            return;
        }
        for (number, word) in text.split(char::is_whitespace).enumerate() {
            if number > 0 {
                self.part(Gap::Space);
            }
            self.word(word);
        }
    }

    fn word(&mut self, word: &str) {
        let invisible = |char| matches!(char, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}');
        let clean: String;
        let word = if word.contains(invisible) {
            clean = word.replace(invisible, "");
            &clean
        } else {
            word
        };
        if word.is_empty() {
            return;
        }
        self.coded = true;
        if self.notes > 0 {
            if self.gap > Gap::None && !self.noted.ends_with(' ') {
                self.noted.push(' ');
            }
            self.noted.push_str(word);
        }
        if let Some((cell, ..)) = &mut self.cell {
            if self.gap > Gap::None && !cell.is_empty() {
                cell.push(' ');
            }
            self.gap = Gap::None;
            push_raised(cell, &mut self.raised, word);
            cell.push_str(&word.replace('|', "\\|"));
        } else {
            self.begin();
            push_raised(&mut self.text, &mut self.raised, word);
            self.text.push_str(word);
        }
    }

    /// Writes what has to stand before the next word.
    fn begin(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        let starts = self.text.is_empty();
        match gap {
            _ if starts => {}
            Gap::None => {}
            Gap::Space => self.text.push(' '),
            Gap::Line => self.text.push('\n'),
            Gap::Blank => self.text.push_str("\n\n"),
        }
        if let Some((indent, marker)) = self.marker.take() {
            self.text.push_str(&self.prefix[..indent]);
            self.text.push_str(&marker);
        } else if starts || gap >= Gap::Line {
            self.text.push_str(&self.prefix);
        }
    }

    /// Parts what was from what comes; a heading and a cell are one line.
    fn part(&mut self, gap: Gap) {
        let one_line = self.cell.is_some() || (self.heading && self.marker.is_none());
        self.gap = self.gap.max(if one_line { gap.min(Gap::Space) } else { gap });
    }

    /// Parts what was from what comes by a blank line.
    pub(crate) fn block(&mut self) {
        // An item begins on the line of its marker.
        self.part(if self.marker.is_some() { Gap::Line } else { Gap::Blank });
    }

    /// Parts what was from what comes by the end of a line.
    pub(crate) fn line(&mut self) {
        self.part(Gap::Line);
    }

    /// Breaks a line within a block.
    pub(crate) fn line_break(&mut self) {
        if let Some((_, verbatim)) = &mut self.verbatim {
            verbatim.push('\n');
        } else {
            self.line();
        }
    }

    /// Draws a line between two blocks.
    pub(crate) fn rule(&mut self) {
        if !self.text.is_empty() && self.table.is_none() && self.verbatim.is_none() && self.marker.is_none() {
            self.block();
            self.word("---");
            self.block();
        }
    }

    /// Begins a heading of this rank.
    pub(crate) fn heading(&mut self, rank: usize) {
        self.block();
        if self.cell.is_none() && self.verbatim.is_none() && !self.heading {
            self.mark(&format!("{} ", "#".repeat(rank)));
            self.heading = true;
        }
    }

    /// Ends a heading.
    pub(crate) fn end_heading(&mut self) {
        if std::mem::take(&mut self.heading) {
            self.marker.take_if(|(_, marker)| marker.ends_with("# "));
        }
        self.block();
    }

    /// Begins a list, with the number of its first item if it counts them.
    pub(crate) fn list(&mut self, first: Option<usize>) {
        if self.is_in_list() {
            self.gap = self.gap.min(Gap::Line);
            self.line();
        } else {
            self.block();
        }
        self.containers.push(Container::List(first, false));
    }

    /// Ends a list.
    pub(crate) fn end_list(&mut self) {
        if matches!(self.containers.last(), Some(Container::List(..))) {
            self.containers.pop();
        }
        if self.is_in_list() { self.line() } else { self.block() }
    }

    fn is_in_list(&self) -> bool {
        self.containers.iter().any(|container| matches!(container, Container::List(..)))
    }

    /// Begins an item of a list.
    pub(crate) fn item(&mut self) {
        let mut marker = "- ".to_owned();
        if let Some(Container::List(number, has_items)) = self.containers.last_mut() {
            // Items are kept close to each other, whatever they hold.
            if std::mem::replace(has_items, true) {
                self.gap = self.gap.min(Gap::Line);
            }
            if let Some(number) = number {
                marker = format!("{number}. ");
                *number = number.saturating_add(1);
            }
        }
        self.line();
        self.indent(&marker, &" ".repeat(marker.len().min(4)));
    }

    /// Ends an item of a list.
    pub(crate) fn end_item(&mut self) {
        self.outdent();
        self.line();
    }

    /// Begins what a term means.
    pub(crate) fn definition(&mut self) {
        self.line();
        self.indent(": ", "  ");
    }

    /// Begins a quote.
    pub(crate) fn quote(&mut self) {
        self.block();
        self.indent("> ", "> ");
    }

    /// Ends a quote.
    pub(crate) fn end_quote(&mut self) {
        self.outdent();
        self.block();
    }

    /// Begins lines that have a marker before the first of them and a prefix before each other.
    fn indent(&mut self, marker: &str, prefix: &str) {
        let before = self.prefix.len();
        if self.cell.is_none() {
            self.mark(marker);
        }
        self.containers.push(Container::Inner(before));
        if self.containers.len() <= 2 * DEEPEST {
            self.prefix.push_str(prefix);
        }
    }

    fn outdent(&mut self) {
        if let Some(Container::Inner(before)) = self.containers.last() {
            let before = *before;
            self.prefix.truncate(before);
            self.containers.pop();
            // What has no words has no marker either.
            self.marker.take_if(|(indent, _)| *indent >= before);
        }
    }

    fn mark(&mut self, marker: &str) {
        match &mut self.marker {
            Some((_, earlier)) if earlier.len() < 4 * DEEPEST => earlier.push_str(marker),
            Some(_) => {}
            none => *none = Some((self.prefix.len(), marker.to_owned())),
        }
    }

    /// Begins or ends code within a line.
    pub(crate) fn code(&mut self, begins: bool) {
        if self.verbatim.is_some() {
            return;
        }
        if begins {
            self.code += 1;
            if self.code == 1 {
                self.word("`");
                self.coded = false;
            }
        } else if self.code > 0 {
            self.code -= 1;
            if self.code == 0 {
                let text = self.cell.as_mut().map_or(&mut self.text, |(cell, ..)| cell);
                if self.coded {
                    text.push('`');
                } else {
                    text.pop();
                }
            }
        }
    }

    /// Begins a block of code.
    pub(crate) fn code_block(&mut self, language: &str) {
        if self.verbatim.is_none() && self.cell.is_none() {
            self.verbatim = Some((language.to_owned(), String::new()));
        }
    }

    /// Ends a block of code.
    pub(crate) fn end_code_block(&mut self) {
        let Some((language, code)) = self.verbatim.take() else { return };
        let code = code.trim_end().trim_start_matches(['\n', '\r']);
        if code.is_empty() {
            return;
        }
        let longest = code.split(|char| char != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        self.heading = false;
        self.block();
        self.begin();
        self.text.push_str(&fence);
        self.text.push_str(&language);
        for line in code.lines().chain([fence.as_str()]) {
            self.text.push('\n');
            self.text.push_str(&self.prefix);
            self.text.push_str(line);
        }
        self.block();
    }

    /// Marks that the next word is raised, as the exponent of a number is.
    pub(crate) fn raise(&mut self) {
        self.raised = self.gap == Gap::None;
    }

    /// Begins to note words, and says from where.
    pub(crate) fn note(&mut self) -> usize {
        self.notes += 1;
        self.noted.len()
    }

    /// The words that were noted from there on.
    pub(crate) fn noted(&mut self, from: usize) -> String {
        self.notes = self.notes.saturating_sub(1);
        let words = self.noted.get(from..).unwrap_or_default().trim().to_owned();
        if self.notes == 0 {
            self.noted.clear();
        }
        words
    }

    /// Begins a table of data.
    pub(crate) fn table(&mut self) {
        if self.verbatim.is_none() && self.cell.is_none() && self.table.is_none() {
            self.heading = false;
            self.block();
            self.table = Some(Table::default());
        }
    }

    /// Begins a row of a table.
    pub(crate) fn row(&mut self) {
        if let Some(table) = &mut self.table {
            table.row();
        }
    }

    /// Begins a cell that covers so many columns and rows.
    pub(crate) fn cell(&mut self, columns: usize, rows: usize) {
        if self.table.is_some() && self.cell.is_none() {
            self.cell = Some((String::new(), columns, rows));
        }
    }

    /// Ends a cell.
    pub(crate) fn end_cell(&mut self) {
        if let (Some((text, columns, rows)), Some(table)) = (self.cell.take(), &mut self.table) {
            table.cell(text, columns, rows);
            self.gap = Gap::None;
        }
    }

    /// Ends a table of data.
    pub(crate) fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.block();
        for line in table.lines() {
            self.begin();
            self.text.push_str(&line);
            self.line();
        }
        self.block();
    }
}

/// Writes the mark of an exponent: what is raised would else be read as part of the number that it follows.
fn push_raised(text: &mut String, raised: &mut bool, word: &str) {
    let exponent = word.starts_with(|char: char| char.is_ascii_digit() || "+-−".contains(char));
    if std::mem::take(raised) && exponent && text.ends_with(char::is_alphanumeric) {
        text.push('^');
    }
}
