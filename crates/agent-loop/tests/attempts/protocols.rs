//! What a model is sent, for each protocol.

use std::sync::Arc;

use offseeker_agent_loop::{Agent, Protocol, ProtocolError};
use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_chat::{Reply, Scripted};
use offseeker_trajectory::{Message, StopReason, ToolCall};

use crate::world::{end, question, tools};

#[tokio::test(start_paused = true)]
async fn every_protocol_that_is_shipped_makes_an_attempt() {
    for protocol in Protocol::all_shipped() {
        let dialect = protocol.dialect().unwrap();
        let script = lines(&protocol, dialect);
        let model = Arc::new(Scripted::replying(script.into_iter().map(|message| Ok(Reply::new(message)))));
        let counter = Arc::default();
        let agent = Agent::new(model.clone(), tools(&counter)).speaking(protocol.clone());
        let attempt = agent.attempt(&question()).await;
        assert_eq!(end(&attempt), (StopReason::Answered, Some("the Orsa")), "{}", protocol.name);
        let asked = model.asked();
        let told =
            asked.iter().flat_map(|asked| &asked.messages).all(|message| !message.content.contains("{question}"));
        assert!(told, "every name is filled in");
        let (first, second) = (&asked[0], &asked[1]);
        assert_eq!(first.tools.is_empty(), !protocol.is_native(), "{}", protocol.name);
        assert_eq!(first.sampling.stop.is_empty(), protocol.is_native(), "{}", protocol.name);
        assert_eq!(second.messages[..first.messages.len()], first.messages, "a conversation only grows");
        let system = first.messages.iter().any(|message| {
            message.content.contains("\"name\": \"look\"") || message.content.contains("\"name\":\"look\"")
        });
        let in_text =
            matches!(protocol.tools, offseeker_agent_loop::Offer::Schemas | offseeker_agent_loop::Offer::Functions);
        assert_eq!(system, in_text, "{}", protocol.name);
    }
}

/// A turn that calls and one that answers, as a model of the protocol writes them.
fn lines(protocol: &Protocol, dialect: &Dialect) -> [Message; 2] {
    // Where a tool has marks of its own, no other can be called.
    let searches = ["search-r1", "few-words", "few-words-told"].contains(&protocol.name.as_str());
    let (name, argument) = if searches { ("search", "query") } else { ("look", "at") };
    let call = ToolCall::new("", name, serde_json::json!({argument: "mill"}).to_string());
    let answering = Turn { answer: Some("the Orsa".to_owned()), ..Turn::default() };
    let answer = Message::assistant(dialect.render(&answering).unwrap());
    if protocol.is_native() {
        return [
            Message { tool_calls: vec![ToolCall { id: "c1".to_owned(), ..call }], ..Message::assistant("") },
            answer,
        ];
    }
    let calling = Turn { calls: vec![call], ..Turn::default() };
    [Message::assistant(dialect.render(&calling).unwrap()), answer]
}

#[tokio::test(start_paused = true)]
async fn offseekers_protocol_reads_as_it_should() {
    let counter = Arc::default();
    let model = Arc::new(Scripted::saying([crate::world::look(&["mill"]), crate::world::answer("the Orsa")]));
    Agent::new(model.clone(), tools(&counter)).attempt(&question()).await;
    let messages = &model.asked()[1].messages;
    assert_eq!(messages[1].content, "Solve the following task: Which river does the Karlin mill stand on?");
    let expected = "<tool_response>\nAt mill there is a mill on the Orsa.\n</tool_response>\n\n\
                    Please continue to solve the task.";
    assert_eq!(messages[3].content, expected);
    assert!(messages[0].content.contains("<tools>\n{\n  \"name\": \"look\","), "{}", messages[0].content);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_checked_where_the_protocol_wants_it() {
    let protocol = Protocol { check_answer: Some("Check every constraint again.".to_owned()), ..Protocol::default() };
    let table = [(["the Elbe", "the Orsa"], "the Orsa"), (["the Orsa", "the Orsa"], "the Orsa")];
    for (answers, taken) in table {
        let model = Arc::new(Scripted::saying(answers.map(crate::world::answer)));
        let counter = Arc::default();
        let attempt = Agent::new(model, tools(&counter)).speaking(protocol.clone()).attempt(&question()).await;
        assert_eq!(end(&attempt), (StopReason::Answered, Some(taken)));
        assert_eq!(crate::world::kinds(&attempt), "ggscs");
    }
}

#[test]
fn a_protocol_is_data_and_says_what_is_wrong_with_it() {
    for protocol in Protocol::all_shipped() {
        let json = serde_json::to_string_pretty(&protocol).unwrap();
        assert_eq!(Protocol::parse(&json).unwrap(), protocol);
    }
    let json = |from: &str, to: &str| serde_json::to_string(&Protocol::default()).unwrap().replace(from, to);
    let check = |json: &str, expected: &str| {
        let error = Protocol::parse(json).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        error
    };
    let wrong = check(&json("{question}", "{query}"), "question of the protocol offseeker uses {query}");
    assert!(matches!(wrong, ProtocolError::Name { field: "question", .. }));
    check(&json("\"qwen\"", "\"klingon\""), "wants the dialect \"klingon\"");
    check(&json("\"silent\"", "\"quiet\""), "quiet");
    check("{", "EOF");
}

#[test]
fn the_manifest_says_what_a_run_is_made_with() {
    let corpus = Arc::new(offseeker_search::InMemory::of([]));
    let profile = offseeker_tools::Profile::shipped("openresearcher").unwrap();
    let kit = offseeker_tools::Kit::new(profile).searching(corpus.clone()).reading(corpus);
    let agent = Agent::new(Arc::new(Scripted::saying([""]).named("small")), kit);
    let manifest = agent.manifest("test", 7).unwrap();
    assert_eq!(manifest.models["agent"].name, "small");
    assert_eq!(manifest.tools["profile"], "openresearcher");
    assert!(manifest.tools.contains_key("search") && manifest.tools.contains_key("tool browser.search"));
    assert_eq!(manifest.settings["limits"]["turns"], 100);
    let id = |agent: Agent, seed: u64| agent.manifest("test", seed).unwrap().id().unwrap();
    let others = [
        id(agent.clone(), 8),
        id(agent.clone().speaking(Protocol::shipped("native").unwrap()), 7),
        id(agent.clone().resampling(1), 7),
        id(agent.clone().limited(offseeker_agent_loop::Limits { turns: 9, ..Default::default() }), 7),
    ];
    assert!(others.iter().all(|other| *other != manifest.id().unwrap()), "what differs is another run");
    assert_eq!(id(agent, 7), manifest.id().unwrap());
}
