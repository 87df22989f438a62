//! Lines are read one at a time, each by its number, and a bad one does not end the file.

use std::io::Cursor;

use offseeker_trajectory_store::conformance;
use offseeker_trajectory_store::formats::{
    Branches, Format, FormatError, LONGEST_LINE, LineReader, LineWriter, RowError,
};

fn lines(bytes: &[u8], longest: usize) -> Vec<Result<(u64, String), FormatError>> {
    LineReader::new("a.jsonl", Cursor::new(bytes.to_vec())).with_longest(longest).collect()
}

#[test]
fn marks_blank_lines_and_carriage_returns_are_taken_off() {
    let check = |bytes: &[u8], expected: &[(u64, &str)]| {
        let found: Vec<_> = lines(bytes, 100).into_iter().map(Result::unwrap).collect();
        let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
        assert_eq!(found, expected);
    };
    check(b"", &[]);
    check(b"\n\n", &[]);
    check(b"a\nb", &[(1, "a"), (2, "b")]);
    check(b"a\r\n\r\nb\r\n", &[(1, "a"), (3, "b")]);
    check(b"\xef\xbb\xbfa\nb\n", &[(1, "a"), (2, "b")]);
    check(b"\xef\xbb\xbf\n \t \nb", &[(3, "b")]);
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_the_next_one_is_read() {
    let told = |found: Result<(u64, String), FormatError>| match found {
        Ok((line, text)) => format!("{line} {text}"),
        Err(FormatError::TooLong { line, limit, .. }) => format!("{line} longer than {limit}"),
        Err(FormatError::NotUtf8 { line, at, .. }) => format!("{line} wrong at {at}"),
        Err(other) => panic!("{other}"),
    };
    let check = |bytes: &[u8], expected: &[&str]| {
        let found: Vec<_> = lines(bytes, 8).into_iter().map(told).collect();
        assert_eq!(found, expected);
    };
    check(b"12345678\nb", &["1 12345678", "2 b"]);
    check(b"123456789\nb", &["1 longer than 8", "2 b"]);
    check(b"123456789", &["1 longer than 8"]);
    check(&[b"a\n".to_vec(), vec![b'x'; 100_000], b"\nb\n".to_vec()].concat(), &["1 a", "2 longer than 8", "3 b"]);
    check(b"a\nbc\xff\nd", &["1 a", "2 wrong at 2", "3 d"]);
}

#[test]
fn a_row_that_cannot_be_read_is_named_by_file_line_and_field() {
    let bytes =
        b"{\"messages\": []}\n[]\n{\"messages\": [{\"role\": \"cook\", \"content\": \"\"}]}\n{\"messages\": []}\n";
    let reader = LineReader::new("a.jsonl", Cursor::new(bytes));
    let found: Vec<_> = reader.rows(|line| Format::OpenAi.read(line)).collect();
    assert_eq!(found.len(), 4);
    assert!(found[0].is_ok() && found[3].is_ok());
    assert!(matches!(&found[1], Err(FormatError::Row { line: 2, source: RowError::NotAnObject { .. }, .. })));
    let told = found[2].as_ref().unwrap_err().to_string();
    assert!(told.starts_with("a.jsonl:3: the field `messages[0].role` is \"cook\""), "{told}");
}

#[test]
fn a_file_is_there_when_it_is_finished_packed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "a.jsonl.zst"] {
        let path = folder.path().join(name);
        let made: Vec<_> = (0..20).map(|number| conformance::attempt("files", number)).collect();
        let mut writer = LineWriter::create(&path).unwrap();
        for attempt in &made {
            writer.write_all(Format::Offseeker.write(attempt, Branches::Main).unwrap()).unwrap();
        }
        assert!(!path.exists());
        assert_eq!(writer.finish().unwrap(), 20);
        let reader = LineReader::open(&path).unwrap();
        let read: Result<Vec<_>, _> = reader.rows(|line| Format::Offseeker.read(line)).collect();
        assert_eq!(read.unwrap(), made);
    }
    let sizes = ["a.jsonl", "a.jsonl.zst"].map(|name| std::fs::metadata(folder.path().join(name)).unwrap().len());
    assert!(sizes[1] * 5 < sizes[0], "{sizes:?}");
}

#[test]
fn a_writer_that_is_dropped_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    std::fs::write(&path, "first\n").unwrap();
    let mut writer = LineWriter::create(&path).unwrap();
    writer.write("second").unwrap();
    drop(writer);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "first\n");
}

#[test]
fn a_line_that_no_reader_would_take_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = LineWriter::create(folder.path().join("a.jsonl")).unwrap();
    writer.write("first").unwrap();
    let error = writer.write(&"x".repeat(LONGEST_LINE + 1)).unwrap_err();
    assert!(matches!(error, FormatError::TooLong { line: 2, .. }), "{error}");
    assert_eq!(writer.finish().unwrap(), 1);
}

#[test]
fn a_packed_file_that_is_cut_off_is_an_error_after_what_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl.zst");
    let mut writer = LineWriter::create(&path).unwrap();
    for number in 0..100_000 {
        writer.write(&format!("line {number}")).unwrap();
    }
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let found: Vec<_> = LineReader::open(&path).unwrap().collect();
    let errors: Vec<_> = found.iter().filter(|found| found.is_err()).collect();
    assert!(matches!(errors[..], [Err(FormatError::Io { .. })]), "{errors:?}");
    assert!(found.last().unwrap().is_err());
    assert!(LineReader::open(folder.path().join("none")).is_err());
}
