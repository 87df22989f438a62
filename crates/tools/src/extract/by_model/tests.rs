//! Reports by a scripted model.

use offseeker_chat::{Reply, Scripted};

use super::*;

fn long_page() -> Page {
    let filler = "The mill has been repaired many times since.\n\n".repeat(2_000);
    Page::new("karlin:mill", "Karlin mill", format!("{filler}The Orsa drives it.\n\n{filler}"))
}

#[tokio::test]
async fn a_short_page_is_given_as_it_is() {
    let model = Arc::new(Scripted::saying::<&str>([]));
    let page = Page::new("karlin:mill", "Karlin mill", "The Orsa drives it.");
    let report = ByModel::new(model.clone()).extract(&page, "Which river?").await.unwrap();
    assert_eq!((report, model.asked().len()), (Report::verbatim("The Orsa drives it."), 0));
}

#[tokio::test]
async fn a_long_page_is_read_in_parts_and_the_reports_are_joined_in_their_order() {
    let model = Arc::new(Scripted::by(|request| {
        let prompt = &request.messages[0].content;
        let part = prompt.split("part ").nth(1).unwrap().split(' ').next().unwrap();
        assert!(prompt.contains("Goal: Which river?") && prompt.contains("Karlin mill (karlin:mill)"), "{prompt}");
        Ok(Reply::new(Message::assistant(format!("```json\n{{'evidence': 'e{part}', 'summary': 's{part}',}}\n```"))))
    }));
    let report = ByModel::new(model.clone()).extract(&long_page(), "Which river?").await.unwrap();
    let parts = model.asked().len();
    assert!(parts > 3, "{parts}");
    let joined = |letter: &str| (1..=parts).map(|part| format!("{letter}{part}")).collect::<Vec<_>>().join("\n\n");
    assert_eq!((report.evidence, report.summary), (joined("e"), Some(joined("s"))));
}

#[tokio::test]
async fn without_a_report_the_passages_speak_for_themselves() {
    let cases: [fn() -> Result<Reply, ChatError>; 3] = [
        || Ok(Reply::new(Message::assistant("I cannot say."))),
        || Ok(Reply::new(Message::assistant(r#"{"summary": 5}"#))),
        || Err(ChatError::transient("the server is overloaded")),
    ];
    for case in cases {
        let model = Arc::new(Scripted::by(move |_| case()));
        let report = ByModel::new(model).extract(&long_page(), "Orsa").await.unwrap();
        assert!(report.text().contains("No model could report") && report.text().contains("The Orsa drives it."));
    }
}

#[tokio::test]
async fn a_model_that_can_never_answer_ends_the_attempt() {
    let failing = |error: ChatError| ByModel::new(Arc::new(Scripted::by(move |_| Err(error.clone()))));
    let error = failing(ChatError::broken("nonsense")).extract(&long_page(), "Orsa").await.unwrap_err();
    assert!(matches!(error, ToolError::Broken { .. }), "{error}");
    let missing = ChatError::NotRecorded { key: "abc".to_owned() };
    let error = failing(missing).extract(&long_page(), "Orsa").await.unwrap_err();
    assert!(matches!(error, ToolError::NotRecorded { .. }), "{error}");
}

#[test]
fn another_prompt_has_to_use_the_goal_and_the_text() {
    let prompted = |prompt: &str| {
        ByModel::new(Arc::new(Scripted::saying::<&str>([]))).prompted(Template::parse(prompt).unwrap()).map(drop)
    };
    assert_eq!(prompted("{goal} in {text}"), Ok(()));
    assert_eq!(prompted("{goal}").unwrap_err(), "the prompt does not use {text}");
    assert!(prompted("{goal} {text} {other}").unwrap_err().contains("{other}"));
}
