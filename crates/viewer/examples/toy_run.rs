//! What does a run look like on its page, and how large is it with ten thousand attempts?
//!
//! ```text
//! cargo run --release -p offseeker-viewer --example toy_run -- run.html 10000 metrics.jsonl
//! ```
//!
//! A teacher with faults attempts questions of a made-up world, eight times each. The attempts are graded, filtered and
//! paired, and the page shows what came of it. Files of metrics after the number are shown as trainings.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use offseeker_agent_loop::{Agent, Journal, Limits, Stop};
use offseeker_curation::stage::{Effort, Grounding, Integrity};
use offseeker_curation::{
    CutRules, Digest, Digester, PairRules, Pairs, Recipe, Report, Selection, pair_up, samples, select,
};
use offseeker_grading::Grader;
use offseeker_grading::scorers::Match;
use offseeker_tools::{Kit, Profile};
use offseeker_toy_world::{Category, Part, Task, Teacher, TeacherOptions, World, WorldOptions};
use offseeker_trajectory::{Outcome, Question, QuestionId, Repair, Trajectory};
use offseeker_trajectory_store::Stored;
use offseeker_viewer::{Cell, Curves, Fates, Learnt, Page, Results, Shown, Step};

/// Attempts at each question.
const EACH: u32 = 8;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A question with the category that it is of.
type Asked = (Question, &'static str);

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().unwrap_or_else(|| "run.html".to_owned()));
    let count: usize = arguments.next().map(|number| number.parse()).transpose()?.unwrap_or(400);
    let since = Instant::now();
    let (questions, attempts) = attempts(count).await?;
    println!("{} attempts in {:.1?}", attempts.len(), since.elapsed());

    let digester = Digester::default();
    let digests: Vec<Digest> = attempts.iter().map(|attempt| digester.digest(attempt)).collect();
    let recipe = recipe();
    let (selection, pairs) = (select(&digests, &recipe), pair_up(&digests, &PairRules::default()));
    let report = Report::of(&digests, &recipe, &selection);
    let mut page = Page::new("toy world, seed 7")
        .note("A teacher with faults attempted questions of a made-up world. Nothing was trained.")
        .fact("Attempts at each question", EACH.to_string())
        .fact("Recipe", &report.recipe)
        .step(Step::new("questions", "questions", questions.len() as u64))
        .step(Step::new("attempts", "attempts", attempts.len() as u64).seconds(since.elapsed().as_secs_f64()))
        .steps(Step::of_filter(&report))
        .step(Step::of_pairs(&pairs.report()))
        .results(right_answers(&attempts, &categories(&questions)));
    for metrics in arguments {
        page = page.curves(Curves::read(metrics.clone(), Path::new(&metrics))?);
    }
    let since = Instant::now();
    let written = write(&page, &path, attempts, &categories(&questions), &selection, &pairs)?;
    println!("{}: {} bytes in {:.1?}", path.display(), written.bytes, since.elapsed());
    Ok(())
}

fn write(
    page: &Page,
    path: &Path,
    attempts: Vec<Trajectory>,
    categories: &BTreeMap<QuestionId, &'static str>,
    selection: &Selection,
    pairs: &Pairs,
) -> Result<offseeker_viewer::Written> {
    let fates = Fates::of(selection, pairs);
    let mut writer = page.begin(path)?;
    for attempt in attempts {
        let category = categories.get(&attempt.question.id).copied().unwrap_or_default();
        let fate = fates.get(&attempt.id);
        let learnt = match fate.kept {
            true => Some(Learnt::of(&attempt, &samples(&attempt, &CutRules::default())?)?),
            false => None,
        };
        let shown = Shown::new(attempt).by("teacher").in_category(category).fate(fate);
        writer.add(&learnt.into_iter().fold(shown, |shown, learnt| shown.learnt("SFT", learnt)))?;
    }
    Ok(writer.finish()?)
}

fn categories(questions: &[Asked]) -> BTreeMap<QuestionId, &'static str> {
    questions.iter().map(|(question, category)| (question.id.clone(), *category)).collect()
}

/// What is asked of an attempt in a world of short pages and plain thoughts.
fn recipe() -> Recipe {
    Recipe {
        integrity: Integrity { worst_repair: Repair::Json5, ..Integrity::default() },
        // In this world an address follows from a name, so nobody has to show it.
        grounding: Grounding { most_invented: 1.0, ..Grounding::default() },
        effort: Effort { least_calls: 2, least_thought: 1, most_repeated: 0.3, ..Effort::default() },
        ..Recipe::default()
    }
}

/// About so many attempts of a teacher, graded, and their questions.
async fn attempts(count: usize) -> Result<(Vec<Asked>, Vec<Trajectory>)> {
    let world = Arc::new(World::new(WorldOptions { seed: 7, entities: 8_000, ..WorldOptions::default() })?);
    let kinds = [Category::TwoHops, Category::ThreeHops, Category::ClueTwoHops, Category::ClueThreeHops];
    let of_each = count.div_ceil(EACH as usize).div_ceil(kinds.len());
    let mut tasks: Vec<(Task, &'static str)> = Vec::new();
    for kind in kinds {
        tasks.extend(world.tasks(kind, Part::Train, of_each, 1)?.into_iter().map(|task| (task, kind.as_str())));
    }
    let faults =
        TeacherOptions { seed: 1, guess: 0.6, detour: 0.2, wrong_hypothesis: 0.2, loops: 0.1, malformed: 0.05 };
    let known: Vec<Task> = tasks.iter().map(|(task, _)| task.clone()).collect();
    let corpus = Arc::new(world.corpus());
    let profile = Profile::shipped("offseeker").ok_or("it is shipped")?.without(&["search_wiki", "execute_code"]);
    let kit = Kit::new(profile).searching(corpus.clone()).reading(corpus);
    let agent = Agent::new(Arc::new(Teacher::new(world, &known, faults)), kit)
        .limited(Limits { turns: 40, ..Limits::default() })
        .seeded(42);
    let beginnings = tasks.iter().flat_map(|(task, _)| (0..EACH).map(move |number| (&task.question, number)));
    let made = futures::stream::iter(beginnings.take(count)).map(|(question, number)| {
        let beginning = Trajectory::new(question.clone(), number);
        let agent = &agent;
        async move { agent.go_on(Stored::new(beginning), &Journal::none(), &Stop::default()).await.trajectory }
    });
    let mut attempts: Vec<Trajectory> = made.buffered(16).collect().await;
    for attempt in &mut attempts {
        let grade = Match.grade(attempt).await?;
        attempt.grades.push(grade);
    }
    Ok((tasks.into_iter().map(|(task, category)| (task.question, category)).collect(), attempts))
}

/// The share of right answers in each category.
// There are fewer attempts than a float counts exactly.
#[allow(clippy::cast_precision_loss)]
fn right_answers(attempts: &[Trajectory], categories: &BTreeMap<QuestionId, &'static str>) -> Results {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for attempt in attempts {
        let is_right = attempt.grades.iter().any(|grade| grade.outcome == Outcome::Correct);
        for category in [categories[&attempt.question.id], "all"] {
            let (right, all) = counts.entry(category).or_default();
            (*right, *all) = (*right + u64::from(is_right), *all + 1);
        }
    }
    let results =
        Results::shares("Right answers").note("Share of attempts, without intervals: attempts are not independent.");
    counts.into_iter().fold(results, |results, (category, (right, all))| {
        results.cell(Cell::new("teacher", category, right as f64 / all as f64).out_of(all))
    })
}
