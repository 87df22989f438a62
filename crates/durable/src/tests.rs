//! What is there after a write, and after one that failed.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::{Draft, LineError, Lines, Log, LogError, write};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_write_takes_the_place_of_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a");
    for text in ["first, and longer", "second"] {
        write(&place, text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), text);
    }
    assert_eq!(names(folder.path()), ["a"]);
}

#[test]
fn a_draft_that_is_dropped_leaves_the_place_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a");
    write(&place, b"first").unwrap();
    let mut draft = Draft::beside(&place).unwrap();
    draft.write_all(b"half of the sec").unwrap();
    assert_eq!(names(folder.path()).len(), 2);
    assert!(names(folder.path())[0].ends_with(Draft::EXTENSION));
    drop(draft);
    assert_eq!(names(folder.path()), ["a"]);
    assert_eq!(fs::read(&place).unwrap(), b"first");
}

#[test]
fn a_place_that_cannot_be_taken_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a");
    fs::create_dir_all(place.join("child")).unwrap();
    assert!(write(&place, b"a file where a folder is").is_err());
    assert_eq!(names(folder.path()), ["a"]);
    assert!(place.join("child").is_dir());
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(write(&folder.path().join("none").join("a"), b"text").is_err());
}

#[cfg(unix)]
#[test]
fn others_may_read_what_the_mask_allows() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
    write(&ours, b"text").unwrap();
    fs::write(&plain, b"text").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&plain));
}

#[test]
fn lines_are_read_one_at_a_time_and_none_is_too_long() {
    let check = |text: &str, expected: &[(u64, Result<&str, ()>)]| {
        let mut lines = Lines::new(text.as_bytes(), 8);
        let mut found = Vec::new();
        loop {
            let line = match lines.text() {
                Ok(None) => break,
                Ok(Some(line)) => Ok(std::str::from_utf8(line).unwrap().to_owned()),
                Err(LineError::TooLong) => Err(()),
                Err(LineError::Io(error)) => panic!("{error}"),
            };
            found.push((lines.number(), line));
        }
        let expected: Vec<_> = expected.iter().map(|(number, line)| (*number, line.map(str::to_owned))).collect();
        assert_eq!(found, expected, "{text:?}");
        assert_eq!(lines.bytes(), text.len() as u64);
    };
    check("", &[]);
    check("\n \r\n\n", &[]);
    check("a\nb", &[(1, Ok("a")), (2, Ok("b"))]);
    check("\u{feff}a\r\n\n  b \n", &[(1, Ok("a")), (3, Ok("b"))]);
    check("12345678\n123456789\n1\n", &[(1, Ok("12345678")), (2, Err(())), (3, Ok("1"))]);
    check("123456789", &[(1, Err(()))]);
    check("12345678", &[(1, Ok("12345678"))]);
    check(&format!("a\n{}\nb\n", "x".repeat(100_000)), &[(1, Ok("a")), (2, Err(())), (3, Ok("b"))]);
}

#[test]
fn a_log_has_what_was_acknowledged_after_a_kill_at_any_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let written = ["one", "", "three is longer", "four"];
    let mut log = Log::open(&path, 64, |_| Ok(())).unwrap();
    let places: Vec<_> = written.iter().map(|text| log.append(format!("{text}\n").as_bytes()).unwrap()).collect();
    assert_eq!(log.read(places[2].clone()).unwrap(), b"three is longer\n");
    drop(log);
    let whole = fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let mut found = Vec::new();
        let mut log = Log::open(&path, 64, |line| {
            assert_eq!((line.number, &line.place), (found.len() as u64 + 1, &places[found.len()]));
            found.push(String::from_utf8(line.text.to_vec()).unwrap());
            Ok(())
        })
        .unwrap();
        let kept = places.iter().filter(|place| place.end <= cut as u64).count();
        assert_eq!(found, written[..kept], "cut at {cut}");
        assert_eq!(log.end() + log.cut(), cut as u64);
        for text in &written[kept..] {
            log.append(format!("{text}\n").as_bytes()).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), whole, "cut at {cut}");
    }
}

#[test]
fn a_log_says_which_line_is_wrong_and_leaves_it_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let check = |text: &str, expected: &str| {
        fs::write(&path, text).unwrap();
        let refuse = |line: crate::Logged<'_>| if line.text == b"no" { Err("it says no".to_owned()) } else { Ok(()) };
        let error = Log::open(&path, 8, refuse).unwrap_err();
        assert!(matches!(error, LogError::Damaged { .. }));
        assert_eq!(error.to_string(), expected);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    };
    check("yes\nno\nhalf", "line 2: it says no");
    check("yes\nyes\n123456789\n", "line 3: the line is too long");
    check("123456789", "line 1: the line is too long");
    let error = Log::open(folder.path(), 8, |_| Ok(())).unwrap_err();
    assert!(matches!(error, LogError::Io(_)));
}
