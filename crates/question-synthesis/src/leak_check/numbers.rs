//! Numbers and dates in a text.

use offseeker_grading::text::MONTHS;

/// A number in a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) text: String,
    pub(super) value: f64,
    /// How many digits it has, without zeros at its ends.
    pub(super) digits: usize,
    pub(super) is_year: bool,
}

/// A part of a text: a run of digits, a word, or what stands between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Digits(&'a str),
    Word(&'a str),
    Other(&'a str),
}

impl<'a> Piece<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Digits(text) | Self::Word(text) | Self::Other(text) => text,
        }
    }

    fn is_number(self, digits: std::ops::RangeInclusive<usize>) -> bool {
        matches!(self, Self::Digits(text) if digits.contains(&text.len()))
    }

    fn is_month(self) -> bool {
        let Self::Word(word) = self else { return false };
        let word = word.to_lowercase();
        MONTHS.iter().any(|month| *month == word || (word.len() == 3 && month.starts_with(&word) && word != "may"))
    }

    fn is_mark(self, marks: &str) -> bool {
        matches!(self, Self::Other(text) if text.chars().count() == 1 && marks.contains(text))
    }

    fn is_gap(self) -> bool {
        matches!(self, Self::Other(text) if text.trim_matches(|char: char| char.is_whitespace() || ",.".contains(char)).is_empty())
    }

    /// A day of a month: `12`, `12th`.
    fn is_day(self) -> bool {
        let (Self::Digits(text) | Self::Word(text)) = self else { return false };
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        let ending = &text[digits.len()..];
        (1..=2).contains(&digits.len()) && ["", "st", "nd", "rd", "th"].contains(&ending)
    }
}

/// The pieces of a text. Digits that stand in a word belong to it, except where the script writes no spaces.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let sort = |char: char| match char {
        _ if char.is_ascii_digit() => 0,
        _ if char.is_alphanumeric() && !offseeker_pages::is_dense(char) => 1,
        _ if char.is_alphanumeric() => 2,
        _ => 3,
    };
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |char: char| sort(char) <= 1;
        let length = if word(first) {
            rest.find(|char| !word(char)).unwrap_or(rest.len())
        } else {
            rest.find(word).unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        pieces.push(if piece.bytes().all(|byte| byte.is_ascii_digit()) {
            Piece::Digits(piece)
        } else if word(first) {
            Piece::Word(piece)
        } else {
            Piece::Other(piece)
        });
    }
    pieces
}

/// The whole dates in a text, and the text without them.
pub(super) fn dates(text: &str) -> (Vec<String>, String) {
    let text = narrow(text);
    let pieces = pieces(&text);
    let (mut found, mut rest) = (Vec::new(), String::new());
    let mut at = 0;
    while at < pieces.len() {
        let length = date(&pieces[at..]);
        if length == 0 {
            rest.push_str(pieces[at].text());
            at += 1;
        } else {
            found.push(pieces[at..at + length].iter().map(|piece| piece.text()).collect());
            rest.push(' ');
            at += length;
        }
    }
    (found, rest)
}

/// How many pieces at the beginning are a date.
fn date(pieces: &[Piece<'_>]) -> usize {
    let year = |at: usize| pieces.get(at).is_some_and(|piece| piece.is_number(4..=4));
    let short = |at: usize| pieces.get(at).is_some_and(|piece| piece.is_number(1..=2));
    let mark = |at: usize, marks: &str| pieces.get(at).is_some_and(|piece| piece.is_mark(marks));
    let month = |at: usize| pieces.get(at).is_some_and(|piece| piece.is_month());
    let day = |at: usize| pieces.get(at).is_some_and(|piece| piece.is_day());
    let gap = |at: usize| pieces.get(at).is_some_and(|piece| piece.is_gap());
    let word = |at: usize, begins: &str| pieces.get(at).is_some_and(|piece| piece.text().starts_with(begins));
    // 1704-05-12, 1704/5/12, 12.5.1704.
    if (year(0) && mark(1, "-/.") && short(2) && mark(3, "-/.") && short(4))
        || (short(0) && mark(1, "-/.") && short(2) && mark(3, "-/.") && year(4))
    {
        return 5;
    }
    // 1704年5月12日.
    if year(0) && word(1, "年") && short(2) && word(3, "月") {
        return if short(4) && word(5, "日") { 5 } else { 3 };
    }
    // 12 May 1704, May 12, 1704, May 1704.
    if (day(0) && gap(1) && month(2) && gap(3) && year(4)) || (month(0) && gap(1) && day(2) && gap(3) && year(4)) {
        return 5;
    }
    if (day(0) && gap(1) && month(2)) || (month(0) && gap(1) && (year(2) || day(2))) {
        return 3;
    }
    0
}

/// The numbers in a text.
pub(super) fn numbers(text: &str) -> Vec<Number> {
    let text = narrow(text);
    let pieces = pieces(&text);
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let mut spelled = String::new();
        if let Piece::Digits(digits) = pieces[at] {
            spelled.push_str(digits);
            while let (Some(mark), Some(Piece::Digits(more))) = (pieces.get(at + 1), pieces.get(at + 2))
                && (mark.is_mark(".") || (mark.is_mark(",") && more.len() == 3))
            {
                spelled.push_str(mark.text());
                spelled.push_str(more);
                at += 2;
            }
        } else if let Piece::Word(word) = pieces[at] {
            // The 1780s, 12th.
            spelled.extend(word.chars().take_while(char::is_ascii_digit));
        }
        numbers.extend(number(spelled));
        at += 1;
    }
    numbers
}

fn number(text: String) -> Option<Number> {
    let value: f64 = text.replace(',', "").parse().ok()?;
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0');
    let significant = if text.contains('.') { significant } else { significant.trim_end_matches('0') };
    let is_year = text.len() == 4 && digits.len() == 4;
    Some(Number { value, digits: significant.len(), is_year, text })
}

/// The text with full-width digits and signs as ASCII.
fn narrow(text: &str) -> String {
    let narrow = |char: char| match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(char as u32 - 0xfee0).unwrap_or(char),
        _ => char,
    };
    text.chars().map(narrow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_however_they_are_written() {
        check_dates("It burnt down on 1704-05-12, at noon.", &["1704-05-12"]);
        check_dates("on 12 May 1704 or May 12th, 1704", &["12 May 1704", "May 12th, 1704"]);
        check_dates("in May 1704; on 3 June", &["May 1704", "3 June"]);
        check_dates("它建于1704年5月12日。", &["1704年5月12"]);
        check_dates("建于１７０４年５月", &["1704年5"]);
        check_dates("12.5.1704", &["12.5.1704"]);
        check_dates("It may 12 times", &["may 12"]);
        check_dates("between 1700 and 1709, 12 mills", &[]);
    }

    fn check_dates(text: &str, expected: &[&str]) {
        assert_eq!(dates(text).0, expected, "{text}");
    }

    #[test]
    fn numbers_are_found_with_their_digits() {
        check_numbers(
            "between 1700 and 1,250.5 or 12th, x86, 0.5",
            &[("1700", 1700.0, 2, true), ("1,250.5", 1250.5, 5, false), ("12", 12.0, 2, false), ("0.5", 0.5, 1, false)],
        );
        check_numbers("建于1704年，高３１２米", &[("1704", 1704.0, 4, true), ("312", 312.0, 3, false)]);
        check_numbers("the 1780s; 5000.", &[("1780", 1780.0, 3, true), ("5000", 5000.0, 1, true)]);
        check_numbers("no", &[]);
    }

    fn check_numbers(text: &str, expected: &[(&str, f64, usize, bool)]) {
        let found = numbers(text);
        let found: Vec<_> = found.iter().map(|it| (it.text.as_str(), it.value, it.digits, it.is_year)).collect();
        assert_eq!(found, expected, "{text}");
    }
}
