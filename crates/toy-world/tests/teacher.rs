//! What a teacher does: it solves what it can, errs as often as it is told to, and keeps nothing between requests.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use futures::future::join_all;
use offseeker_agent_loop::{Agent, Protocol};
use offseeker_chat::ChatModelExt;
use offseeker_grading::Grader;
use offseeker_grading::judges::{Form, JudgeGrader};
use offseeker_pages::Library;
use offseeker_tools::{Kit, Profile};
use offseeker_toy_world::{
    Category, Judge, Language, PageLength, Part, Task, Teacher, TeacherOptions, World, WorldOptions,
};
use offseeker_trajectory::{StopReason, Trajectory};

fn world(options: WorldOptions) -> Arc<World> {
    Arc::new(World::new(options).unwrap())
}

fn agent(world: &Arc<World>, tasks: &[Task], options: TeacherOptions) -> Agent {
    let corpus = Arc::new(world.corpus());
    let profile = Profile::shipped("offseeker").unwrap().without(&["search_wiki", "execute_code"]);
    let library: Arc<dyn Library> = corpus.clone();
    let kit = Kit::new(profile).searching(corpus).reading(library);
    Agent::new(Arc::new(Teacher::new(world.clone(), tasks, options)), kit)
}

async fn attempts(agent: &Agent, tasks: &[Task]) -> Vec<Trajectory> {
    join_all(tasks.iter().map(|task| agent.attempt(&task.question))).await
}

fn is_right(attempt: &Trajectory) -> bool {
    attempt.answer.as_deref() == attempt.question.answers.first().map(|answer| answer.text.as_str())
}

fn tasks(world: &World, count: usize) -> Vec<Task> {
    Category::SHORT.into_iter().flat_map(|category| world.tasks(category, Part::Whole, count, 3).unwrap()).collect()
}

#[tokio::test]
async fn a_teacher_without_faults_solves_every_question() {
    for (language, pages) in [
        (Language::English, PageLength::Brief),
        (Language::English, PageLength::Long),
        (Language::Chinese, PageLength::Brief),
        (Language::Chinese, PageLength::Long),
    ] {
        let world = world(WorldOptions { language, pages, missing_links: 0.2, ..WorldOptions::default() });
        let tasks = tasks(&world, 40);
        let agent = agent(&world, &tasks, TeacherOptions::default());
        for attempt in attempts(&agent, &tasks).await {
            assert!(is_right(&attempt), "{}\n{}", attempt.question.text, said(&attempt));
            assert_eq!(attempt.stop, Some(StopReason::Answered));
        }
    }
}

#[tokio::test]
async fn in_few_words_it_solves_the_same_questions_with_a_third_of_the_text() {
    let world = world(WorldOptions { base: String::new(), missing_links: 0.2, ..WorldOptions::default() });
    let tasks = tasks(&world, 40);
    let corpus = Arc::new(world.corpus().showing_titles(5));
    let kit = Kit::new(Profile::shipped("few-words").unwrap()).searching(corpus.clone()).reading(corpus);
    let teacher = Teacher::new(world.clone(), &tasks, TeacherOptions::default()).in_few_words();
    let brief = Agent::new(Arc::new(teacher), kit).speaking(Protocol::shipped("few-words").unwrap());
    let wordy = agent(&world, &tasks, TeacherOptions::default());
    let (mut few, mut many) = (0, 0);
    for (brief, wordy) in attempts(&brief, &tasks).await.iter().zip(&attempts(&wordy, &tasks).await) {
        assert!(is_right(brief), "{}\n{}", brief.question.text, said(brief));
        few += said(brief).len();
        many += said(wordy).len();
    }
    assert!(3 * few < many, "{few} bytes against {many}");
}

#[tokio::test]
async fn it_solves_questions_of_every_kind_and_level() {
    for language in [Language::English, Language::Chinese] {
        let world = world(WorldOptions { language, missing_links: 0.1, ..WorldOptions::default() });
        let categories = World::planned_categories();
        let tasks: Vec<Task> =
            categories.flat_map(|category| world.tasks(category, Part::Whole, 4, 3).unwrap()).collect();
        let agent = agent(&world, &tasks, TeacherOptions::default());
        for attempt in attempts(&agent, &tasks).await {
            assert!(is_right(&attempt), "{:?}\n{}", attempt.question, said(&attempt));
        }
    }
}

fn said(attempt: &Trajectory) -> String {
    attempt.nodes().iter().skip(1).map(|node| format!("{}: {}\n", node.message.role, node.message.content)).collect()
}

#[tokio::test]
async fn guesses_make_it_wrong_and_the_other_faults_do_not() {
    let world = world(WorldOptions { missing_links: 0.1, ..WorldOptions::default() });
    let tasks = tasks(&world, 40);
    let faults =
        TeacherOptions { detour: 0.3, wrong_hypothesis: 0.5, loops: 0.3, malformed: 0.2, ..TeacherOptions::default() };
    let careful = attempts(&agent(&world, &tasks, TeacherOptions::default()), &tasks).await;
    let sloppy = attempts(&agent(&world, &tasks, faults), &tasks).await;
    assert!(sloppy.iter().all(is_right), "{}", said(sloppy.iter().find(|attempt| !is_right(attempt)).unwrap()));
    let nodes = |attempts: &[Trajectory]| attempts.iter().map(|attempt| attempt.nodes().len()).sum::<usize>();
    assert!(nodes(&sloppy) > nodes(&careful) * 5 / 4);
    assert!(sloppy.iter().any(|attempt| attempt.nodes().iter().any(offseeker_trajectory::Node::is_discarded)));

    let guesses = TeacherOptions { guess: 1.0, ..TeacherOptions::default() };
    let guessed = attempts(&agent(&world, &tasks, guesses), &tasks).await;
    let right = |attempts: &[Trajectory], part: &str| {
        let of: Vec<_> =
            attempts.iter().filter(|it| it.question.metadata["category"].as_str().unwrap().starts_with(part)).collect();
        (of.iter().filter(|it| is_right(it)).count(), of.len())
    };
    let (clues, all) = right(&guessed, "clue");
    assert!(clues < all * 9 / 10, "{clues} of {all}");
    assert_eq!(right(&guessed, "two"), (40, 40));
}

#[tokio::test]
async fn the_same_is_said_again_and_another_seed_says_something_else() {
    let world = world(WorldOptions::default());
    let tasks = tasks(&world, 8);
    let faults = TeacherOptions { detour: 0.5, loops: 0.3, guess: 0.5, ..TeacherOptions::default() };
    let made = async |seed: u64| {
        let attempts = attempts(&agent(&world, &tasks, faults).seeded(seed), &tasks).await;
        attempts.iter().map(said).collect::<Vec<_>>()
    };
    let first = made(1).await;
    assert_eq!(first, made(1).await);
    assert_ne!(first, made(2).await);
}

#[tokio::test]
async fn an_attempt_under_other_names_is_right_under_them() {
    for language in [Language::English, Language::Chinese] {
        let world = world(WorldOptions { language, ..WorldOptions::default() });
        let tasks = tasks(&world, 5);
        let renaming = world.renaming_with_values(9);
        for attempt in attempts(&agent(&world, &tasks, TeacherOptions::default()), &tasks).await {
            let renamed = renaming.trajectory(&attempt).unwrap();
            assert!(is_right(&renamed));
            let same_words =
                renamed.question.text == attempt.question.text && renamed.question.answers == attempt.question.answers;
            assert_eq!(renamed.question.id == attempt.question.id, same_words);
            assert_eq!(renamed.id == attempt.id, same_words);
            assert_eq!(said(&renamed), renaming.text(&said(&attempt)));
            assert_eq!(renaming.back().trajectory(&renamed).unwrap(), attempt);
        }
    }
}

#[tokio::test]
async fn a_question_that_it_was_not_given_is_refused() {
    let world = world(WorldOptions::default());
    let teacher = Teacher::new(world, &[], TeacherOptions::default());
    assert!(teacher.ask("Solve the following task: Why?").await.unwrap_err().to_string().contains("was given"));
}

#[tokio::test]
async fn a_judge_tells_right_from_wrong() {
    let world = world(WorldOptions::default());
    let tasks = tasks(&world, 20);
    let judge = Judge::new(tasks.iter().map(|task| &task.question));
    for (task, other) in tasks.iter().zip(tasks.iter().skip(1)) {
        let prompt = |response: &str| {
            format!("Say {{\"verdict\": ..}}.\nQuestion: {}\nResponse: {response}", task.question.text)
        };
        let (right, wrong) = (&task.question.answers[0].text, &other.question.answers[0].text);
        assert!(judge.ask(&prompt(right)).await.unwrap().contains("\"correct\""));
        let expected = if right == wrong { "\"correct\"" } else { "\"incorrect\"" };
        assert!(judge.ask(&prompt(wrong)).await.unwrap().contains(expected));
    }
}

#[tokio::test]
async fn a_judge_replies_in_the_form_that_it_is_asked_for() {
    let world = world(WorldOptions::default());
    let tasks = tasks(&world, 20);
    let judge = Judge::new(tasks.iter().map(|task| &task.question));
    for form in Form::ALL {
        let grader = JudgeGrader::new(offseeker_grading::Judge::new(Arc::new(judge.clone())), form);
        for (task, other) in tasks.iter().zip(tasks.iter().skip(1)) {
            let (right, wrong) = (&task.question.answers[0].text, &other.question.answers[0].text);
            for said in [right, wrong] {
                let mut attempt = Trajectory::new(task.question.clone(), 0);
                attempt.answer = Some(said.clone());
                attempt.stop = Some(StopReason::Answered);
                let grade = grader.grade(&attempt).await.unwrap();
                let expected = if said == right { "correct" } else { "wrong" };
                assert_eq!(grade.outcome.kind(), expected, "{form:?}: {} {said}", task.question.text);
            }
        }
    }
}
