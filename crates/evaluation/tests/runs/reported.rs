//! What a report says of attempts that were made up.

use std::sync::Arc;

use offseeker_chat::Scripted;
use offseeker_evaluation::{Contestant, Evaluation, Report, SameAnswers};
use offseeker_grading::scorers;
use offseeker_trajectory_store::{InMemory, RunStore};

use crate::world::{agent, benchmark, evaluation, judge, looker, number, questions, reply};

/// Says by the number of the question and the seed of the attempt what it thinks.
fn waverer() -> Scripted {
    Scripted::by(|request| {
        let river = match (number(&request), request.sampling.seed.unwrap() % 3) {
            (number, 0) if number.is_multiple_of(2) => "the river Orsa",
            (_, 1) => "the Lenne",
            _ => "Orsa!",
        };
        let sure = 10 * (number(&request) + 1);
        reply(format!("Confidence: {sure}%\n<answer>{river}</answer>"))
    })
}

fn two(store: Arc<dyn RunStore>) -> Evaluation {
    let mut evaluation = evaluation(benchmark(6), store)
        .between(Contestant::of("wavers", 7, agent(Arc::new(waverer()))).unwrap())
        .between(Contestant::of("looks", 7, agent(Arc::new(looker()))).unwrap())
        .graded_by(scorers::SearchR1::exact())
        .comparing("wavers", "looks");
    (evaluation.attempts, evaluation.ks) = (4, vec![1, 4]);
    evaluation.labels = vec!["hops".to_owned()];
    evaluation
}

#[tokio::test]
async fn several_contestants_are_reported_side_by_side() {
    let store = Arc::new(InMemory::new());
    let report = two(store.clone()).run().await.unwrap();
    assert_eq!((report.questions, report.attempts_each, report.standings.len()), (6, 4, 2));
    let looks = report.standing("looks").unwrap();
    // The Orsa is right at every other question.
    let line = looks.line().unwrap();
    assert_eq!((line.figures.counts.correct, line.figures.counts.wrong), (12, 12));
    assert_eq!((line.scorer.as_str(), looks.lines[1].scorer.as_str()), ("offseeker/match@1", "search-r1/em@v0.2"));
    assert_eq!((line.tools.clone(), line.limits.len()), (vec!["look".to_owned()], 4));
    assert_eq!((looks.means.turns, looks.means.calls, looks.means.prompt_tokens), (2.0, 1.0, 40.0));
    assert!((looks.means.dollars - 0.0002).abs() < 1e-12);
    let reduced = looks.reduced.as_ref().unwrap();
    assert_eq!((reduced.best_of.counts.correct, reduced.majority.counts.correct), (3, 3));
    assert_eq!(looks.parts.keys().collect::<Vec<_>>(), ["hops", "stop", "tool"]);
    let hops: Vec<_> =
        looks.parts["hops"].iter().map(|part| (part.value.clone(), part.figures.counts.correct)).collect();
    assert_eq!(hops, [(Some("0".to_owned()), 4), (Some("1".to_owned()), 4), (Some("2".to_owned()), 4)]);
    assert_eq!(looks.parts["tool"][0].value.as_deref(), Some("look"));
    assert_eq!(looks.calibration, None);

    let wavers = report.standing("wavers").unwrap();
    let (mean, best) = (wavers.lines[0].figures.all.mean.unwrap().value, &wavers.reduced.as_ref().unwrap().best_of);
    assert!(mean < 1.0 && best.all.mean.unwrap().value > mean, "{mean}");
    assert!((wavers.lines[0].figures.all.pass_at[&4] - best.all.mean.unwrap().value).abs() < 1e-12);
    let sure = wavers.calibration.unwrap();
    assert_eq!((sure.answers, sure.stated, sure.assumed), (24, 24, 1.0));

    let compared = &report.comparisons[0];
    let all = compared.all.as_ref().unwrap();
    assert_eq!((compared.first.as_str(), compared.second.as_str(), all.questions), ("wavers", "looks", 6));
    let expected = looks.lines[0].figures.all.mean.unwrap().value - mean;
    assert!((all.difference - expected).abs() < 1e-12);
}

#[tokio::test]
async fn the_same_attempts_give_the_same_bytes() {
    let stores: [Arc<dyn RunStore>; 2] = [Arc::new(InMemory::new()), Arc::new(InMemory::new())];
    let mut turned = two(stores[1].clone());
    turned.at_once = 1;
    let (first, other) = (two(stores[0].clone()).run().await.unwrap(), turned.run().await.unwrap());
    assert_eq!(first.json(), other.json());
    assert_eq!(first.to_string(), other.to_string());
    let again = two(stores[0].clone()).report().await.unwrap();
    assert_eq!(again.json(), first.json());
    assert_eq!(serde_json::from_str::<Report>(&first.json()).unwrap(), first);
    assert!(questions(6).iter().all(|question| !first.json().contains(&question.text)));
}

#[tokio::test]
async fn fewer_attempts_than_were_made_are_reported_where_that_is_asked() {
    let store = Arc::new(InMemory::new());
    two(store.clone()).run().await.unwrap();
    let mut fewer = two(store);
    fewer.attempts = 1;
    let report = fewer.report().await.unwrap();
    assert_eq!(report.standings[0].lines[0].figures.counts.attempts, 6);
    assert_eq!(report.standings[0].reduced, None);
}

#[tokio::test]
async fn a_majority_goes_by_spelling_or_by_what_a_judge_holds_for_the_same() {
    // Four attempts: three name the Orsa, in different words each, and two of them the Lenne, in the same words.
    let model = || {
        let answers = ["the Lenne", "Orsa, a river", "the Lenne", "the water called Orsa", "Orsa near Karlin"];
        let said = std::sync::atomic::AtomicUsize::new(0);
        Scripted::by(move |_| {
            let number = said.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            reply(format!("<answer>{}</answer>", answers[number % answers.len()]))
        })
    };
    let is_orsa =
        |prompt: &str| if prompt.matches("Orsa").count() > 1 { "<judge>yes</judge>" } else { "<judge>no</judge>" };
    let majority = async |same: Option<SameAnswers>| {
        let contestant = Contestant::of("ours", 7, agent(Arc::new(model()))).unwrap();
        let mut evaluation = Evaluation::new(benchmark(1), Arc::new(InMemory::new()), "2026-11-22")
            .between(contestant)
            .graded_by(judge(is_orsa));
        if let Some(same) = same {
            evaluation = evaluation.same_answers_by(same);
        }
        (evaluation.attempts, evaluation.at_once) = (5, 1);
        let report = evaluation.run().await.unwrap();
        let reduced = report.standings[0].reduced.clone().unwrap();
        (reduced.majority.counts.correct, report.same_answers.clone(), report.to_string())
    };
    let (correct, name, said) = majority(None).await;
    assert_eq!((correct, name.as_str()), (0, "offseeker/spelled-alike@1"));
    assert!(said.contains("| majority, by offseeker/spelled-alike@1 |"), "{said}");
    let (correct, name, _) = majority(Some(SameAnswers::by(judge(is_orsa)))).await;
    assert_eq!(correct, 1);
    assert_eq!(name, "offseeker/same-answers@1(offseeker/tag-form@1:a judge(votes=1))");
}

#[tokio::test]
async fn the_prompts_of_a_judge_stand_in_its_line() {
    let contestant = Contestant::of("ours", 7, agent(Arc::new(looker()))).unwrap();
    let judging = judge(|_| "<judge>no</judge>");
    let evaluation = Evaluation::new(benchmark(2), Arc::new(InMemory::new()), "2026-11-22");
    let report = evaluation.between(contestant).graded_by(judging).run().await.unwrap();
    let judge = report.standings[0].lines[0].judge.clone().unwrap();
    assert!(judge.starts_with("offseeker/tag-form@1 ") && judge.len() > "offseeker/tag-form@1 ".len() + 8, "{judge}");
}

#[tokio::test]
async fn a_report_is_written_as_tables() {
    let said = two(Arc::new(InMemory::new())).run().await.unwrap().to_string();
    for expected in [
        "# mills: 6 questions, 4 attempts each, 2026-11-22\n",
        "\n| looks | run | mills | `",
        "\n## What an attempt took\n",
        "\n## Of several attempts one\n",
        "\n## Second less first, question by question\n",
        "\n| looks | wavers | ",
        "\n## Confidence\n",
        "\n## looks by hops\n",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in\n{said}");
    }
    let mut columns = None;
    for line in said.lines() {
        let count = line.starts_with('|').then(|| line.replace("\\|", "").matches('|').count());
        assert!(columns.is_none() || count.is_none() || columns == count, "{line}");
        columns = count;
    }
}
