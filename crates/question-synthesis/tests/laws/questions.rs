//! Questions have one answer, give nothing away, and say nothing that is not needed.

use std::collections::BTreeMap;

use offseeker_entity_graph::EntityId;
use offseeker_question_synthesis::{
    Ablate, Condition, Constraint, Draft, Ground, Item, Kind, LeakCheck, Level, Obscure, Outcome, Pass, Phrasebook,
    Planner, Prune, QuestionRow, Synthesis, UniqueInGraph, Write, ablate, leaks,
};
use offseeker_trajectory::Question;
use proptest::prelude::*;
use std::sync::Arc;

use crate::world;

fn planner(seed: u64) -> Planner {
    let languages = vec![("en".to_owned(), 1), ("zh".to_owned(), 1)];
    Planner { seed, languages, ..Planner::default() }
}

fn made(synthesis: &Synthesis, number: u64) -> Item {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(synthesis.make(number))
}

fn offline(ground: &Arc<Ground>, planner: Planner) -> Synthesis {
    Synthesis::offline(ground.clone(), planner, Phrasebook::default())
}

/// What every question of a graph fulfils.
fn keeps_its_promises(ground: &Ground, draft: &Draft) -> Result<(), TestCaseError> {
    let plan = &draft.plan;
    let solutions = ground.solve(plan, 8);
    prop_assert_eq!(solutions.is_only(&plan.answer.text), Some(true), "{:?}", solutions);
    prop_assert_eq!(leaks(ground, &draft.text, plan, draft.level).unwrap(), vec![], "{}", draft.text);
    let is_clean = ["V@", "  ", "{", "}"].iter().all(|sign| !draft.text.contains(sign));
    prop_assert!(is_clean, "{}", draft.text);
    for clue in &plan.clues {
        let is_kind = matches!(clue.says, Constraint::Kind { .. });
        prop_assert!(is_kind || !clue.evidence.is_empty(), "{:?}", clue);
        if let Constraint::Field { is: Condition::Is { value }, .. } = &clue.says {
            prop_assert!(draft.level == Level::Named || value.parse::<f64>().is_err(), "{:?}", clue);
        }
    }
    let ablation = ablate(ground, plan).unwrap();
    prop_assert!(draft.level < Level::Pruned || ablation.spare.is_empty(), "{:?} {:?}", ablation, plan);
    prop_assert!(plan.variables().iter().all(|variable| plan.bindings.contains_key(variable)));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn questions_keep_their_promises(seed in 0_u64..1000, size in 12_usize..32) {
        let ground = world::ground(seed, size);
        let synthesis = offline(&ground, planner(seed));
        for number in 0..4 {
            match made(&synthesis, number).outcome {
                Outcome::Accepted { draft } => keeps_its_promises(&ground, &draft)?,
                Outcome::Rejected { rejection } => prop_assert!(
                    ["no_plan", "number_stays", "too_shallow"].contains(&rejection.code.as_str()), "{}", rejection
                ),
                Outcome::Undetermined { rejection, .. } => prop_assert!(false, "{}", rejection),
            }
        }
    }

    #[test]
    fn a_question_depends_on_its_number_alone(seed in 0_u64..1000) {
        let ground = world::ground(seed, 20);
        let forwards: Vec<Item> = (0..5).map(|number| made(&offline(&ground, planner(seed)), number)).collect();
        let backwards: Vec<Item> = (0..5).rev().map(|number| made(&offline(&ground, planner(seed)), number)).collect();
        prop_assert!(forwards.iter().eq(backwards.iter().rev()));
    }
}

#[test]
fn every_kind_is_made_at_every_level_in_both_languages() {
    let ground = world::ground(7, 36);
    for kind in Kind::ALL {
        for level in Level::ALL {
            for language in ["en", "zh"] {
                let planner = Planner {
                    kinds: vec![(kind, 1)],
                    levels: vec![(level, 1)],
                    languages: vec![(language.to_owned(), 1)],
                    ..planner(3)
                };
                let items: Vec<Item> = (0..6).map(|number| made(&offline(&ground, planner.clone()), number)).collect();
                let drafts: Vec<Draft> = items.iter().cloned().filter_map(Item::into_question).collect();
                assert!(drafts.len() >= 3, "{kind:?} {level:?} {language}: {:?}", items.last());
                for draft in &drafts {
                    assert!(draft.plan.kind == kind && draft.level == level && draft.language == language);
                    keeps_its_promises(&ground, draft).unwrap();
                }
            }
        }
    }
}

#[test]
fn higher_levels_name_less() {
    let ground = world::ground(11, 40);
    let named = |level: Level| {
        let planner = Planner { levels: vec![(level, 1)], kinds: vec![(Kind::Chain, 1)], ..planner(5) };
        let made = (0..16).filter_map(|number| made(&offline(&ground, planner.clone()), number).into_question());
        made.map(|draft| draft.plan.constants().count()).sum()
    };
    let by_level: Vec<usize> = Level::ALL.into_iter().map(named).collect();
    assert!(by_level[1] >= 8 && by_level[2] * 2 < by_level[1] && by_level[3] <= by_level[2], "{by_level:?}");
}

#[test]
fn distractors_are_there_where_they_are_wanted() {
    let ground = world::ground(2, 40);
    let planner = Planner { least_distractors: 5, levels: vec![(Level::Named, 1)], ..planner(2) };
    let drafts: Vec<Draft> =
        (0..20).filter_map(|number| made(&offline(&ground, planner.clone()), number).into_question()).collect();
    assert!(drafts.len() >= 10, "{}", drafts.len());
    assert!(drafts.iter().all(|draft| draft.difficulty.as_ref().unwrap().distractors >= 5));
}

#[test]
fn a_row_is_read_as_it_was_written_and_becomes_a_question() {
    let ground = world::ground(4, 40);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    let made = (0..8).filter_map(|number| made(&offline(&ground, planner(9)), number).into_question());
    let rows: Vec<QuestionRow> = made.map(QuestionRow::from).collect();
    let mut writer = offseeker_question_synthesis::RowWriter::create(&path).unwrap();
    rows.iter().for_each(|row| writer.write(row).unwrap());
    writer.finish().unwrap();
    let read = |path| offseeker_question_synthesis::RowReader::open(path).unwrap().collect::<Result<Vec<_>, _>>();
    assert_eq!(read(&path).unwrap(), rows);

    for row in &rows {
        let question = Question::from(row.clone());
        assert_eq!((question.text.as_str(), question.answers[0].text.as_str()), (&*row.question, &*row.answer));
        assert_eq!(question.metadata["hops"], row.hops);
        assert!(!row.evidence.is_empty() && row.formalization.len() == row.plan.clues.len());
        let exported = offseeker_question_synthesis::DeepForgeQuestion::of(row, &ground).unwrap().unwrap();
        let json = serde_json::to_value(&exported).unwrap();
        assert_eq!(
            json["extra_info"].as_object().unwrap().keys().collect::<Vec<_>>(),
            ["entity_dict", "transition_path"]
        );
        let read = offseeker_entity_graph::export::DeepForgeRow::read(&json.to_string()).unwrap();
        assert_eq!((&read.entity, read.entity_dict.len()), (&exported.entity, read.transition_path.len()));
    }

    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let second = lines[1].replace("\"hops\":", "\"hop\":");
    std::fs::write(&path, format!("{}\n{second}\n{}\n", lines[0], lines[2])).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}:2: missing field `hops`", path.display())), "{error}");
}

#[tokio::test]
async fn passes_reject_what_is_not_as_it_should_be() {
    let ground = world::ground(7, 40);
    let planner = Planner { levels: vec![(Level::Pruned, 1)], kinds: vec![(Kind::Chain, 1)], ..planner(1) };
    let draft = planner.plan(&ground, 0).unwrap();

    let mut vague = draft.clone();
    vague.plan.clues.clear();
    let rejection = UniqueInGraph::new(ground.clone()).apply(vague).await.unwrap_err();
    assert_eq!((rejection.code.as_str(), rejection.is_undetermined()), ("not_unique", false));

    let mut wrong = draft.clone();
    wrong.plan.answer.text = "nobody".to_owned();
    assert_eq!(UniqueInGraph::new(ground.clone()).apply(wrong).await.unwrap_err().code, "not_unique");

    let mut doubled = Prune::new(ground.clone()).apply(draft.clone()).await.unwrap();
    doubled.plan.clues.extend(doubled.plan.clues.clone());
    assert_eq!(Ablate::new(ground.clone()).apply(doubled).await.unwrap_err().code, "clue_to_spare");

    let mut german = draft.clone();
    german.language = "de".to_owned();
    assert_eq!(Write::default().apply(german).await.unwrap_err().code, "no_phrases");

    let mut telling = Obscure::new(ground.clone()).apply(draft.clone()).await.unwrap();
    telling.text = format!("Is it {}?", telling.plan.answer.text);
    let rejection = LeakCheck::new(ground.clone()).apply(telling).await.unwrap_err();
    assert!(["leak_answer", "leak_name"].contains(&rejection.code.as_str()), "{rejection}");

    let mut lost = draft;
    let nowhere = EntityId::of(&["nowhere"]);
    lost.plan.bindings = BTreeMap::from([(lost.plan.variables()[0], nowhere)]);
    assert!(Obscure::new(ground).apply(lost).await.is_ok());
}
