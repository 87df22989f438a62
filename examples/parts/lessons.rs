//! What the examples of training learn from: attempts at questions of a made-up world, by a teacher without weights.

#![allow(dead_code, reason = "each example takes what it needs")]

use std::error::Error;
use std::sync::Arc;

use offseeker::agent_loop::{Agent, Journal, Protocol, Stop};
use offseeker::chat::Template;
use offseeker::curation::{CutRules, samples};
use offseeker::grading::Grader;
use offseeker::grading::scorers::Match;
use offseeker::language_model::{BytePairTraining, ChatTemplate, Config, Part, Place, Renderer, Tokenizer, Weights};
use offseeker::tools::{Kit, Profile};
use offseeker::toy_world::{self, Category, Teacher, TeacherOptions, World, WorldOptions};
use offseeker::trajectory::{Sample, Trajectory};
use offseeker::trajectory_store::Stored;

/// A world of short pages.
pub(crate) fn world() -> Result<Arc<World>, Box<dyn Error>> {
    Ok(Arc::new(World::new(WorldOptions { seed: 7, entities: 600, ..WorldOptions::default() })?))
}

/// An agent's words with a model that is small: it reads few instructions, and those over and over.
pub(crate) fn few_words() -> Result<Protocol, Box<dyn Error>> {
    let shipped = Protocol::shipped("offseeker").ok_or("it is shipped")?;
    Ok(Protocol {
        name: "few-words".to_owned(),
        system: Template::parse("Look it up.")?,
        question: Template::parse("{question}")?,
        after_results: String::new(),
        ..shipped
    })
}

/// Lets the teacher attempt so many questions of each category, each so many times, and grades the attempts.
pub(crate) async fn attempts(
    world: &Arc<World>,
    categories: &[Category],
    part: toy_world::Part,
    questions: usize,
    times: u32,
    faults: TeacherOptions,
) -> Result<Vec<Trajectory>, Box<dyn Error>> {
    let mut tasks = Vec::new();
    for category in categories {
        tasks.extend(world.tasks(*category, part, questions, 1)?);
    }
    let teacher = Arc::new(Teacher::new(world.clone(), &tasks, faults));
    let corpus = Arc::new(world.corpus());
    let profile = Profile::shipped("offseeker").ok_or("it is shipped")?.without(&["search_wiki", "execute_code"]);
    let kit = Kit::new(profile).searching(corpus.clone()).reading(corpus);
    let agent = Agent::new(teacher, kit).speaking(few_words()?).seeded(42);
    let mut attempts = Vec::new();
    for task in &tasks {
        for number in 0..times {
            let beginning = Stored::new(Trajectory::new(task.question.clone(), number));
            let made = agent.go_on(beginning, &Journal::none(), &Stop::default()).await;
            let mut attempt = made.trajectory;
            let grade = Match.grade(&attempt).await?;
            attempt.grades.push(grade);
            attempts.push(attempt);
        }
    }
    Ok(attempts)
}

/// The samples of attempts that end with the right answer.
pub(crate) fn right_samples(attempts: &[Trajectory]) -> Result<Vec<Sample>, Box<dyn Error>> {
    let is_right = |attempt: &&Trajectory| attempt.grades.iter().any(|grade| grade.value == Some(1.0));
    let mut all = Vec::new();
    for attempt in attempts.iter().filter(is_right) {
        all.extend(samples(attempt, &CutRules::default())?);
    }
    Ok(all)
}

/// A tokenizer made of what was said in attempts.
pub(crate) fn tokenizer(attempts: &[Trajectory]) -> Result<Tokenizer, Box<dyn Error>> {
    let texts = attempts.iter().flat_map(Trajectory::nodes).map(|node| node.message.content.clone());
    let template = ChatTemplate::qwen();
    Ok(BytePairTraining::new(1200).train(texts)?.with_template(template.source()))
}

/// What turns dialogues into tokens.
pub(crate) fn renderer(tokenizer: Tokenizer) -> Result<Renderer, Box<dyn Error>> {
    Ok(Renderer::new(Arc::new(tokenizer), ChatTemplate::qwen())?)
}

/// Fresh weights of a small network: what leads back into the stream is nought, so that each layer begins as nothing, and
/// the embedding is wide. Copying is learnt several times sooner so.
pub(crate) fn fresh(vocabulary: usize, width: usize, layers: usize) -> Result<Weights, Box<dyn Error>> {
    let shape = Config {
        head_dim: 64,
        initializer_range: 1.0 / (width as f64).sqrt(),
        ..Config::small(vocabulary, width, layers, 4)
    };
    let mut weights = Weights::from_seed(&shape, 1)?;
    for layer in 0..layers {
        for part in [Part::Output, Part::Down] {
            weights.tensor_mut(Place::Layer(layer, part)).fill(0.0);
        }
    }
    Ok(weights)
}
