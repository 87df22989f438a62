//! A kill loses nothing that was written down, and two do not write at once.

use std::fs;

use offseeker_entity_graph::expand::{ExpandError, ExpandOptions, Stage};

use crate::world::{Faulty, options, undisturbed};

#[tokio::test]
async fn a_ledger_that_is_cut_anywhere_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let world = Faulty::at(|_| false);
    let expected = world.run(folder.path(), options()).await.unwrap();
    for stage in Stage::ALL {
        let path = folder.path().join(format!("{stage}.jsonl"));
        let whole = fs::read(&path).unwrap();
        let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
        // Around the ends of lines everywhere, and else at places that lie apart: where in a line makes no difference.
        let near = |cut: usize| ends.iter().any(|end| cut.abs_diff(*end) < 3);
        for cut in (0..whole.len()).filter(|cut| near(*cut) || cut % 401 == 0) {
            fs::write(&path, &whole[..cut]).unwrap();
            let found = world.run(folder.path(), options()).await.unwrap();
            assert_eq!(found, expected, "{stage} was cut at {cut}");
        }
    }
}

#[tokio::test]
async fn ledgers_that_are_gone_are_made_again() {
    let (expected, _) = undisturbed().await;
    let folder = tempfile::tempdir().unwrap();
    let world = Faulty::at(|_| false);
    world.run(folder.path(), options()).await.unwrap();
    for stage in Stage::ALL {
        fs::remove_file(folder.path().join(format!("{stage}.jsonl"))).unwrap();
        assert_eq!(world.run(folder.path(), options()).await.unwrap(), expected, "without {stage}");
    }
}

#[tokio::test]
async fn two_runs_in_one_folder_are_one_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (Faulty::at(|_| false).slow(), Faulty::at(|_| false).slow());
    let both = tokio::join!(one.run(folder.path(), options()), other.run(folder.path(), options()));
    let (Ok(done), Err(error)) = both else { panic!("{both:?}") };
    assert!(matches!(error, ExpandError::Busy { .. }), "{error}");
    assert_eq!(other.run(folder.path(), options()).await.unwrap(), done);
}

#[tokio::test]
async fn a_folder_of_other_options_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let world = Faulty::at(|_| false);
    world.run(folder.path(), options()).await.unwrap();
    let asked = world.asked();
    let error = world.run(folder.path(), ExpandOptions { seed: 8, ..options() }).await.unwrap_err();
    assert!(error.to_string().contains("begun with another options.seed (7, not 8)"), "{error}");
    assert_eq!(world.asked(), asked);
}
