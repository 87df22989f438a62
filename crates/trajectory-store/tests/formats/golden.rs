//! What is read from a golden row is written as the same row.

use offseeker_trajectory::Trajectory;
use offseeker_trajectory_store::formats::{Branches, Format, RowError, VerlRow};
use serde_json::Value;

use crate::golden;

fn value(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// The name of the golden rows of a format.
pub(crate) fn file(format: Format) -> &'static str {
    match format {
        Format::ShareGpt => "sharegpt",
        other => other.name(),
    }
}

/// A row as the format writes it: where the row has null for what is not there, so has what is written.
fn rewritten(format: Format, line: &str) -> Result<Vec<String>, RowError> {
    let branches = if format == Format::OffseekerResult { Branches::Kept } else { Branches::Main };
    format.write(&format.read(line)?, branches)
}

#[test]
fn every_golden_row_comes_back_as_it_was() {
    for format in Format::ALL {
        let rows = golden(file(format));
        assert!(!rows.is_empty(), "{format:?}");
        for (at, row) in rows.iter().enumerate() {
            let written = rewritten(format, row).unwrap_or_else(|error| panic!("{format:?} {at}: {error}"));
            assert_eq!(written.len(), 1, "{format:?} {at}");
            assert_eq!(value(&written[0]), value(row), "{format:?} {at}");
        }
    }
}

#[test]
fn an_attempt_that_was_read_is_the_same_after_a_line_of_our_own() {
    for format in Format::ALL {
        for row in golden(file(format)) {
            let read = format.read(&row).unwrap();
            let own = Format::Offseeker.write(&read, Branches::Main).unwrap();
            assert_eq!(serde_json::from_str::<Trajectory>(&own[0]).unwrap(), read, "{format:?}");
        }
    }
}

#[test]
fn a_row_that_is_read_twice_is_one_attempt_and_another_row_is_another() {
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Offseeker) {
        let rows = golden(file(format));
        let ids: Vec<_> = rows.iter().map(|row| format.read(row).unwrap().id).collect();
        let again: Vec<_> = rows.iter().map(|row| format.read(row).unwrap().id).collect();
        assert_eq!(ids, again, "{format:?}");
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{format:?}");
    }
}

#[test]
fn a_question_for_verl_comes_back_as_it_was() {
    for row in golden("verl") {
        let read = VerlRow::read(&row).unwrap();
        assert_eq!(value(&read.line()), value(&row));
        let question = read.question();
        let again = VerlRow::new(&question, &read.data_source, "train", read.extra_info.index, &[]).unwrap();
        assert_eq!(again.reward_model, read.reward_model);
        assert_eq!(again.prompt, read.prompt);
        assert_eq!(again.question().answers, question.answers);
    }
}
