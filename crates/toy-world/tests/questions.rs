//! What holds for questions of a world: each has the answer that the graph says, and parts keep apart.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use offseeker_question_synthesis::{Level, ablate, leaks};
use offseeker_toy_world::{Category, Language, Part, Task, World, WorldError, WorldOptions};
use proptest::prelude::*;

/// A world with links left out and pages that contradict others.
fn world(seed: u64, is_chinese: bool, entities: u64) -> World {
    let language = if is_chinese { Language::Chinese } else { Language::English };
    let hard = WorldOptions { missing_links: 0.1, contradictions: 0.2, ..WorldOptions::default() };
    World::new(WorldOptions { seed, language, entities, ..hard }).unwrap()
}

/// What has to hold for a question of any category.
fn check(world: &World, category: Category, task: &Task) {
    let ground = world.ground();
    let answer = &task.question.answers[0];
    assert_eq!(*answer, task.plan.answer);
    let said = &task.question.text;
    let solutions = ground.solve(&task.plan, 3);
    assert_eq!(solutions.is_only(&answer.text), Some(true), "{said}: {solutions:?}");
    let level = if let Category::Planned { level, .. } = category { level } else { Level::Ranges };
    // The words of a short description have the first year of a decade, which its plan has as the end of a range.
    assert_eq!(leaks(&ground, said, &task.plan, level).unwrap(), [], "{said}");
    if level == Level::Pruned {
        assert_eq!(ablate(&ground, &task.plan).unwrap().spare, [0; 0], "{said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn parts_have_no_entity_in_common_and_no_question_comes_twice(seed: u64, is_chinese: bool) {
        let world = world(seed, is_chinese, 3_000);
        for category in Category::SHORT {
            let made = |part| world.tasks(category, part, 20, seed).unwrap();
            let (train, held) = (made(Part::Train), made(Part::HeldOut));
            prop_assert_eq!(&train, &made(Part::Train));
            train.iter().chain(&held).for_each(|task| check(&world, category, task));
            prop_assert!(train.iter().flat_map(Task::entities).all(|id| !world.held_out(id)));
            prop_assert!(held.iter().flat_map(Task::entities).all(|id| world.held_out(id)));
            let texts: BTreeSet<_> = train.iter().chain(&held).map(|task| &task.question.text).collect();
            prop_assert_eq!(texts.len(), 40);
        }
    }

    #[test]
    fn questions_of_every_kind_and_level_have_one_answer_and_give_nothing_away(seed: u64, is_chinese: bool) {
        let world = world(seed, is_chinese, 1_000);
        for category in World::planned_categories() {
            for task in world.tasks(category, Part::Whole, 3, seed).unwrap() {
                check(&world, category, &task);
            }
        }
    }
}

#[test]
fn questions_of_every_kind_keep_to_their_part() {
    let world = world(5, false, 3_000);
    // Every kind at some level, every level with some kind.
    for category in World::planned_categories().step_by(3) {
        for (part, is_held) in [(Part::Train, false), (Part::HeldOut, true)] {
            for task in world.tasks(category, part, 2, 1).unwrap() {
                assert!(task.entities().all(|id| world.held_out(id) == is_held), "{}", task.question.text);
                check(&world, category, &task);
            }
        }
    }
}

#[test]
fn there_are_no_more_questions_than_there_are() {
    let world = World::new(WorldOptions { entities: 200, ..WorldOptions::default() }).unwrap();
    let fault = world.tasks(Category::ClueTwoHops, Part::HeldOut, 5_000, 1).unwrap_err();
    assert!(matches!(fault, WorldError::TooFewQuestions { asked: 5_000, .. }), "{fault}");
}
