//! A table of figures in plain text.

use std::fmt;

/// A table whose rows and columns stand in the order in which they are first named; some columns stand last.
#[derive(Debug)]
pub(crate) struct Table {
    head: String,
    columns: Vec<String>,
    last: Vec<String>,
    rows: Vec<Row>,
}

/// A row: what it is called, and its cells with their columns.
#[derive(Debug)]
struct Row {
    name: String,
    cells: Vec<(String, String)>,
}

impl Table {
    pub(crate) fn new(head: String) -> Self {
        Self { head, columns: Vec::new(), last: Vec::new(), rows: Vec::new() }
    }

    /// Sets a cell.
    pub(crate) fn set(&mut self, row: &str, column: &str, cell: String) {
        note(&mut self.columns, column);
        self.put(row, column, cell);
    }

    /// Sets a cell of a column that stands after the others.
    pub(crate) fn set_last(&mut self, row: &str, column: &str, cell: String) {
        note(&mut self.last, column);
        self.put(row, column, cell);
    }

    fn put(&mut self, row: &str, column: &str, cell: String) {
        let place = self.rows.iter().position(|it| it.name == row).unwrap_or_else(|| {
            self.rows.push(Row { name: row.to_owned(), cells: Vec::new() });
            self.rows.len() - 1
        });
        self.rows[place].cells.push((column.to_owned(), cell));
    }
}

fn note(columns: &mut Vec<String>, column: &str) {
    if !columns.iter().any(|it| it == column) {
        columns.push(column.to_owned());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |row: &Row, column: &str| {
            row.cells.iter().rfind(|(it, _)| it == column).map_or_else(|| "-".to_owned(), |(_, cell)| cell.clone())
        };
        let first = self.rows.iter().map(|row| row.name.chars().count()).chain([self.head.chars().count()]).max();
        let first = first.unwrap_or_default();
        let columns: Vec<(&str, usize)> = self
            .columns
            .iter()
            .chain(&self.last)
            .map(|column| {
                let cells = self.rows.iter().map(|row| cell(row, column).chars().count());
                (column.as_str(), 2 + cells.chain([column.chars().count()]).max().unwrap_or_default())
            })
            .collect();
        write!(f, "{:<first$}", self.head)?;
        columns.iter().try_for_each(|(column, width)| write!(f, "{column:>width$}"))?;
        writeln!(f)?;
        for row in &self.rows {
            write!(f, "{:<first$}", row.name)?;
            columns.iter().try_for_each(|(column, width)| write!(f, "{:>width$}", cell(row, column)))?;
            writeln!(f)?;
        }
        Ok(())
    }
}
