//! A moment spelled by a format, as far as chat templates need it.

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// Spells a moment, in milliseconds since 1970, by a format of `strftime`, in universal time.
pub(super) fn strftime(ms: u64, format: &str) -> Result<String, String> {
    let seconds = ms / 1000;
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let directive = chars.next();
        let (bare, directive) = if directive == Some('-') { (true, chars.next()) } else { (false, directive) };
        let mut two = |number: u64| out.push_str(&if bare { number.to_string() } else { format!("{number:02}") });
        let month_name = MONTHS[usize::try_from(month - 1).unwrap_or(0) % 12];
        let day_name = DAYS[usize::try_from(days % 7).unwrap_or(0)];
        match directive {
            Some('Y') => out.push_str(&year.to_string()),
            Some('y') => two(year % 100),
            Some('m') => two(month),
            Some('d') => two(day),
            Some('H') => two(second / 3600),
            Some('M') => two(second / 60 % 60),
            Some('S') => two(second % 60),
            Some('B') => out.push_str(month_name),
            Some('b') => out.push_str(&month_name[..3]),
            Some('A') => out.push_str(day_name),
            Some('a') => out.push_str(&day_name[..3]),
            Some('%') => out.push('%'),
            other => {
                return Err(format!("%{} in a date is not known here", other.map(String::from).unwrap_or_default()));
            }
        }
    }
    Ok(out)
}

/// Year, month and day of a number of days since 1970, by the calendar of 400 years that repeat.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_spelled_by_its_format() {
        check(0, "%Y-%m-%d %H:%M:%S %A", Ok("1970-01-01 00:00:00 Thursday"));
        check(951_782_400_000, "%d %b %Y", Ok("29 Feb 2000"));
        check(1_763_758_245_123, "%a %-d %B %y, 100 %%, %M", Ok("Fri 21 November 25, 100 %, 50"));
        check(0, "%Q", Err("%Q in a date is not known here"));
        check(0, "%", Err("% in a date is not known here"));
    }

    fn check(ms: u64, format: &str, expected: Result<&str, &str>) {
        assert_eq!(strftime(ms, format), expected.map(str::to_owned).map_err(str::to_owned), "{format}");
    }
}
