//! Tests of what happens when an index is opened.

use std::fs;

use super::*;
use crate::{IndexError, Language};

#[test]
fn what_is_no_index_is_told() {
    let folder = tempfile::tempdir().unwrap();
    check(&folder.path().join("missing"), "holds no index");
    check(folder.path(), "holds no index");
    fs::write(folder.path().join("offseeker.json"), "{}").unwrap();
    check(folder.path(), "names no format");
    fs::write(folder.path().join("offseeker.json"), "{").unwrap();
    check(folder.path(), "offseeker.json: EOF");
    fs::write(folder.path().join("offseeker.json"), r#"{"format": 7}"#).unwrap();
    check(folder.path(), "it is format 7, and this version reads format 1; make it again");
}

#[test]
fn what_is_damaged_is_told() {
    let pages: Vec<Page> = (0..200).map(|place| page(&format!("p{place}"), "", "some words")).collect();
    let made = made(Settings::default(), &pages);
    let files: Vec<_> = fs::read_dir(made.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let big = files.iter().filter(|path| {
        path.extension().is_some_and(|suffix| ["store", "term", "idx"].iter().any(|known| suffix == *known))
    });
    for path in big {
        let whole = fs::read(path).unwrap();
        fs::write(path, &whole[..whole.len() / 2]).unwrap();
        check(made.path(), "is damaged");
        fs::remove_file(path).unwrap();
        check(made.path(), "is missing");
        let mut turned = whole.clone();
        turned[0] ^= 0xff;
        fs::write(path, &turned).unwrap();
        let found = LocalIndex::open(made.path()).and_then(|index| index.verify());
        assert!(found.unwrap_err().to_string().contains("is damaged"), "{path:?}");
        fs::write(path, whole).unwrap();
    }
    LocalIndex::open(made.path()).unwrap().verify().unwrap();
    fs::write(made.path().join("meta.json"), "nonsense").unwrap();
    check(made.path(), "is damaged");
    fs::remove_file(made.path().join("meta.json")).unwrap();
    check(made.path(), "holds no index");
}

#[test]
fn no_index_is_made_among_other_things() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "Dear Ada").unwrap();
    let error = LocalIndex::create(folder.path(), Settings::default()).unwrap_err();
    assert!(error.to_string().contains("is not empty") && error.to_string().contains("letter.txt"), "{error}");

    let made = made(Settings::default(), &[page("a", "", "text")]);
    let error = LocalIndex::create(made.path(), Settings::default()).unwrap_err();
    assert_eq!(error, IndexError::Exists { folder: made.path().to_owned() });
}

#[test]
fn making_that_was_broken_off_is_begun_again() {
    let made = made(Settings::default(), &[]);
    fs::remove_file(made.path().join("meta.json")).unwrap();
    fs::write(made.path().join(".tmpleft"), "half").unwrap();
    let index = LocalIndex::open_or_create(made.path(), Settings { k1: 1.5, ..Settings::default() }).unwrap();
    assert_eq!(index.settings().k1, 1.5);
    index.writer(SMALL).unwrap();
    assert!(!made.path().join(".tmpleft").exists());
}

#[test]
fn settings_are_kept_and_compared() {
    let kept = Settings { language: Language::German, k1: 1.2, b: 0.75, title: 2.0, ..Settings::default() };
    let made = made(kept, &[]);
    assert_eq!(*LocalIndex::open(made.path()).unwrap().settings(), kept);
    LocalIndex::open_or_create(made.path(), kept).unwrap();
    let error = LocalIndex::open_or_create(made.path(), Settings::default()).unwrap_err();
    assert!(error.to_string().contains("made with language = german, not english"), "{error}");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let plain = Settings::default();
    let wrong = [
        ("k1", Settings { k1: -1.0, ..plain }),
        ("k1", Settings { k1: f32::NAN, ..plain }),
        ("b", Settings { b: 1.1, ..plain }),
        ("title", Settings { title: f32::INFINITY, ..plain }),
        ("title", Settings { title: 0.0, text: 0.0, ..plain }),
        ("text", Settings { text: -2.0, ..plain }),
        ("snippet", Settings { snippet: 0, ..plain }),
    ];
    for (expected, settings) in wrong {
        let folder = tempfile::tempdir().unwrap();
        match LocalIndex::create(folder.path(), settings) {
            Err(IndexError::InvalidSetting { setting, .. }) => assert_eq!(setting, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

fn check(folder: &Path, expected: &str) {
    let error = LocalIndex::open(folder).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}
