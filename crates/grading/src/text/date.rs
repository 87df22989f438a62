//! Dates as people write them, as precisely as they do.

use unicode_normalization::UnicodeNormalization;

/// A date, as precise as it was written: a year, a month of it, a day of that; or a day of any year.
///
/// Read are `2024-03-05`, `2024/3/5`, `5 March 2024`, `March 5th, 2024`, `Tuesday, 5 March 2024`, `Mar 2024`, `2024年3月5日`,
/// `44 BC`. `03/05/2024` could be two days and is none; years have four digits, unless an era stands beside them.
///
/// ```
/// use offseeker_grading::text::Date;
///
/// let read = |text: &str| Date::read(text).expect("it is a date");
/// assert_eq!(read("5 March 2024"), read("2024-03-05"));
/// assert!(read("March 5, 2024").fits(&read("March 2024")));
/// assert!(!read("2024").fits(&read("March 2024")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Date {
    /// The year; years before our era are negative.
    pub year: Option<i32>,
    /// The month, from 1.
    pub month: Option<u32>,
    /// The day, from 1.
    pub day: Option<u32>,
}

/// The names of the months, in English and in lower case.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Words that change nothing.
const BESIDE: [&str; 12] =
    ["the", "of", "on", "in", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "day"];

impl Date {
    /// Reads a text that is a date and nothing else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.nfkc().collect::<String>().to_lowercase();
        let text = text.trim().trim_end_matches(['.', '。']);
        chinese(text).or_else(|| by_marks(text)).or_else(|| by_words(text)).filter(Self::is_one)
    }

    /// Whether it says everything that is expected, or more.
    #[must_use]
    pub fn fits(&self, expected: &Self) -> bool {
        fn says<T: PartialEq + Copy>(said: Option<T>, expected: Option<T>) -> bool {
            expected.is_none() || said == expected
        }
        says(self.year, expected.year) && says(self.month, expected.month) && says(self.day, expected.day)
    }

    /// Whether there is such a day, and enough is said of it.
    fn is_one(&self) -> bool {
        let says_enough = self.year.is_some() || (self.month.is_some() && self.day.is_some());
        let has_month = self.month.is_none_or(|month| (1..=12).contains(&month));
        let has_day = self.day.is_none_or(|day| (1..=days(self.month, self.year)).contains(&day));
        says_enough && has_month && has_day && (self.day.is_none() || self.month.is_some())
    }
}

fn days(month: Option<u32>, year: Option<i32>) -> u32 {
    let is_leap = year.is_none_or(|year| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    match month {
        Some(2) if is_leap => 29,
        Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        _ => 31,
    }
}

/// `2024年3月5日`, `公元前44年`, `3月5日`.
fn chinese(text: &str) -> Option<Date> {
    let text: String = text.split_whitespace().collect();
    let (before, text) = match text.strip_prefix("公元前") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("公元").unwrap_or(&text)),
    };
    let (year, rest) = match text.split_once('年') {
        Some((year, rest)) => (Some(year.parse::<u16>().ok()?), rest),
        None => (None, text),
    };
    let (month, rest) = match rest.split_once('月') {
        Some((month, rest)) => (Some(number(month)?), rest),
        None => (None, rest),
    };
    let day = match rest.strip_suffix(['日', '号']) {
        Some(day) => Some(number(day)?),
        None if rest.is_empty() => None,
        None => return None,
    };
    let year = year.map(|year| if before { -i32::from(year) } else { i32::from(year) });
    (year.is_some() || month.is_some()).then_some(Date { year, month, day })
}

/// `2024-03-05`, `2024-03`, `25/12/2024`.
fn by_marks(text: &str) -> Option<Date> {
    let mark = text.chars().find(|char| !char.is_ascii_digit()).filter(|char| matches!(char, '-' | '/' | '.'))?;
    let parts: Vec<&str> = text.split(mark).collect();
    let year = |text: &str| (text.len() == 4).then(|| text.parse().ok())?;
    match parts.as_slice() {
        [first, month] if mark != '.' => {
            Some(Date { year: Some(year(first)?), month: Some(number(month)?), day: None })
        }
        [first, month, day] if first.len() == 4 => {
            Some(Date { year: Some(year(first)?), month: Some(number(month)?), day: Some(number(day)?) })
        }
        [one, other, last] => {
            let (one, other) = (number(one)?, number(other)?);
            // Which of two small numbers is the month is not for us to guess.
            let (day, month) = match (one > 12, other > 12) {
                (true, false) => (one, other),
                (false, true) => (other, one),
                _ if one == other => (one, other),
                _ => return None,
            };
            Some(Date { year: Some(year(last)?), month: Some(month), day: Some(day) })
        }
        _ => None,
    }
}

/// `5 March 2024`, `March 5th, 2024`, `March 2024`, `2024`, `44 BC`.
fn by_words(text: &str) -> Option<Date> {
    let mut date = Date { year: None, month: None, day: None };
    let (mut era, mut short) = (None, None);
    for word in text.split(|char: char| char.is_whitespace() || char == ',').filter(|word| !word.is_empty()) {
        let word = word.trim_end_matches('.');
        if BESIDE.contains(&word) {
            continue;
        }
        if let Some(month) = month(word) {
            set(&mut date.month, month)?;
        } else if let Some(sign) = sign_of_era(word) {
            set(&mut era, sign)?;
        } else if word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            set(&mut date.year, word.parse().ok()?)?;
        } else {
            set(&mut short, number(without_ordinal(word))?)?;
        }
    }
    match (short, date.month, date.year, era) {
        (Some(day), Some(_), Some(_), _) | (Some(day), Some(_), None, None) => date.day = Some(day),
        (Some(year), None, None, Some(_)) => date.year = i32::try_from(year).ok(),
        (Some(_), ..) => return None,
        (None, ..) => {}
    }
    date.year = date.year.map(|year| year * era.unwrap_or(1));
    Some(date)
}

fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// The month of a name, which may be cut to three letters.
fn month(word: &str) -> Option<u32> {
    let is_short = word.len() == 3 || word == "sept";
    let is_it = |name: &str| name == word || (is_short && name.starts_with(word));
    (1..).zip(MONTHS.iter()).find(|(_, name)| is_it(name)).map(|(number, _)| number)
}

fn sign_of_era(word: &str) -> Option<i32> {
    match word {
        "bc" | "bce" | "b.c" | "b.c.e" => Some(-1),
        "ad" | "ce" | "a.d" | "c.e" => Some(1),
        _ => None,
    }
}

fn without_ordinal(word: &str) -> &str {
    ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word)
}

/// A number of up to three digits.
fn number(text: &str) -> Option<u32> {
    let is_short = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = Some((Some(2024), Some(3), Some(5)));
        let spellings = [
            "2024-03-05",
            "2024/3/5",
            "2024.03.05",
            "5 March 2024",
            "March 5, 2024",
            "March 5th, 2024.",
            "5th of March 2024",
            "Tuesday, 5 March 2024",
            "the 5th of Mar. 2024",
            "2024 March 5",
            "2024年3月5日",
            "２０２４年３月５号",
            "on March 5 2024",
        ];
        for text in spellings {
            check(text, day);
        }
        check("25/12/2024", Some((Some(2024), Some(12), Some(25))));
        check("12/25/2024", Some((Some(2024), Some(12), Some(25))));
        check("4/4/2024", Some((Some(2024), Some(4), Some(4))));
        check("March 2024", Some((Some(2024), Some(3), None)));
        check("2024-03", Some((Some(2024), Some(3), None)));
        check("2024年3月", Some((Some(2024), Some(3), None)));
        check("Sept 2024", Some((Some(2024), Some(9), None)));
        check("March 5", Some((None, Some(3), Some(5))));
        check("3月5日", Some((None, Some(3), Some(5))));
        check("2024", Some((Some(2024), None, None)));
        check("44 BC", Some((Some(-44), None, None)));
        check("15 March 0044 BC", Some((Some(-44), Some(3), Some(15))));
        check("公元前44年", Some((Some(-44), None, None)));
        check("29 February 2024", Some((Some(2024), Some(2), Some(29))));
    }

    #[test]
    fn what_could_be_two_days_or_none_is_no_date() {
        let texts = [
            "",
            "03/05/2024",
            "5/3/24",
            "44",
            "March",
            "29 February 2023",
            "32 March 2024",
            "2024-13",
            "2024.03",
            "March March 2024",
            "2024 2025",
            "March 5 2024 at noon",
            "between 2020 and 2024",
            "2024-03-05-07",
        ];
        for text in texts {
            check(text, None);
        }
    }

    fn check(text: &str, expected: Option<(Option<i32>, Option<u32>, Option<u32>)>) {
        assert_eq!(Date::read(text).map(|date| (date.year, date.month, date.day)), expected, "{text:?}");
    }

    proptest! {
        #[test]
        fn a_day_is_the_same_in_all_spellings(year in 1000i32..3000, month in 1u32..=12, day in 1u32..=31) {
            let name = MONTHS[month as usize - 1];
            let spellings = [
                format!("{year}-{month:02}-{day:02}"),
                format!("{day} {name} {year}"),
                format!("{}. {day}th, {year}", &name[..3]),
                format!("{year}年{month}月{day}日"),
            ];
            let is_day = day <= days(Some(month), Some(year));
            let expected = Date { year: Some(year), month: Some(month), day: Some(day) };
            for text in spellings {
                prop_assert_eq!(Date::read(&text), is_day.then_some(expected), "{}", text);
            }
        }

        #[test]
        fn any_text_is_a_date_or_none(text in "(\\PC|[0-9]|年|月|日|-|/| |may|bc){0,16}") {
            if let Some(date) = Date::read(&text) {
                prop_assert!(date.fits(&date));
            }
        }
    }
}
