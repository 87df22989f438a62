//! A pipeline that takes seconds: sixty questions, a model of some ten thousand weights.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use offseeker_pipeline::config::{Contestant, Counts};
use offseeker_pipeline::{
    Config, Event, Pipeline, PipelineError, QuestionFiles, Report, RunFolder, Set, Stage, Stop, Watcher,
};

/// Questions of one page, that the student learns by heart.
pub(crate) fn config() -> Config {
    let mut config = Config { name: "tiny".to_owned(), ..Config::default() };
    let few = Counts { one_hop: 4, two_hops: 2, clue_two_hops: 2, ..Counts::default() };
    (config.corpus.world.entities, config.corpus.world.worlds) = (300, 1);
    config.questions.train = Counts { one_hop: 36, ..Counts::default() };
    (config.questions.development, config.questions.test, config.questions.fresh) = (few.clone(), few.clone(), few);
    (config.agent.turns, config.agent.calls, config.agent.window, config.agent.reply_tokens) = (5, 4, 1024, 24);
    let student = &mut config.student.fresh;
    (student.width, student.layers, student.heads, student.head_dim, student.vocabulary) = (32, 1, 2, 16, 460);
    let sft = &mut config.sft;
    (sft.renamings, sft.opening_renamings, sft.epochs, sft.checkpoint, sft.rate, sft.per_step) =
        (0, 0, 22, 20, 1e-2, 4);
    (config.rollouts.questions, config.rollouts.times, config.rollouts.temperature) = (30, 4, 1.0);
    config.attempts.times = 2;
    config.pairs.least_margin = 0.0;
    (config.dpo.checkpoint, config.dpo.per_step) = (1, 1);
    config.evaluation.temperatures = vec![0.0, 0.7];
    config.evaluation.times = 1;
    config
}

/// Runs it, and says what happened.
pub(crate) fn run(config: &Config, folder: &Path) -> (Result<Report, PipelineError>, Vec<Event>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = events.clone();
    let watcher = Watcher::new(move |event| told.lock().unwrap().push(event.clone()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let result = runtime.block_on(Pipeline::new(config.clone(), folder).watched_by(watcher).run());
    let events = events.lock().unwrap().clone();
    (result, events)
}

/// The stages that were made, and not left as they were.
pub(crate) fn made(events: &[Event]) -> BTreeSet<Stage> {
    let finished = |event: &Event| match event {
        Event::Finished { stage, .. } => Some(*stage),
        _ => None,
    };
    events.iter().filter_map(finished).collect()
}

#[test]
fn from_a_world_to_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let (report, events) = run(&config(), folder.path());
    let report = report.unwrap();
    assert_eq!(made(&events), BTreeSet::from(Stage::ALL));

    let went = |stage: Stage| report.funnel.iter().find(|passed| passed.stage == stage).unwrap().flow.went;
    assert_eq!(went(Stage::Questions), 36 + 3 * 8);
    assert_eq!((went(Stage::Attempts), went(Stage::Rollouts)), (72, 120));
    assert!(went(Stage::Samples) >= 30, "{:?}", report.funnel);
    assert!(went(Stage::Pairs) > 0, "{:?}", report.funnel);
    assert!(report.training["dpo"].steps > 0 && !report.results.comparisons.is_empty());
    assert!(report.training["sft"].last_loss < 0.5 * report.training["sft"].first_loss, "{:?}", report.training);

    // The teacher knows everything, who learnt nothing knows nothing.
    let all = |who: Contestant| {
        let line = report.results.lines.iter().find(|line| line.contestant == who && line.category == "all");
        line.unwrap().mean()
    };
    assert_eq!((all(Contestant::Untrained), all(Contestant::Teacher) > 0.7), (0.0, true));

    let run = RunFolder::new(folder.path());
    assert_eq!(run.read_config().unwrap(), config());
    let page = std::fs::read_to_string(run.page()).unwrap();
    assert!(page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"), "{}", &page[..60]);
    let files = QuestionFiles::new(run.questions());
    let ids = |set| files.read(set).unwrap().into_iter().map(|it| it.id).collect::<BTreeSet<_>>();
    assert!(ids(Set::Development).is_disjoint(&ids(Set::Test)));
    assert!(ids(Set::Train).is_disjoint(&ids(Set::Test)));
}

#[test]
fn one_process_at_a_time_works_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let held = RunFolder::new(folder.path()).lock().unwrap();
    let (refused, _) = run(&config(), folder.path());
    let said = refused.unwrap_err().to_string();
    assert!(said.starts_with("another run is under way in ") && said.ends_with("use another folder"), "{said}");
    drop(held);
}

#[test]
fn a_run_that_is_stopped_says_where_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (stop, config) = (Stop::default(), config());
    let asked = stop.clone();
    let watcher = Watcher::new(move |event| {
        if matches!(event, Event::Step { stage: Stage::Sft, done: 50, .. }) {
            asked.ask();
        }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pipeline = Pipeline::new(config.clone(), folder.path()).stopped_by(stop).watched_by(watcher);
    let stopped = runtime.block_on(pipeline.run()).unwrap_err();
    assert!(stopped.is_stopped());
    assert_eq!(stopped.to_string(), "stopped at sft; everything is kept, and the same command goes on from there");

    let (report, events) = run(&config, folder.path());
    assert!(report.is_ok() && !made(&events).contains(&Stage::Student));
    let first = events.iter().find_map(|event| match event {
        Event::Step { stage: Stage::Sft, done, .. } => Some(*done),
        _ => None,
    });
    assert!(first.is_some_and(|first| first > 50), "{first:?}");
}
