//! How well does a teacher solve the questions of a world, by category and by how badly it works?
//!
//! ```text
//! cargo run --release -p offseeker-toy-world --example teacher -- 100
//! ```
//!
//! The number is how many questions of each category there are. `zh` after it takes a Chinese world.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use futures::StreamExt;
use offseeker_agent_loop::Agent;
use offseeker_tools::{Kit, Profile};
use offseeker_toy_world::{Category, Language, Part, Task, Teacher, TeacherOptions, World, WorldError, WorldOptions};
use offseeker_trajectory::{Origin, Trajectory};

/// How many attempts are under way at once.
const AT_ONCE: usize = 16;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map(|number| number.parse()).transpose()?.unwrap_or(20);
    let language = if arguments.next().as_deref() == Some("zh") { Language::Chinese } else { Language::English };
    let world = Arc::new(World::new(WorldOptions { seed: 1, entities: 2_000, language, ..WorldOptions::default() })?);

    let since = Instant::now();
    let categories = Category::SHORT.into_iter().chain(World::planned_categories());
    let questions = categories.map(|category| Ok((name(category), world.tasks(category, Part::Whole, count, 1)?)));
    let questions: Vec<(String, Vec<Task>)> = questions.collect::<Result<_, WorldError>>()?;
    let all: Vec<Task> = questions.iter().flat_map(|(_, tasks)| tasks.clone()).collect();
    println!("{} questions, made in {:.1?}; for example:", all.len(), since.elapsed());
    for (category, tasks) in &questions {
        println!("  {category}: {} -> {}", tasks[0].question.text, tasks[0].question.answers[0].text);
    }

    let none = TeacherOptions::default();
    let settings = [
        ("no faults", none),
        ("guesses 0.3", TeacherOptions { guess: 0.3, ..none }),
        ("guesses 1", TeacherOptions { guess: 1.0, ..none }),
        ("detours, loops 0.2", TeacherOptions { detour: 0.2, loops: 0.2, wrong_hypothesis: 0.3, ..none }),
        ("malformed 0.2", TeacherOptions { malformed: 0.2, ..none }),
    ];
    let corpus = Arc::new(world.corpus());
    let profile = Profile::shipped("offseeker").expect("it is shipped").without(&["search_wiki", "execute_code"]);
    let kit = Kit::new(profile).searching(corpus.clone()).reading(corpus);
    println!("\n{:<22}{}", "right, of 100 (calls)", settings.map(|(name, _)| format!("{name:>22}")).concat());
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for (_, options) in settings {
        let agent = Agent::new(Arc::new(Teacher::new(world.clone(), &all, options)), kit.clone()).seeded(1);
        for (category, tasks) in &questions {
            let attempts = futures::stream::iter(tasks).map(|task| agent.attempt(&task.question));
            let attempts: Vec<Trajectory> = attempts.buffer_unordered(AT_ONCE).collect().await;
            let right = attempts.iter().filter(|attempt| is_right(attempt)).count();
            let calls = attempts.iter().map(calls).sum::<usize>() as f64 / attempts.len() as f64;
            let share = 100.0 * right as f64 / attempts.len() as f64;
            rows.entry(category.clone()).or_default().push_str(&format!("{:>22}", format!("{share:.0} ({calls:.1})")));
        }
    }
    for (category, _) in &questions {
        println!("{category:<22}{}", rows[category]);
    }
    Ok(())
}

fn name(category: Category) -> String {
    match category {
        Category::Planned { level, .. } => format!("{} {}", category.as_str(), u8::from(level)),
        short => short.as_str().to_owned(),
    }
}

fn is_right(attempt: &Trajectory) -> bool {
    attempt.answer.as_deref() == attempt.question.answers.first().map(|answer| answer.text.as_str())
}

/// How many calls of tools an attempt made.
fn calls(attempt: &Trajectory) -> usize {
    attempt.nodes().iter().filter(|node| matches!(node.origin, Origin::Observed(_))).count()
}
