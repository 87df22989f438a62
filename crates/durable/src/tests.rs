//! What is there after a write, and after one that failed.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::{Draft, write};

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
