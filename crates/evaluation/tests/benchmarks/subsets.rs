//! Parts of a benchmark, and the hash that pins them.

use std::collections::BTreeSet;

use offseeker_evaluation::{Benchmark, BenchmarkError, Subset, Task};
use offseeker_trajectory::{Answer, Question, QuestionId};

fn rivers(count: usize) -> Benchmark {
    let task = |at: usize| {
        let mut question = Question::new(format!("Which river is number {at}?"), [format!("the {at}th Orsa")]);
        question.id = QuestionId::new(format!("r{at}"));
        let mut task = Task::new(question);
        if at % 2 == 1 {
            task.files.push("map.png".to_owned());
        }
        task
    };
    Benchmark { id: "rivers".to_owned(), tasks: (0..count).map(task).collect() }
}

fn ids(set: &Benchmark) -> Vec<&str> {
    set.tasks.iter().map(|task| task.id().as_str()).collect()
}

#[test]
fn parts_are_those_that_were_named() {
    let set = rivers(5);
    let check = |subset: Subset, expected: &[&str]| assert_eq!(ids(&set.subset(&subset).unwrap()), expected);
    let named = |ids: &[&str]| Subset::Ids { ids: ids.iter().map(|id| QuestionId::new(*id)).collect() };
    check(Subset::All, &["r0", "r1", "r2", "r3", "r4"]);
    check(Subset::First { count: 2 }, &["r0", "r1"]);
    check(Subset::First { count: 9 }, &["r0", "r1", "r2", "r3", "r4"]);
    check(Subset::WithoutFiles, &["r0", "r2", "r4"]);
    check(named(&["r4", "r1"]), &["r1", "r4"]);
    let unknown = set.subset(&named(&["r1", "r8", "r9"])).unwrap_err();
    assert_eq!(unknown, BenchmarkError::Unknown { count: 2, first: "r8".to_owned() });
}

#[test]
fn a_sample_depends_on_ids_and_seed_alone() {
    let set = rivers(50);
    let turned = Benchmark { tasks: set.tasks.iter().rev().cloned().collect(), ..set.clone() };
    let drawn = |set: &Benchmark, count, seed| -> BTreeSet<String> {
        ids(&set.subset(&Subset::Sample { count, seed }).unwrap()).into_iter().map(str::to_owned).collect()
    };
    assert_eq!(drawn(&set, 10, 1).len(), 10);
    assert_eq!(drawn(&set, 10, 1), drawn(&turned, 10, 1));
    assert!(drawn(&set, 10, 1).is_subset(&drawn(&set, 20, 1)));
    assert_ne!(drawn(&set, 10, 1), drawn(&set, 10, 2));
    assert_eq!(drawn(&set, 90, 1).len(), 50);
}

#[test]
fn a_hash_pins_questions_and_answers() {
    let set = rivers(3);
    let hash = set.hash();
    // Pinned: figures of different versions compare.
    assert_eq!(hash, "6a923890f5bd6c456f5e35b9de31ff14");
    assert_eq!(set.clone().pinned_to(&hash).unwrap(), set);
    let mut other = set.clone();
    let question = Question { answers: vec![Answer::from("the Orla")], ..other.tasks[0].in_clear().clone() };
    other.tasks[0] = Task::new(question);
    let changed = other.pinned_to(&hash).unwrap_err().to_string();
    assert!(changed.contains("`rivers` is not the list that was pinned"), "{changed}");
    assert_ne!(rivers(2).hash(), hash);
}

#[test]
fn a_subset_is_settings() {
    let subset = Subset::Sample { count: 10, seed: 7 };
    let written = serde_json::to_string(&subset).unwrap();
    assert_eq!(written, "{\"kind\":\"sample\",\"count\":10,\"seed\":7}");
    assert_eq!(serde_json::from_str::<Subset>(&written).unwrap(), subset);
}
