//! Numbers and dates in the values of properties.

/// A number or a date, as the value of a property spells it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Quantity {
    /// The number; of a date, its year.
    pub(crate) number: f64,
    /// What it is put in order by: a date with its month and day.
    pub(crate) order: f64,
    /// Whether it is a date, or a number that can only be a year.
    pub(crate) is_date: bool,
}

/// A range of numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Quantity {
    /// Reads a value that is nothing but a number (`12,500`, `3.5`), a year (`1704`) or a date (`1704-05`, `1704-05-12`).
    pub(crate) fn read(value: &str) -> Option<Self> {
        let value = value.trim();
        date(value).or_else(|| number(value))
    }

    /// Ranges that it lies in, from the one that hides most to the one that hides least.
    pub(crate) fn ranges(self) -> Vec<Range> {
        let span = |width: f64, below: f64| {
            let least = (self.number / width).floor() * width;
            Range { least, most: least + width - below }
        };
        if self.is_date {
            return vec![span(10.0, 1.0), span(5.0, 1.0)];
        }
        let magnitude = 10_f64.powf(self.number.abs().max(1.0).log10().floor());
        let wide = if magnitude < 10.0 { 5.0 } else { magnitude };
        let narrow = wide / 2.0;
        let mut ranges = vec![span(wide, 0.0)];
        if narrow >= 5.0 {
            ranges.push(span(narrow, 0.0));
        }
        ranges
    }
}

fn date(value: &str) -> Option<Quantity> {
    let mut parts = value.split('-');
    let digits = |part: &str, length: usize, most: u32| {
        let all = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|number| all && *number <= most)
    };
    let year = digits(parts.next()?, 4, 9999)?;
    let month = digits(parts.next()?, 2, 12)?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2, 31))?;
    if parts.next().is_some() || month == 0 || day == 0 {
        return None;
    }
    let within = f64::from(month - 1) / 12.0 + f64::from(day - 1) / 372.0;
    Some(Quantity { number: f64::from(year), order: f64::from(year) + within, is_date: true })
}

fn number(value: &str) -> Option<Quantity> {
    let (whole, fraction) = value.split_once('.').map_or((value, None), |(whole, rest)| (whole, Some(rest)));
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<&str> = unsigned.split(',').collect();
    let grouped = groups.len() > 1
        && (1..=3).contains(&groups[0].len())
        && groups[1..].iter().all(|group| group.len() == 3)
        && groups.iter().all(|group| digits(group));
    if value.len() > 24 || !(grouped || digits(unsigned)) || !fraction.is_none_or(digits) {
        return None;
    }
    let number: f64 = value.replace(',', "").parse().ok()?;
    let is_date = fraction.is_none() && unsigned.len() == 4 && whole == unsigned && (1000.0..=2100.0).contains(&number);
    Some(Quantity { number, order: number, is_date })
}

/// A number as it is written: without a fraction, where it has none.
pub(crate) fn spelled(number: f64) -> String {
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_years_and_dates_are_read() {
        check("1704", Some((1704.0, 1704.0, true)));
        check("1704-07-01", Some((1704.0, 1704.5, true)));
        check("1704-07", Some((1704.0, 1704.5, true)));
        check(" 12,500 ", Some((12500.0, 12500.0, false)));
        check("-3.5", Some((-3.5, -3.5, false)));
        check("312", Some((312.0, 312.0, false)));
        for text in
            ["", "1704-13-01", "1704-00", "12,50", "312 m", "1,2", "a", "1.", ".5", "--1", "1e9", "1704-05-12-3"]
        {
            check(text, None);
        }
    }

    fn check(text: &str, expected: Option<(f64, f64, bool)>) {
        let read = Quantity::read(text);
        assert_eq!(read.map(|it| (it.number, it.order, it.is_date)), expected, "{text:?}");
    }

    #[test]
    fn ranges_hide_less_and_less() {
        ranges("1704-05-12", &[(1700.0, 1709.0), (1700.0, 1704.0)]);
        ranges("1789", &[(1780.0, 1789.0), (1785.0, 1789.0)]);
        ranges("312", &[(300.0, 400.0), (300.0, 350.0)]);
        ranges("42", &[(40.0, 50.0), (40.0, 45.0)]);
        ranges("7", &[(5.0, 10.0)]);
        ranges("0", &[(0.0, 5.0)]);
        ranges("-12", &[(-20.0, -10.0), (-15.0, -10.0)]);
    }

    fn ranges(text: &str, expected: &[(f64, f64)]) {
        let ranges = Quantity::read(text).unwrap().ranges();
        let ends: Vec<(f64, f64)> = ranges.iter().map(|range| (range.least, range.most)).collect();
        assert_eq!(ends, expected, "{text}");
    }
}
