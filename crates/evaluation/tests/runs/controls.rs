//! Controls do what they are called, and are told apart from runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use offseeker_chat::Scripted;
use offseeker_evaluation::{Benchmark, Contestant, Control, EvaluationError, Report, Task};
use offseeker_trajectory::{Question, Role};
use offseeker_trajectory_store::InMemory;

use crate::world::{agent, benchmark, evaluation, looker};

async fn report(contestant: Contestant) -> Report {
    evaluation(benchmark(4), Arc::new(InMemory::new())).between(contestant).run().await.unwrap()
}

#[tokio::test]
async fn a_closed_book_is_asked_once_for_the_answer() {
    let model = Arc::new(looker());
    let report = report(Contestant::closed_book("closed", 7, agent(model.clone())).unwrap()).await;
    assert_eq!(model.asked().len(), 4);
    for request in model.asked() {
        let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
        assert_eq!(roles, [Role::System, Role::User, Role::User]);
        assert!(!request.messages[0].content.contains("\"look\""), "{}", request.messages[0].content);
        assert!(request.messages[2].content.starts_with("You have reached the number of turns"));
    }
    let standing = report.standing("closed").unwrap();
    let line = standing.line().unwrap();
    assert_eq!((line.control, line.tools.len()), (Some(Control::ClosedBook), 0));
    assert_eq!((standing.means.requests, standing.means.calls), (1.0, 0.0));
    assert_eq!(standing.parts["stop"][0].value.as_deref(), Some("forced_answer"));
    assert!(line.markdown_row().starts_with("| closed | closed book | mills |"));
}

#[tokio::test]
async fn a_closed_book_whose_reply_cannot_be_read_is_not_asked_again() {
    let model = Arc::new(Scripted::by(|_| crate::world::reply("<tool_call>nonsense")));
    let report = report(Contestant::closed_book("closed", 7, agent(model.clone())).unwrap()).await;
    assert_eq!(model.asked().len(), 4);
    assert_eq!(report.standings[0].lines[0].figures.counts.no_answer, 4);
}

#[tokio::test]
async fn without_tools_a_call_is_answered_that_there_is_no_such_tool() {
    let model = Arc::new(looker());
    let report = report(Contestant::without_tools("bare", 7, agent(model.clone())).unwrap()).await;
    let last: Vec<String> =
        model.asked().iter().map(|request| request.messages.last().unwrap().content.clone()).collect();
    assert_eq!(last.iter().filter(|text| text.contains("look") && text.contains("no tool")).count(), 4, "{last:?}");
    let standing = report.standing("bare").unwrap();
    assert_eq!((standing.means.requests, standing.means.calls), (2.0, 1.0));
    assert_eq!(standing.line().unwrap().control, Some(Control::NoTools));
}

#[tokio::test]
async fn an_oracle_reads_the_documents_before_the_question() {
    let tasks = benchmark(3).tasks.into_iter().enumerate().map(|(number, mut task)| {
        task.evidence = ["a", "b"].map(|part| format!("{number}{part}")).into();
        task
    });
    let set = Benchmark { id: "mills".to_owned(), tasks: tasks.collect() };
    let documents = set.documents(|id| Some(format!("What stands in {id}.\n")));
    let model = Arc::new(looker());
    let oracle = Contestant::oracle("oracle", 7, agent(model.clone()), documents).unwrap();
    let report = evaluation(set, Arc::new(InMemory::new())).between(oracle).run().await.unwrap();
    let first = model.asked();
    let asked = first.iter().find(|request| crate::world::number(&request.as_request()) == 1).unwrap();
    let expected = "Everything that you need stands in these documents.\n\n<document number=\"1\">\nWhat stands in 1a.\n\
                    </document>\n\n<document number=\"2\">\nWhat stands in 1b.\n</document>\n\nWhich river does mill 1 stand on?";
    assert!(asked.messages[1].content.ends_with(expected), "{}", asked.messages[1].content);
    assert_eq!(report.standings[0].lines[0].control, Some(Control::Oracle));
}

#[tokio::test]
async fn an_oracle_without_documents_is_refused() {
    let set = benchmark(3);
    let known = BTreeMap::from([(set.tasks[0].id().clone(), vec!["A document.".to_owned()])]);
    let model = Arc::new(looker());
    let oracle = Contestant::oracle("oracle", 7, agent(model.clone()), known).unwrap();
    let error = evaluation(set, Arc::new(InMemory::new())).between(oracle).run().await.unwrap_err();
    assert!(matches!(error, EvaluationError::NoDocuments { missing: 2, .. }), "{error}");
    assert_eq!(model.asked().len(), 0);
}

#[test]
fn questions_without_a_text_for_each_document_are_left_out_of_the_documents() {
    let mut with = Task::new(Question::new("a?", ["a"]));
    with.gold = ["known".to_owned()].into();
    with.evidence = ["other".to_owned()].into();
    let mut without = Task::new(Question::new("b?", ["b"]));
    without.gold = ["known".to_owned(), "unknown".to_owned()].into();
    let set = Benchmark { id: "two".to_owned(), tasks: vec![with, without, Task::new(Question::new("c?", ["c"]))] };
    let found = set.documents(|id| (id == "known").then(|| "text".to_owned()));
    assert_eq!(found, BTreeMap::from([(set.tasks[0].id().clone(), vec!["text".to_owned()])]));
}

#[tokio::test]
async fn a_control_is_another_run_than_the_agent_under_its_name() {
    let store = Arc::new(InMemory::new());
    let run = |contestant| {
        let evaluation = evaluation(benchmark(2), store.clone()).between(contestant);
        async move { evaluation.run().await.unwrap().standings[0].means.requests }
    };
    assert_eq!(run(Contestant::of("ours", 7, agent(Arc::new(looker()))).unwrap()).await, 2.0);
    assert_eq!(run(Contestant::closed_book("ours", 7, agent(Arc::new(looker()))).unwrap()).await, 1.0);
}
