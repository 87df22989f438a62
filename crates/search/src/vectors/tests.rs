//! Tests of vectors and of what is made with them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use offseeker_pages::{Page, Shelf};

use super::*;
use crate::{Corpus, Hit, InMemory, IndexError, Query, SearchBackend};

fn whole(vector: &[f32]) -> [Passage; 1] {
    [Passage { span: 0..4, vector: vector.to_vec() }]
}

fn made(folder: &Path, rows: &[(&str, &[f32])]) -> VectorIndex {
    let index = VectorIndex::create(folder, &HashedWords::new(rows.first().map_or(2, |row| row.1.len()))).unwrap();
    let mut writer = index.writer().unwrap();
    for (url, vector) in rows {
        writer.put(url, &whole(vector)).unwrap();
    }
    writer.commit().unwrap();
    VectorIndex::open(folder).unwrap()
}

fn urls(index: &VectorIndex, vector: &[f32], limit: usize) -> Vec<String> {
    index.nearest(vector, limit).unwrap().into_iter().map(|near| near.url).collect()
}

#[test]
fn the_nearest_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let index =
        made(folder.path(), &[("x", &[3.0, 0.0]), ("xy", &[1.0, 1.0]), ("y", &[0.0, 0.1]), ("z", &[-1.0, 0.0])]);
    assert_eq!(urls(&index, &[5.0, 0.0], 10), ["x", "xy", "y", "z"]);
    assert_eq!(urls(&index, &[0.0, 2.0], 2), ["y", "xy"]);
    assert_eq!(urls(&index, &[1.0, 1.0], 0), [""; 0]);
    let scores: Vec<f32> = index.nearest(&[1.0, 0.0], 10).unwrap().iter().map(|near| near.score).collect();
    for (score, expected) in scores.iter().zip([1.0, 0.5_f32.sqrt(), 0.0, -1.0]) {
        assert!((score - expected).abs() < 1e-3, "{scores:?}");
    }
}

#[test]
fn a_scan_is_the_same_as_looking_at_each() {
    let (dimensions, documents) = (37, 5_000);
    let vector = |seed: usize| {
        let mut bytes = vec![0; dimensions];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes.into_iter().map(|byte| f32::from(byte) - 127.5).collect::<Vec<f32>>()
    };
    let folder = tempfile::tempdir().unwrap();
    let index = VectorIndex::create(folder.path(), &HashedWords::new(dimensions)).unwrap();
    let mut writer = index.writer().unwrap();
    for document in 0..documents {
        let passages: Vec<Passage> = (0..1 + document % 3)
            .map(|part| Passage { span: part..part + 1, vector: vector(document * 3 + part) })
            .collect();
        writer.put(&document.to_string(), &passages).unwrap();
    }
    writer.commit().unwrap();
    let index = VectorIndex::open(folder.path()).unwrap();
    assert_eq!(index.len(), documents);
    for seed in [1_000_000, 2_000_000, 3_000_000] {
        let query = vector(seed);
        let cosine = |other: &[f32]| {
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
            dot(&query, other) / (dot(&query, &query) * dot(other, other)).sqrt()
        };
        let mut expected: Vec<(f64, usize, usize)> = (0..documents)
            .map(|document| {
                let parts = (0..1 + document % 3).map(|part| (cosine(&vector(document * 3 + part)), document, part));
                parts.max_by(|left, right| left.0.total_cmp(&right.0)).unwrap()
            })
            .collect();
        expected.sort_by(|left, right| right.0.total_cmp(&left.0));
        let near = index.nearest(&query, 20).unwrap();
        assert_eq!(near.len(), 20);
        for (near, (score, ..)) in near.iter().zip(&expected) {
            assert!((f64::from(near.score) - score).abs() < 1e-3, "{near:?} {score}");
            let document = near.url.parse::<usize>().unwrap();
            let own = f64::from(near.score) - cosine(&vector(document * 3 + near.span.start));
            assert!(own.abs() < 1e-3, "{near:?} {own}");
        }
    }
}

#[test]
fn the_same_address_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let first = made(folder.path(), &[("a", &[1.0, 0.0]), ("b", &[0.0, 1.0]), ("a", &[0.0, 1.0])]);
    assert_eq!((first.len(), urls(&first, &[0.0, 1.0], 9)), (2, vec!["b".to_owned(), "a".to_owned()]));

    let mut writer = first.writer().unwrap();
    writer.put("a", &whole(&[1.0, 0.0])).unwrap();
    writer.delete("b").unwrap();
    writer.delete("nowhere").unwrap();
    writer.put("c", &[]).unwrap();
    drop(writer);
    assert_eq!(VectorIndex::open(folder.path()).unwrap().name(), first.name());

    let mut writer = first.writer().unwrap();
    writer.delete("b").unwrap();
    writer.commit().unwrap();
    let second = VectorIndex::open(folder.path()).unwrap();
    assert_eq!((second.len(), urls(&second, &[0.0, 1.0], 9)), (1, vec!["a".to_owned()]));
    assert_ne!(second.name(), first.name());
    writer.commit().unwrap();
    assert_eq!(VectorIndex::open(folder.path()).unwrap().name(), second.name());
    assert_eq!(urls(&first, &[0.0, 1.0], 9).len(), 2);
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let index = made(folder.path(), &[("a", &[1.0, 0.0])]);
    let mut writer = index.writer().unwrap();
    assert_eq!(index.writer().unwrap_err(), IndexError::Busy { folder: folder.path().to_owned() });
    for vector in [&[1.0_f32][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[f32::INFINITY, 1.0], &[1.0, 2.0, 3.0]] {
        let error = writer.put("b", &whole(vector)).unwrap_err();
        assert!(matches!(error, IndexError::InvalidDocument { .. }), "{vector:?} {error}");
        assert!(index.nearest(vector, 1).is_err(), "{vector:?}");
    }
    writer.commit().unwrap();
    drop(writer);
    assert_eq!(VectorIndex::open(folder.path()).unwrap().len(), 1);
    let check = |expected: &str| {
        let error = VectorIndex::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let about = fs::read_to_string(folder.path().join("vectors.json")).unwrap();
    let rows = fs::read(folder.path().join("rows.log")).unwrap();
    fs::write(folder.path().join("vectors.json"), about.replace("\"format\": 1", "\"format\": 2")).unwrap();
    check("it is format 2");
    fs::write(folder.path().join("vectors.json"), about.replace("\"dimensions\": 2", "\"dimensions\": 9")).unwrap();
    check("vectors.f16 has 4 bytes");
    fs::write(folder.path().join("vectors.json"), &about[..20]).unwrap();
    check("is damaged");
    fs::write(folder.path().join("vectors.json"), &about).unwrap();
    fs::write(folder.path().join("rows.log"), vec![7; rows.len()]).unwrap();
    check("the entry at byte 0 makes no sense");
    fs::remove_file(folder.path().join("rows.log")).unwrap();
    check("is damaged");
    assert!(matches!(VectorIndex::create(folder.path(), &HashedWords::new(2)), Err(IndexError::Exists { .. })));
    assert!(matches!(VectorIndex::open(folder.path().join("x")), Err(IndexError::NotAnIndex { .. })));
}

/// Whatever part of what is not committed reached the disk, what was committed is there.
#[test]
fn half_written_rows_do_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let index = made(folder.path(), &[("a", &[1.0, 0.0]), ("b", &[0.0, 1.0])]);
    for bytes in 0..40 {
        for name in ["vectors.f16", "rows.log"] {
            let mut file = fs::read(folder.path().join(name)).unwrap();
            file.extend(vec![0xab; bytes]);
            fs::write(folder.path().join(name), file).unwrap();
        }
        assert_eq!(VectorIndex::open(folder.path()).unwrap().name(), index.name());
        let mut writer = index.writer().unwrap();
        if bytes == 39 {
            writer.put("c", &whole(&[1.0, 1.0])).unwrap();
            writer.commit().unwrap();
        }
    }
    assert_eq!(urls(&VectorIndex::open(folder.path()).unwrap(), &[1.0, 1.0], 1), ["c"]);
}

#[tokio::test]
async fn a_corpus_is_searched_by_its_passages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("corpus.jsonl");
    let long =
        format!("{}\n\nThe wheel broke in the great frost.\n\n{}", "Nothing of note. ".repeat(30), "More. ".repeat(90));
    let pages =
        [Page::new("mill", "Mill", long), Page::new("castle", "Castle", "It burnt down."), Page::new("no", "", "")];
    let lines: Vec<String> = pages.iter().map(|page| serde_json::to_string(page).unwrap()).collect();
    fs::write(&path, lines.join("\n")).unwrap();

    let embedder = HashedWords::new(512);
    let index = VectorIndex::create(folder.path().join("vectors"), &embedder).unwrap();
    let mut writer = index.writer().unwrap();
    let mut seen = 0;
    writer
        .add_all(&mut Corpus::open(&path).unwrap(), &embedder, 60, |progress| seen = progress.documents)
        .await
        .unwrap();
    writer.commit().unwrap();
    assert_eq!(seen, 3);
    let other = HashedWords::new(8);
    assert!(writer.add_all(&mut Corpus::open(&path).unwrap(), &other, 60, |_| {}).await.is_err());
    drop(writer);

    let index = VectorIndex::open(folder.path().join("vectors")).unwrap();
    assert!(matches!(Dense::new(&other, index, Shelf::of([])), Err(IndexError::OtherSettings { .. })));
    let index = VectorIndex::open(folder.path().join("vectors")).unwrap();
    let dense = Dense::new(&embedder, index, Shelf::of(pages)).unwrap();
    let hits = dense.search(&Query::new("the great frost broke a wheel").limit(1)).await.unwrap();
    assert_eq!((hits[0].url.as_str(), hits[0].title.as_str()), ("mill", "Mill"));
    assert!(hits[0].snippet.starts_with("The wheel broke in the great frost."), "{hits:?}");
    assert_eq!(dense.search(&Query::new(" ")).await.unwrap(), []);
}

#[tokio::test]
async fn rankings_are_fused() {
    let backend = |pages: &[(&str, &str)]| -> Arc<dyn SearchBackend> {
        Arc::new(InMemory::of(pages.iter().map(|(url, text)| Page::new(*url, *url, *text))))
    };
    let first = backend(&[("a", "mill mill mill"), ("b", "mill mill x"), ("c", "mill x x")]);
    let second = backend(&[("c", "mill mill mill"), ("b", "mill mill x"), ("d", "mill x x")]);
    let check = async |weights: [f32; 2], limit, expected: &[&str]| {
        let fused = Fused::of([(Arc::clone(&first), weights[0]), (Arc::clone(&second), weights[1])]);
        let hits = fused.search(&Query::new("mill").limit(limit)).await.unwrap();
        assert_eq!(hits.iter().map(|hit| hit.url.as_str()).collect::<Vec<_>>(), expected, "{weights:?} {limit}");
        hits
    };
    let hits: Vec<Hit> = check([1.0, 1.0], 10, &["c", "b", "a", "d"]).await;
    assert!((hits[0].score.unwrap() - (1.0 / 61.0 + 1.0 / 63.0)).abs() < 1e-6);
    check([1.0, 1.0], 2, &["c", "b"]).await;
    check([1.0, 0.01], 10, &["a", "b", "c", "d"]).await;
    check([1.0, 0.0], 10, &["a", "b", "c"]).await;
    check([f32::NAN, -1.0], 10, &[]).await;
}

#[tokio::test]
async fn the_laws_of_backends_hold() {
    let folder = tempfile::tempdir().unwrap();
    let embedder = HashedWords::new(32);
    let index = VectorIndex::create(folder.path(), &embedder).unwrap();
    let mut writer = index.writer().unwrap();
    let pages: Vec<Page> = (0..60).map(|place| Page::new(format!("doc:{place}"), "River", "The river runs.")).collect();
    for page in &pages {
        let vector = embedder.embed(&[&page.text], Purpose::Passage).await.unwrap().remove(0);
        writer.put(&page.url, &[Passage { span: 0..page.text.len(), vector }]).unwrap();
    }
    writer.commit().unwrap();
    let index = VectorIndex::open(folder.path()).unwrap();
    let dense = Arc::new(Dense::new(embedder, index, Shelf::of(pages.clone())).unwrap());
    crate::conformance::check_port(&dense).await.unwrap();
    let fused = Fused::of([(dense as Arc<dyn SearchBackend>, 1.0), (Arc::new(InMemory::of(pages)), 0.5)]);
    crate::conformance::check_port(&fused).await.unwrap();
}
