//! Checkpoints come back as they were, rotate, and are refused where they are not what they say.

use super::*;

fn about(origin: &str) -> About {
    About { kind: "test".into(), shape: serde_json::Value::Null, parameters: 3, trained: 3, origin: origin.into() }
}

fn checkpoint(step: u64) -> Checkpoint<'static> {
    let numbers = |times: f32| Cow::Owned((0..3).map(|at| times * (step + at) as f32).collect());
    let state = State { values: numbers(1.0), first: numbers(0.1), second: numbers(-0.3) };
    Checkpoint { step, state, average: step.is_multiple_of(2).then(|| numbers(7.0)) }
}

fn open(folder: &Path) -> Checkpoints {
    Checkpoints::open(folder, 2, "run".to_owned()).unwrap()
}

#[test]
fn the_last_one_comes_back_and_older_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = open(folder.path());
    assert_eq!(checkpoints.last(&about("a")).unwrap(), None);
    for step in [3, 10, 12, 200] {
        checkpoints.write(&checkpoint(step), &about("a")).unwrap();
        assert_eq!(open(folder.path()).last(&about("a")).unwrap(), Some(checkpoint(step)));
    }
    assert_eq!(checkpoints.steps().unwrap(), [12, 200]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn what_a_kill_left_is_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).write(&checkpoint(1), &about("a")).unwrap();
    let half = folder.path().join(".draft-00000002");
    fs::create_dir(&half).unwrap();
    fs::write(half.join(NUMBERS), "half").unwrap();
    assert_eq!(open(folder.path()).last(&about("a")).unwrap(), Some(checkpoint(1)));
    assert!(!half.exists());
}

#[test]
fn others_and_damaged_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).write(&checkpoint(1), &about("a")).unwrap();
    let place = folder.path().join("step-00000001");
    let says = |expected: &str| {
        let error = open(folder.path()).last(&about("a")).unwrap_err().to_string();
        assert!(error.starts_with(&place.display().to_string()) && error.contains(expected), "{error}");
    };
    let error = open(folder.path()).last(&about("b")).unwrap_err().to_string();
    assert!(error.contains("another model, or the same from other weights"), "{error}");
    let other = Checkpoints::open(folder.path(), 2, "other".to_owned()).unwrap();
    assert!(other.last(&about("a")).unwrap_err().to_string().contains("other settings or other data"));

    let numbers = place.join(NUMBERS);
    let whole = fs::read(&numbers).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    fs::write(&numbers, flipped).unwrap();
    says("are not those that were written; delete the folder it is in");
    fs::write(&numbers, &whole[..whole.len() - 2]).unwrap();
    says("delete the folder");
    fs::write(&numbers, &whole[..5]).unwrap();
    says("delete the folder");
    fs::write(&numbers, u64::MAX.to_le_bytes()).unwrap();
    says("has a head of");
    fs::write(place.join(MANIFEST), "{").unwrap();
    says("delete the folder");
}
