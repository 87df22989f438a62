//! The checks pass what is right, and each law is broken by a model made to break it.

use std::sync::Mutex;

use async_trait::async_trait;
use offseeker_trajectory::{Message, Role};
use serde_json::json;

use super::{check_echo, check_port, check_transparent, echo};
use crate::{ChatError, ChatModel, Finish, Reply, Request, Sampling, Scripted};

#[tokio::test]
async fn the_echo_fulfils_every_law() {
    let echo = echo();
    check_port(&echo).await.unwrap();
    check_echo(&echo).await.unwrap();
    check_transparent(&echo).await.unwrap();
}

#[tokio::test]
async fn the_echo_does_what_it_is_told() {
    let check = async |text: &str, expected: Result<(Message, Finish), &str>| {
        let sampling = Sampling { stop: vec!["END".to_owned()], ..Sampling::default() };
        let asked = [Message::system("Obey."), Message::user(text), Message::assistant("well ...")];
        let found = echo().reply(Request::new(&asked).sampling(&sampling)).await;
        let found = found.as_ref().map(|reply| (reply.message.clone(), reply.finish.clone())).map_err(ChatError::kind);
        assert_eq!(found, expected, "{text:?}");
    };
    let done = Finish::Stop { on: None };
    check("hello", Ok((Message::assistant("hello"), done.clone()))).await;
    check("", Ok((Message::assistant(""), done.clone()))).await;
    check("length 2", Ok((Message::assistant("word word"), Finish::Length))).await;
    check("length 5000", Err("invalid_request")).await;
    check("stop a END b", Ok((Message::assistant("a "), Finish::Stop { on: Some("END".to_owned()) }))).await;
    check("roles", Ok((Message::assistant("system user assistant"), done.clone()))).await;
    check("call search", Err("invalid_request")).await;
    check("fail refused", Err("refused")).await;
    check("fail oddly", Err("invalid_request")).await;
    let thought = Message { reasoning: Some("deep".to_owned()), ..Message::assistant("thought") };
    check("think deep", Ok((thought, done))).await;
}

#[tokio::test]
async fn the_echo_counts_bytes_as_tokens() {
    let sampling = Sampling { token_ids: true, logprobs: true, ..Sampling::default() };
    let asked = [Message::system("be brief"), Message::user("a bc")];
    let reply = echo().reply(Request::new(&asked).sampling(&sampling)).await.unwrap();
    let usage = (reply.usage.prompt_tokens, reply.usage.cached_tokens, reply.usage.completion_tokens);
    assert_eq!(usage, (12, 8, 4));
    let sampled = reply.sampled.unwrap();
    assert_eq!(sampled.ids(), [97, 32, 98, 99]);
    assert_eq!(sampled.logprobs(), [0.0, -0.125, -0.25, -0.375]);
}

/// Passes everything on to the echo and spoils what comes back.
#[derive(Debug)]
struct Spoiled {
    inner: Scripted,
    spoil: fn(Request<'_>, Result<Reply, ChatError>) -> Result<Reply, ChatError>,
}

#[async_trait]
impl ChatModel for Spoiled {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        (self.spoil)(request, self.inner.reply(request).await)
    }
}

#[tokio::test]
async fn every_law_of_the_port_can_be_broken() {
    let check = async |spoil, law: &str| {
        let broken = check_port(&Spoiled { inner: echo(), spoil }).await.unwrap_err();
        assert_eq!(broken.law, law, "{broken}");
    };
    check(|_, _| Err(ChatError::broken("never")), "a question is answered").await;
    let speaks_as = |_: Request<'_>, answer: Result<Reply, ChatError>| {
        answer.map(|reply| Reply { message: Message { role: Role::User, ..reply.message }, ..reply })
    };
    check(speaks_as, "a reply is a message of the assistant").await;
    check(|_, answer| answer.map(|reply| Reply { usage: Default::default(), ..reply }), "usage counts the request")
        .await;
    check(
        |_, answer| Ok(answer.unwrap_or_else(|_| Reply::new(Message::assistant("?")))),
        "a request without a message is invalid",
    )
    .await;
    check(|asked, answer| unless(&asked, |text| !text.is_ascii(), answer), "a text of any letters is answered").await;
    check(|asked, answer| unless(&asked, str::is_empty, answer), "an empty text does no harm").await;
    check(|asked, answer| unless(&asked, |text| text.len() > 99_999, answer), "a text of 100 kB does no harm").await;
    check(
        |asked, answer| unless(&asked, |text| text.contains("number 7"), answer),
        "requests that are made at once are all answered",
    )
    .await;
    check(
        |asked, answer| unless(&asked, |text| text.contains("once more"), answer),
        "a dropped request leaves the model usable",
    )
    .await;
    check(|asked, answer| unless(&asked, |text| text.contains("tokens"), answer), "a request for tokens is answered")
        .await;
}

/// The answer, but a failure where the text is like that.
fn unless(
    request: &Request<'_>,
    like_that: fn(&str) -> bool,
    answer: Result<Reply, ChatError>,
) -> Result<Reply, ChatError> {
    match request.messages.last() {
        Some(last) if like_that(&last.content) => Err(ChatError::broken("not like that")),
        _ => answer,
    }
}

#[tokio::test]
async fn a_name_that_changes_or_is_missing_breaks_a_law() {
    #[derive(Debug)]
    struct Moody(Mutex<Vec<&'static str>>);

    #[async_trait]
    impl ChatModel for Moody {
        fn name(&self) -> &str {
            self.0.lock().unwrap().pop().unwrap()
        }

        async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
            echo().reply(request).await
        }
    }

    let broken = check_port(&Moody(Mutex::new(vec!["late", "early", "early"]))).await.unwrap_err();
    assert_eq!((broken.law, broken.model.as_str()), ("a model keeps its name", "early"));
    assert_eq!(check_port(&echo().named("")).await.unwrap_err().law, "a model has a name");
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_breaks_a_law_of_the_echo() {
    type Spoil = fn(Request<'_>, Result<Reply, ChatError>) -> Result<Reply, ChatError>;
    let spoils: [(&str, Spoil); 8] = [
        ("text", |_, answer| answer.map(|reply| edited(reply, |it| it.content = it.content.trim().to_owned()))),
        ("calls", |_, answer| answer.map(|reply| edited(reply, |it| it.tool_calls.clear()))),
        ("reasoning", |_, answer| answer.map(|reply| edited(reply, |it| it.reasoning = None))),
        ("finish", |_, answer| answer.map(|reply| Reply { finish: Finish::Stop { on: None }, ..reply })),
        ("usage", |_, answer| answer.map(|reply| Reply { usage: Default::default(), ..reply })),
        ("sampled", |_, answer| answer.map(|reply| Reply { sampled: None, ..reply })),
        ("errors", |_, answer| answer.map_err(|error| ChatError::transient(error.to_string()))),
        ("spelling", |_, answer| answer.map(|reply| edited(reply, respell))),
    ];
    for (lost, spoil) in spoils {
        let model = Spoiled { inner: echo(), spoil };
        assert!(check_echo(&model).await.is_err(), "{lost} may be lost on a wire");
        assert!(check_transparent(&model).await.is_err(), "{lost} may be lost in a wrapper");
    }
}

fn edited(mut reply: Reply, edit: fn(&mut Message)) -> Reply {
    edit(&mut reply.message);
    reply
}

/// Arguments as a careless client would hand them over: read and written again.
fn respell(message: &mut Message) {
    for call in &mut message.tool_calls {
        let arguments: serde_json::Value = serde_json::from_str(&call.arguments).unwrap_or(json!({}));
        call.arguments = arguments.to_string();
    }
}

#[tokio::test]
async fn a_wire_may_change_words_but_a_wrapper_may_not() {
    let spoil = |_: Request<'_>, answer: Result<Reply, ChatError>| match answer {
        Ok(reply) => Ok(Reply { model: Some("echo-1".to_owned()), ..reply }),
        Err(ChatError::Budget { .. } | ChatError::NotRecorded { .. }) => Err(ChatError::broken("unknown")),
        Err(ChatError::Refused { .. }) => Err(ChatError::Refused { reason: "other words".to_owned() }),
        Err(error) => Err(error),
    };
    let model = Spoiled { inner: echo(), spoil };
    check_port(&model).await.unwrap();
    check_echo(&model).await.unwrap();
    assert!(check_transparent(&model).await.is_err());
}
