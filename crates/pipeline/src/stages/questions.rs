//! Parts of a graph become questions: some to learn from, others about other things to measure on.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use offseeker_entity_graph::{EntityId, PackedGraph};
use offseeker_question_synthesis::{Ground, Level, Phrasebook, Plan, Planner, QuestionRow, RowReader, Synthesis};
use offseeker_toy_world::{Category, Part, Task, World};
use offseeker_trajectory::Question;

use crate::config::{Counts, PlannedQuestions, QuestionsConfig};
use crate::corpora::{CORPUS, Corpora, Corpus};
use crate::questions::{Planned, QuestionFiles, Set, corpus_of};
use crate::{Flow, PipelineError, Watch};

/// Questions by the set that they belong to.
type Sets = BTreeMap<Set, Vec<Planned>>;

/// Makes the questions of made-up encyclopedias, checks each against its graph, and that nothing that is held out has to do
/// with a question to learn from.
///
/// # Errors
///
/// When a world has too few questions, a plan does not hold in the graph, or something that is held out would be learnt.
pub fn questions(
    corpora: &Corpora,
    graphs: &BTreeMap<String, Arc<PackedGraph>>,
    config: &QuestionsConfig,
    to: &QuestionFiles,
    watch: &Watch,
) -> Result<Flow, PipelineError> {
    let first = corpora.learnt.first().map(|corpus| (corpus, Part::HeldOut));
    let fresh = corpora.fresh.as_ref().map(|corpus| (corpus, Part::Whole));
    let mut sets = Sets::from([(Set::Train, training(corpora, config)?)]);
    for (set, from, counts, seed) in [
        (Set::Development, first, &config.development, config.development_seed),
        (Set::Test, first, &config.test, config.test_seed),
        (Set::Fresh, fresh, &config.fresh, config.fresh_seed),
    ] {
        if let Some((corpus, part)) = from {
            let others: HashSet<String> = sets.values().flatten().map(|it| it.question.text.clone()).collect();
            sets.insert(set, others_than(&others, corpus, part, counts, seed)?);
        }
    }
    ground(graphs, &sets, watch)?;
    write(&sets, to, 0)
}

/// Plans questions of the pages in a folder, and parts them by what they are about.
///
/// # Errors
///
/// When the graph cannot be read, or nothing is left to learn from or to measure on.
pub async fn planned(
    corpus: &Corpus,
    graph: Arc<PackedGraph>,
    config: &PlannedQuestions,
    to: &QuestionFiles,
    watch: &Watch,
) -> Result<Flow, PipelineError> {
    let ground = Arc::new(Ground::new(&corpus.name, graph)?);
    let planner = Planner {
        seed: config.seed,
        hops: config.hops.clone(),
        levels: Level::ALL.into_iter().zip(config.levels.iter().copied()).collect(),
        least_distance: config.least_distance,
        ..Planner::default()
    };
    let mut synthesis = Synthesis::offline(ground, planner, Phrasebook::default());
    synthesis.stop = watch.stop.clone();
    let folder = to.folder().join("synthesis");
    let funnel = Box::pin(synthesis.run(&folder, config.items)).await?;
    watch.go_on()?;
    let rows: Vec<QuestionRow> = RowReader::open(folder.join("questions.jsonl"))?.collect::<Result<_, _>>()?;
    let (sets, mixed) = parted(rows, &corpus.name, config);
    for set in [Set::Train, Set::Test] {
        if sets.get(&set).is_none_or(Vec::is_empty) {
            let what = format!(
                "no question of the {} set came of {} items ({} questions in all, {mixed} about both held-out things and \
                 others); plan more items, or hold out another share",
                set.as_str(),
                funnel.items,
                funnel.accepted
            );
            return Err(PipelineError::Nothing { what });
        }
    }
    let flow = write(&sets, to, mixed)?;
    Ok(Flow { came: funnel.items, ..flow })
}

/// The questions to learn from, of all worlds.
fn training(corpora: &Corpora, config: &QuestionsConfig) -> Result<Vec<Planned>, PipelineError> {
    let mut all = Vec::new();
    for (number, corpus) in corpora.learnt.iter().enumerate() {
        let counts = share(&config.train, number, corpora.learnt.len());
        all.extend(others_than(&HashSet::new(), corpus, Part::Train, &counts, config.train_seed)?);
    }
    let mut seen = HashSet::new();
    all.retain(|it| seen.insert(it.question.id.clone()));
    Ok(all)
}

/// What one of several worlds has of all questions; the first have one more where they do not come out even.
fn share(counts: &Counts, number: usize, of: usize) -> Counts {
    let part = |count: usize| count / of + usize::from(number < count % of);
    Counts {
        one_hop: part(counts.one_hop),
        two_hops: part(counts.two_hops),
        three_hops: part(counts.three_hops),
        clue_two_hops: part(counts.clue_two_hops),
        clue_three_hops: part(counts.clue_three_hops),
    }
}

/// So many questions of each category that are not among others.
fn others_than(
    others: &HashSet<String>,
    corpus: &Corpus,
    part: Part,
    counts: &Counts,
    seed: u64,
) -> Result<Vec<Planned>, PipelineError> {
    let Some(world) = corpus.world() else { return Ok(Vec::new()) };
    let wanted = [counts.one_hop, counts.two_hops, counts.three_hops, counts.clue_two_hops, counts.clue_three_hops];
    let mut all = Vec::new();
    for (category, count) in Category::SHORT.into_iter().zip(wanted).filter(|(_, count)| *count > 0) {
        let tasks = fresh_tasks(world, (category, part), count, seed, others)?;
        all.extend(tasks.into_iter().map(|task| of_corpus(task, &corpus.name)));
    }
    Ok(all)
}

/// So many questions that are not among others: as many more are drawn as others are met.
fn fresh_tasks(
    world: &World,
    (category, part): (Category, Part),
    count: usize,
    seed: u64,
    others: &HashSet<String>,
) -> Result<Vec<Task>, PipelineError> {
    let mut asked = count;
    loop {
        let mut tasks = world.tasks(category, part, asked, seed)?;
        tasks.retain(|task| !others.contains(&task.question.text));
        if tasks.len() >= count {
            tasks.truncate(count);
            return Ok(tasks);
        }
        asked += count - tasks.len();
    }
}

fn of_corpus(task: Task, corpus: &str) -> Planned {
    let mut question = task.question;
    question.metadata.insert(CORPUS.to_owned(), corpus.into());
    Planned { question, plan: task.plan }
}

/// Parts questions by what they are about, and says how many are about both what is held out and what is not.
fn parted(rows: Vec<QuestionRow>, corpus: &str, config: &PlannedQuestions) -> (Sets, usize) {
    let (mut sets, mut mixed) = (Sets::new(), 0);
    for row in rows {
        let plan = row.plan.clone();
        let mut question = Question::from(row);
        question.metadata.insert(CORPUS.to_owned(), corpus.into());
        question.metadata.insert("category".to_owned(), plan.kind.as_str().into());
        let held: Vec<bool> =
            entities(&plan).map(|id| is_drawn(&id.to_string(), "held out", config.held_out)).collect();
        let set = if held.iter().all(|held| *held) {
            let is_development = is_drawn(question.id.as_str(), "development", config.development);
            if is_development { Set::Development } else { Set::Test }
        } else if held.contains(&true) {
            mixed += 1;
            continue;
        } else {
            Set::Train
        };
        sets.entry(set).or_default().push(Planned { question, plan });
    }
    (sets, mixed)
}

/// Whether something is among a share that is drawn for a purpose.
fn is_drawn(name: &str, purpose: &str, share: f64) -> bool {
    let hash = blake3::hash(format!("{purpose}\n{name}").as_bytes());
    let drawn = u32::from_le_bytes(std::array::from_fn(|byte| hash.as_bytes()[byte]));
    f64::from(drawn) / f64::from(u32::MAX) < share
}

/// What a question has to do with.
fn entities(plan: &Plan) -> impl Iterator<Item = EntityId> + '_ {
    plan.constants().map(|(id, _)| id).chain(plan.bindings.values().copied())
}

/// Checks that each question has its one answer in the graph.
fn ground(graphs: &BTreeMap<String, Arc<PackedGraph>>, sets: &Sets, watch: &Watch) -> Result<(), PipelineError> {
    let of: usize = sets.values().map(Vec::len).sum();
    let mut by_corpus: BTreeMap<&str, Vec<&Planned>> = BTreeMap::new();
    for planned in sets.values().flatten() {
        by_corpus.entry(corpus_of(&planned.question)).or_default().push(planned);
    }
    let mut done = 0;
    for (corpus, questions) in by_corpus {
        let Some(graph) = graphs.get(corpus) else { continue };
        let ground = Ground::new(corpus, graph.clone())?;
        for planned in questions {
            watch.go_on()?;
            let solutions = ground.solve(&planned.plan, 2);
            if solutions.is_only(&planned.plan.answer.text) != Some(true) {
                return Err(PipelineError::Unfounded { question: planned.question.text.clone() });
            }
            done += 1;
            watch.step(done, of as u64, "checked");
        }
    }
    Ok(())
}

/// Writes all sets, once nothing that is held out has to do with a question to learn from.
fn write(sets: &Sets, to: &QuestionFiles, mixed: usize) -> Result<Flow, PipelineError> {
    refuse_leaks(sets)?;
    let mut flow = Flow::new(0, sets.values().map(Vec::len).sum()).dropping("both_held_out_and_not", mixed);
    for (set, questions) in sets {
        to.write(*set, questions)?;
        flow = flow.counting(set.as_str(), questions.len());
    }
    Ok(flow)
}

/// Refuses questions to learn from that have to do with what held-out ones are about.
fn refuse_leaks(sets: &Sets) -> Result<(), PipelineError> {
    let of = |set: &Set| sets.get(set).map(Vec::as_slice).unwrap_or_default();
    let held = [Set::Development, Set::Test, Set::Fresh];
    let held: BTreeSet<EntityId> = held.iter().flat_map(of).flat_map(|it| entities(&it.plan)).collect();
    match of(&Set::Train).iter().find(|it| entities(&it.plan).any(|id| held.contains(&id))) {
        Some(leak) => Err(PipelineError::Leak { question: leak.question.text.clone() }),
        None => Ok(()),
    }
}
