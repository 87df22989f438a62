//! A run as a page.

use std::collections::HashMap;
use std::path::Path;

use futures::TryStreamExt;
use offseeker_curation::{CutRules, Dropped, samples};
use offseeker_grading::Grader;
use offseeker_grading::scorers::Match;
use offseeker_trajectory::{Pair, TrajectoryId};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};
use offseeker_viewer::{Cell, Compared, Curves, Fate, Learnt, Page, PageWriter, Results, Shown, Side, Step};

use crate::config::Contestant;
use crate::questions::{Set, read_lines};
use crate::results::{ALL, Line, Report};
use crate::{Flow, PipelineError, RunFolder, Stage, Watch};

/// The most attempts of one store on a page.
const MOST: usize = 4_000;

/// Writes what a run left as one page: what went through it, how training went, what was measured, and attempts.
///
/// # Errors
///
/// When something is damaged, the system refuses, or the run was stopped.
pub async fn page(report: &Report, folder: &RunFolder, watch: &Watch) -> Result<Flow, PipelineError> {
    let mut page = Page::new(&report.name).fact("configuration", &report.config[..16.min(report.config.len())]);
    for stage in Stage::ALL {
        if let Some(record) = folder.record(stage)?.filter(|record| record.is_finished) {
            page = page.step(step(stage, &record.flow).seconds(record.seconds));
        }
    }
    for name in ["sft", "dpo"] {
        let metrics = folder.training(name).join("metrics.jsonl");
        if metrics.exists() {
            page = page.curves(Curves::read(name, &metrics)?);
        }
    }
    for set in [Set::Test, Set::Fresh] {
        page = page.results(results(report, set));
    }
    let mut writer = page.begin(folder.page())?;
    let fates = fates(folder)?;
    let mut shown = add(&mut writer, &folder.teacher_attempts(), ("teacher", "attempts"), &fates, watch).await?;
    shown += add(&mut writer, &folder.student_attempts(), ("sft", "rollouts"), &fates, watch).await?;
    for line in report.results.lines.iter().filter(|line| line.category == ALL && line.set == Set::Test) {
        let name = line.measurement();
        shown += add(&mut writer, &folder.evaluation(&name), (line.contestant.as_str(), &name), &fates, watch).await?;
    }
    writer.finish()?;
    Ok(Flow::new(0, shown))
}

/// What went through a stage, as the page shows it.
fn step(stage: Stage, flow: &Flow) -> Step {
    let unit = match stage {
        Stage::Graph => "entities",
        Stage::Questions => "questions",
        Stage::Student | Stage::Sft | Stage::Dpo => "models",
        Stage::Pairs => "pairs",
        Stage::Evaluation | Stage::Report => "lines",
        _ => "attempts",
    };
    let mut step = Step::new(stage.as_str(), unit, flow.went);
    // Of questions to attempts, or samples to a model, nothing is lost on the way.
    if !flow.dropped.is_empty() && matches!(stage, Stage::Samples | Stage::Grades | Stage::RolloutGrades) {
        step = step.of(flow.came);
        step = flow.dropped.iter().fold(step, |step, (why, count)| step.dropping(why, *count));
    }
    let counted: Vec<String> =
        flow.counted.iter().map(|(what, count)| format!("{} {count}", what.replace('_', " "))).collect();
    step.note(counted.join(", "))
}

/// What was measured on a set.
fn results(report: &Report, set: Set) -> Results {
    let mut results = Results::shares(format!("Right answers, {} questions", set.as_str()));
    for line in report.results.lines.iter().filter(|line| line.set == set) {
        let Some(mean) = line.figures.all.mean else { continue };
        let cell = Cell::new(contestant(line), &line.category, mean.value);
        let cell = cell.within(mean.wilson.low, mean.wilson.high).out_of(line.figures.all.questions as u64);
        results = results.cell(cell);
    }
    for it in report.results.comparisons.iter().filter(|it| it.set == set) {
        let at = |who: Contestant| format!("{} t {:.1}", who.as_str(), it.temperature);
        let compared = Compared::new(at(it.first), at(it.second), it.paired.difference).in_category(&it.category);
        let compared = compared.changing(it.paired.second_better as u64, it.paired.first_better as u64);
        let compared = it.paired.interval.map_or(compared.clone(), |within| compared.within(within.low, within.high));
        results = results.comparison(compared.by_chance(it.paired.p));
    }
    results
}

fn contestant(line: &Line) -> String {
    format!("{} t {:.1}", line.contestant.as_str(), line.temperature)
}

/// What became of attempts: what the filter dropped, and the sides of pairs.
fn fates(folder: &RunFolder) -> Result<HashMap<TrajectoryId, Fate>, PipelineError> {
    let mut fates = HashMap::new();
    for Dropped { attempt, stage, reason } in read_lines::<Dropped>(&folder.data("dropped.jsonl"))? {
        let stage = stage.map_or("twice", |stage| stage.as_str());
        fates.insert(attempt, Fate::dropped(stage, reason.as_str()));
    }
    for pair in read_lines::<Pair>(&folder.data("pairs.jsonl"))? {
        let (Some(chosen), Some(rejected)) = (pair.chosen.from, pair.rejected.from) else { continue };
        let sides =
            [(&chosen.trajectory, &rejected.trajectory, true), (&rejected.trajectory, &chosen.trajectory, false)];
        for (own, other, is_chosen) in sides {
            let side = Side { chosen: is_chosen, other: other.clone(), margin: pair.margin };
            fates.entry(own.clone()).or_insert_with(Fate::default).pairs.push(side);
        }
    }
    Ok(fates)
}

/// Adds the attempts of a store, and says how many.
async fn add(
    writer: &mut PageWriter<'_>,
    store: &Path,
    (contestant, part): (&str, &str),
    fates: &HashMap<TrajectoryId, Fate>,
    watch: &Watch,
) -> Result<usize, PipelineError> {
    if !store.exists() {
        return Ok(0);
    }
    let store = Embedded::open(store, &Options::default())?;
    let mut attempts = store.trajectories(&Filter::default());
    let mut count = 0;
    while let Some(attempt) = attempts.try_next().await? {
        watch.go_on()?;
        if count == MOST {
            break;
        }
        count += 1;
        let is_lesson = part == "attempts" && !fates.contains_key(&attempt.id);
        let fate = if is_lesson { Fate::kept() } else { fates.get(&attempt.id).cloned().unwrap_or_default() };
        let category =
            attempt.question.metadata.get("category").and_then(|it| it.as_str()).unwrap_or_default().to_owned();
        let learnt =
            if is_lesson { Some(Learnt::of(&attempt, &samples(&attempt, &CutRules::default())?)?) } else { None };
        let shown = Shown::new(attempt).by(format!("{contestant}, {part}")).in_category(category).fate(fate);
        let shown = shown.graded_by(Match.name());
        writer.add(&learnt.into_iter().fold(shown, |shown, learnt| shown.learnt("SFT", learnt)))?;
    }
    Ok(count)
}
