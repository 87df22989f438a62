//! Tests of the corpora.

use std::fs;
use std::path::Path;

use super::*;

fn documents(corpus: Corpus) -> Result<Vec<Document>, CorpusError> {
    corpus.collect()
}

fn jsonl(folder: &Path, text: impl AsRef<[u8]>) -> Corpus {
    let path = folder.join("corpus.jsonl");
    fs::write(&path, text).unwrap();
    Corpus::open(&path).unwrap()
}

#[test]
fn rows_are_read_by_the_names_of_their_fields() {
    let folder = tempfile::tempdir().unwrap();
    let check = |line: &str, expected: [&str; 5]| {
        let document = documents(jsonl(folder.path(), line)).unwrap().remove(0);
        let page = &document.page;
        let found = [
            document.id.as_deref().unwrap_or("-"),
            &page.url,
            &page.title,
            &page.text,
            page.date.as_deref().unwrap_or("-"),
        ];
        assert_eq!(found, expected, "{line}");
    };
    check(r#"{"url": "u", "title": "T", "text": "x", "date": "2024"}"#, ["-", "u", "T", "x", "2024"]);
    check(r#"{"docid": "d1", "text": "x", "url": "u"}"#, ["d1", "u", "", "x", "-"]);
    check(r#"{"id": "7", "contents": "\"T\"\nx\ny"}"#, ["7", "doc:7", "T", "x\ny", "-"]);
    check(r#"{"_id": 7, "contents": "x\ny", "title": "T"}"#, ["7", "doc:7", "T", "x\ny", "-"]);
    check(r#"{"id": null, "docid": "a", "text": "", "more": [1], "date": " "}"#, ["a", "doc:a", "", "", "-"]);
    check("\u{feff}{\"url\": \"u\", \"text\": \"x\"}\r\n\n  \n", ["-", "u", "", "x", "-"]);
}

#[test]
fn what_is_bad_is_told_by_line_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let good = "{\"url\": \"u\", \"text\": \"x\"}\n";
    let check = |line: &str, expected: &str| {
        let text = format!("{good}\n{line}\n{good}");
        let error = documents(jsonl(folder.path(), &text)).unwrap_err().to_string();
        assert!(error.contains(&format!("corpus.jsonl:3: {expected}")), "{error}");
        let mut corpus = jsonl(folder.path(), &text).skipping_bad();
        assert_eq!((corpus.by_ref().filter(Result::is_ok).count(), corpus.skipped()), (2, 1), "{line}");
    };
    check("{", "it is no JSON: EOF while parsing an object at column 1");
    check("[1]", "it is JSON, but no object");
    check(r#"{"url": "u"}"#, "the field `text` is missing");
    check(r#"{"text": "x"}"#, "the field `url` is missing");
    check(r#"{"url": " ", "text": "x"}"#, "the field `url` is empty");
    check(r#"{"url": "u", "text": 3}"#, "the field `text` is a number, not a string");
    check(r#"{"id": 1.5, "text": "x"}"#, "the field `id` is a number, neither a string nor a whole number");
    check(r#"{"url": "u", "text": "x", "title": ["a"]}"#, "the field `title` is a list, not a string");
    check("\u{0}", "it is no JSON");
    let error = documents(jsonl(folder.path(), b"{\"url\": \"u\", \"text\": \"\xff\"}")).unwrap_err();
    assert!(error.to_string().contains("corpus.jsonl:1: it is no JSON"), "{error}");
}

#[test]
fn a_line_has_a_largest_size() {
    let folder = tempfile::tempdir().unwrap();
    let line = |text: &str| format!("{{\"url\": \"u\", \"text\": \"{text}\"}}\n");
    let text = [line("short"), line(&"long".repeat(1_000_000)), line("after")].concat();
    let error = documents(jsonl(folder.path(), &text).largest(100)).unwrap_err();
    assert!(matches!(error, CorpusError::TooLarge { line: 2, limit: 100, .. }), "{error}");
    let mut corpus = jsonl(folder.path(), &text).largest(100).skipping_bad();
    let texts: Vec<String> = corpus.by_ref().map(|document| document.unwrap().page.text).collect();
    assert_eq!((texts, corpus.skipped()), (vec!["short".to_owned(), "after".to_owned()], 1));
    let progress = corpus.progress();
    assert_eq!(
        (progress.documents, progress.bytes, progress.total_bytes),
        (2, text.len() as u64, Some(text.len() as u64))
    );

    let exact = line("x").len() - 1;
    assert_eq!(documents(jsonl(folder.path(), line("x")).largest(exact)).unwrap().len(), 1);
    assert!(documents(jsonl(folder.path(), line("x")).largest(exact - 1)).is_err());
}

#[test]
fn what_is_no_corpus_is_told() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.docx"), "x").unwrap();
    let check = |name: &str, expected: &str| {
        let error = Corpus::open(folder.path().join(name)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("notes.docx", "its name ends in none of .jsonl");
    check("missing.jsonl", "cannot be read");
    check("missing", "there is no such file");
}

#[test]
fn a_folder_of_texts_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("b/mill.md", b"# Karlin mill\n\nIt stands on the Orsa.");
    write("a note.TXT", b"plain");
    write("castle.html", b"<html><title>Karlin castle</title><script>no()</script><p>It burnt <b>down</b>.</p></html>");
    write(".hidden.md", b"no");
    write(".git/config.txt", b"no");
    write("picture.png", b"no");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();

    let mut corpus = Corpus::open(folder.path()).unwrap();
    let found: Vec<Document> = corpus.by_ref().map(Result::unwrap).collect();
    let shown: Vec<(&str, &str)> =
        found.iter().map(|document| (document.page.title.as_str(), document.page.text.trim())).collect();
    assert_eq!(shown[0], ("a note", "plain"));
    assert!(shown[1].0 == "Karlin mill" && shown[1].1.contains("It stands on the Orsa."), "{shown:?}");
    assert!(shown[2].0 == "Karlin castle" && shown[2].1.contains("down") && !shown[2].1.contains("no()"), "{shown:?}");
    assert_eq!(shown.len(), 3);
    assert!(found[0].page.url.starts_with("file:///") && found[0].page.url.ends_with("/a%20note.TXT"), "{found:?}");
    assert_eq!(corpus.progress().share(), Some(1.0));

    write("big.txt", &[b'x'; 5_000]);
    let error = documents(Corpus::folder(folder.path()).unwrap().largest(1_000)).unwrap_err();
    assert!(matches!(error, CorpusError::TooLarge { .. }), "{error}");
    let mut corpus = Corpus::folder(folder.path()).unwrap().largest(1_000).skipping_bad();
    assert_eq!((corpus.by_ref().count(), corpus.skipped()), (3, 1));
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::fs::File;
    use std::sync::Arc;

    use ::parquet::arrow::ArrowWriter;
    use arrow::array::{ArrayRef, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray};

    use super::*;

    fn written(folder: &Path, columns: Vec<(&str, ArrayRef)>) -> Result<Corpus, CorpusError> {
        let path = folder.join("corpus.parquet");
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        Corpus::open(&path)
    }

    fn strings(texts: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(texts.to_vec()))
    }

    #[test]
    fn a_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let columns = vec![
            ("docid", Arc::new(Int64Array::from((0..1_000).collect::<Vec<i64>>())) as ArrayRef),
            ("text", Arc::new(LargeStringArray::from((0..1_000).map(|place| format!("x{place}")).collect::<Vec<_>>()))),
            ("other", Arc::new(Float64Array::from(vec![0.5; 1_000]))),
        ];
        let mut corpus = written(folder.path(), columns).unwrap();
        let found: Vec<Document> = corpus.by_ref().map(Result::unwrap).collect();
        assert_eq!(
            (found.len(), found[999].page.url.as_str(), found[999].page.text.as_str()),
            (1_000, "doc:999", "x999")
        );
        assert_eq!(corpus.progress().share(), Some(1.0));
    }

    #[test]
    fn what_is_bad_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let check = |columns: Vec<(&str, ArrayRef)>, expected: &str| {
            let error = written(folder.path(), columns).and_then(documents).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        let text = || strings(&[Some("x"), None]);
        check(vec![("url", text())], "it has no column `text`");
        check(vec![("text", text())], "it has no column `url`, and none with an id");
        check(
            vec![("url", strings(&[Some("a"), Some("b")])), ("text", text())],
            "corpus.parquet:2: the field `text` is missing",
        );
        check(
            vec![("url", Arc::new(Float64Array::from(vec![0.5]))), ("text", strings(&[None]))],
            "the column `url` holds Float64",
        );
        fs::write(folder.path().join("corpus.parquet"), "nonsense").unwrap();
        let error = Corpus::open(folder.path().join("corpus.parquet")).unwrap_err();
        assert!(error.to_string().contains("it is no Parquet file"), "{error}");
    }
}
