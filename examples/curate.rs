//! What is learnt of graded attempts, and why not of the others?
//!
//! ```sh
//! cargo run --release --example curate
//! cargo run --release --example curate -- FOLDER
//! ```
//!
//! A teacher with faults attempts questions of a made-up world, eight times each, into a store in the folder, or in
//! `target/curate`. The attempts are graded, filtered, and cut into `sft.jsonl` (`ShareGPT`), `preferences.jsonl` (TRL),
//! `groups.jsonl` and `report.json`. The same folder again makes no new attempt, and another one the same files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use futures::{TryStreamExt, stream};
use offseeker::agent_loop::{Agent, Limits, Run};
use offseeker::curation::stage::{Effort, Grounding, Integrity};
use offseeker::curation::{
    Bands, CutRules, Digest, Digester, GroupRules, PairRules, Recipe, Report, difficulty, pair_up, samples, select,
};
use offseeker::grading::run::Grading;
use offseeker::grading::scorers;
use offseeker::tools::{Kit, Profile};
use offseeker::toy_world::{Category, Part, Teacher, TeacherOptions, World, WorldOptions};
use offseeker::trajectory::{Repair, RunId, Trajectory};
use offseeker::trajectory_store::embedded::{Embedded, Options};
use offseeker::trajectory_store::formats::{LineWriter, PairFormat, SampleFormat};
use offseeker::trajectory_store::{Filter, TrajectoryStore, TrajectoryStoreExt};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/curate"), PathBuf::from);
    match curate(&folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn curate(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{} cannot be a folder: {error}", folder.display()))?;
    let store = Arc::new(Embedded::open(folder.join("attempts.db"), &Options::default())?);
    let run = attempt(&store).await?;
    let filter = Filter::of_run(run);

    // The first look: about a kilobyte of each attempt stays in memory.
    let digester = Digester::default();
    let digests: Vec<Digest> =
        store.trajectories(&filter).map_ok(|attempt| digester.digest(&attempt)).try_collect().await?;
    let recipe = recipe();
    let selection = select(&digests, &recipe);
    let report = Report::of(&digests, &recipe, &selection);
    println!("{report}");
    for it in difficulty(&digests, &recipe.correctness, &Bands::default()).iter().take(5) {
        println!(
            "{} {}: {} of {} right, {:?} calls",
            it.question,
            format!("{:?}", it.band).to_lowercase(),
            it.right,
            it.scored,
            it.median_calls.unwrap_or_default()
        );
    }
    let rules = PairRules::default();
    let pairs = pair_up(&digests, &rules);
    println!("\n{}", pairs.report());

    // The second look: only at what was chosen.
    let mut sft = LineWriter::create(folder.join("sft.jsonl"))?;
    for id in &selection.kept {
        for sample in samples(&store.get(id).await?.trajectory, &CutRules::default())? {
            sft.write(&SampleFormat::ShareGpt.write(&sample)?)?;
        }
    }
    let mut preferences = LineWriter::create(folder.join("preferences.jsonl"))?;
    for planned in &pairs.planned {
        let (chosen, rejected) = (store.get(&planned.chosen).await?, store.get(&planned.rejected).await?);
        match planned.cut(&chosen.trajectory, &rejected.trajectory, &rules, None) {
            Ok(pair) => preferences.write(&PairFormat::Trl.write(&pair)?)?,
            Err(reason) => println!("no pair of {}: {reason}", planned.question),
        }
    }
    let groups = write_groups(folder, &store, &digests).await?;
    println!("{} samples, {} preferences, {groups} groups", sft.finish()?, preferences.finish()?);
    offseeker::durable::write(&folder.join("report.json"), serde_json::to_string_pretty(&report)?.as_bytes())?;
    for name in ["sft.jsonl", "preferences.jsonl", "groups.jsonl", "report.json"] {
        let path = folder.join(name);
        println!("{} {}", fingerprint(&path)?, path.display());
    }
    Ok(())
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

/// Attempts the questions, as far as they have not been attempted, and grades what was answered.
async fn attempt(store: &Arc<Embedded>) -> Result<RunId> {
    let world = Arc::new(World::new(WorldOptions { seed: 7, entities: 600, ..WorldOptions::default() })?);
    let mut tasks = world.tasks(Category::ThreeHops, Part::Train, 8, 1)?;
    tasks.extend(world.tasks(Category::ClueTwoHops, Part::Train, 8, 1)?);
    tasks.extend(world.tasks(Category::ClueThreeHops, Part::Train, 8, 1)?);
    let faults =
        TeacherOptions { seed: 1, guess: 0.9, detour: 0.2, wrong_hypothesis: 0.2, loops: 0.1, malformed: 0.05 };
    let teacher = Arc::new(Teacher::new(world.clone(), &tasks, faults));
    let corpus = Arc::new(world.corpus());
    let profile = Profile::shipped("offseeker").ok_or("it is shipped")?.without(&["search_wiki", "execute_code"]);
    let kit = Kit::new(profile).searching(corpus.clone()).reading(corpus);
    let agent = Agent::new(teacher, kit).limited(Limits { turns: 40, ..Limits::default() });
    let manifest = agent.manifest("curate", 42)?;
    let id = manifest.id()?;
    let questions = stream::iter(tasks.into_iter().map(|task| task.question));
    Run::new(agent, store.clone(), manifest).attempting(8).at_once(8).attempt_all(questions).await?;

    let mut grading = Grading::new(store.clone()).by(scorers::Match);
    grading.filter = Filter::of_run(id.clone());
    println!("{}", grading.run().await?);
    Ok(id)
}

/// Writes all attempts at each question with their advantages, a question at a time.
async fn write_groups(folder: &Path, store: &Embedded, digests: &[Digest]) -> Result<u64> {
    let mut of_question: BTreeMap<_, Vec<&Digest>> = BTreeMap::new();
    for digest in digests {
        of_question.entry(&digest.question).or_default().push(digest);
    }
    let (rules, mut file) = (GroupRules::default(), LineWriter::create(folder.join("groups.jsonl"))?);
    for digests in of_question.values() {
        let ids: Vec<_> = digests.iter().map(|digest| digest.attempt.clone()).collect();
        let attempts: Vec<Trajectory> = store.read(&ids).await?.into_iter().map(|stored| stored.trajectory).collect();
        let members: Vec<_> = attempts.iter().zip(digests.iter().copied()).collect();
        file.write(&serde_json::to_string(&rules.group(&members)?)?)?;
    }
    Ok(file.finish()?)
}

/// A number that two files share only if they are the same.
fn fingerprint(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)?;
    Ok(offseeker::trajectory::content_id(&text)?)
}
