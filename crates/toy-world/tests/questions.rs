//! What holds for questions of a world: each has the answer that the graph says, and parts keep apart.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use offseeker_toy_world::{Category, Language, Part, World, WorldError, WorldOptions};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn parts_have_no_entity_in_common_and_no_question_comes_twice(seed: u64, is_chinese: bool) {
        let language = if is_chinese { Language::Chinese } else { Language::English };
        let world = World::new(WorldOptions { seed, language, entities: 3_000, ..WorldOptions::default() }).unwrap();
        for category in Category::SHORT {
            let made = |part| world.tasks(category, part, 20, seed).unwrap();
            let (train, held) = (made(Part::Train), made(Part::HeldOut));
            prop_assert_eq!(&train, &made(Part::Train));
            prop_assert!(train.iter().flat_map(|task| task.entities()).all(|id| !world.held_out(id)));
            prop_assert!(held.iter().flat_map(|task| task.entities()).all(|id| world.held_out(id)));
            let texts: BTreeSet<_> = train.iter().chain(&held).map(|task| &task.question.text).collect();
            prop_assert_eq!(texts.len(), 40);
        }
    }
}

#[test]
fn there_are_no_more_questions_than_there_are() {
    let world = World::new(WorldOptions { entities: 200, ..WorldOptions::default() }).unwrap();
    let fault = world.tasks(Category::ClueTwoHops, Part::HeldOut, 5_000, 1).unwrap_err();
    assert!(matches!(fault, WorldError::TooFewQuestions { asked: 5_000, .. }), "{fault}");
}
