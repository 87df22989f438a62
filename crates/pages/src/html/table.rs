//! A table of data, as it is read row by row.

/// The most columns into which cells of earlier rows reach.
const WIDEST: usize = 40;

/// A table of data, as it is read row by row.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// For how many further rows a cell of an earlier row covers each column.
    covered: Vec<usize>,
}

impl Table {
    /// Begins a row.
    pub(crate) fn row(&mut self) {
        self.rows.push(Vec::new());
    }

    /// Adds a cell that covers so many columns and rows; the columns that it covers besides its own stay empty.
    pub(crate) fn cell(&mut self, text: String, columns: usize, rows: usize) {
        if self.rows.is_empty() {
            self.row();
        }
        let Some(row) = self.rows.last_mut() else { return };
        while let Some(covered) = self.covered.get_mut(row.len()).filter(|covered| **covered > 0) {
            *covered -= 1;
            row.push(String::new());
        }
        let at = row.len();
        row.push(text);
        row.extend(std::iter::repeat_n(String::new(), columns.saturating_sub(1)));
        if row.len() <= WIDEST && rows > 1 {
            self.covered.resize(self.covered.len().max(row.len()), 0);
            self.covered[at..row.len()].fill(rows - 1);
        }
    }

    /// The lines of the table: the first row is its head.
    pub(crate) fn lines(mut self) -> Vec<String> {
        self.rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        for (number, row) in self.rows.iter().enumerate() {
            lines.push(format!("| {} |", row.join(" | ")));
            if number == 0 {
                lines.push(format!("|{}", " --- |".repeat(row.len())));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_cover_columns_and_rows() {
        check(&[&[("a", 1, 1), ("b", 1, 1)], &[("c", 1, 1)]], &["| a | b |", "| --- | --- |", "| c |"]);
        check(&[&[("a", 2, 1)], &[("b", 1, 1), ("c", 1, 1)]], &["| a |  |", "| --- | --- |", "| b | c |"]);
        check(
            &[&[("a", 1, 2), ("b", 1, 1)], &[("c", 1, 1)], &[("d", 1, 1)]],
            &["| a | b |", "| --- | --- |", "|  | c |", "| d |"],
        );
        check(&[&[], &[("", 1, 1)]], &[]);
    }

    fn check(rows: &[&[(&str, usize, usize)]], expected: &[&str]) {
        let mut table = Table::default();
        for row in rows {
            table.row();
            for &(text, columns, rows) in *row {
                table.cell(text.to_owned(), columns, rows);
            }
        }
        assert_eq!(table.lines(), expected, "{rows:?}");
    }
}
