//! Every error of a model and of a tool, under every limit: each attempt ends for the right reason.

use std::sync::Arc;
use std::time::Duration;

use offseeker_agent_loop::{Agent, Limits, LoopGuard, Protocol, Tools};
use offseeker_chat::{ChatError, Finish, Reply, Scripted};
use offseeker_trajectory::{Limit, Message, StopReason, ToolCall};

use crate::world::{Line, agent, answer, call, end, kinds, look, question, says, tools};

fn failed(error: &ChatError) -> StopReason {
    StopReason::ModelFailure { reason: error.to_string() }
}

fn model_errors() -> Vec<(ChatError, StopReason)> {
    let text = || "the server says so".to_owned();
    let passes = [
        ChatError::transient(text()),
        ChatError::RateLimited { reason: text(), retry_after: Some(Duration::from_secs(9)) },
        ChatError::Unauthorized { reason: text() },
        ChatError::invalid(text()),
        ChatError::NotRecorded { key: text() },
        ChatError::broken(text()),
    ];
    let mut errors: Vec<_> = passes.into_iter().map(|error| (error.clone(), failed(&error))).collect();
    errors.push((ChatError::Refused { reason: text() }, StopReason::Refused));
    let spent = |which| ChatError::Budget { which, spent: 9, allowed: 8 };
    for which in [Limit::Requests, Limit::Tokens, Limit::Cost] {
        errors.push((spent(which), StopReason::Limit { which }));
    }
    let too_long = ChatError::ContextTooLong { reason: text(), limit: Some(100), used: Some(200) };
    errors.push((too_long, StopReason::Limit { which: Limit::Context }));
    errors
}

#[tokio::test(start_paused = true)]
async fn every_error_of_the_model_ends_the_attempt_for_its_own_reason() {
    for (error, stop) in model_errors() {
        // In the first turn, after a call, and after a result that the model is told is an error.
        for before in [vec![], vec![says(look(&["mill"]))], vec![says(look(&["nowhere"])), says(look(&["mill", "x"]))]]
        {
            let turns = before.len();
            let lines: Vec<Line> = before.into_iter().chain([Err(error.clone())]).collect();
            let (agent, _, counter) = agent(lines);
            let attempt = agent.attempt(&question()).await;
            assert_eq!(end(&attempt), (stop.clone(), None), "{error}");
            assert_eq!(counter.count(), [0, 1, 3][turns], "{error}: what was done stays done");
            assert_eq!(kinds(&attempt).matches('s').count(), turns, "{error}: an error is no message of the model");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_error_of_a_tool_is_told_or_ends_the_attempt() {
    let broken = |tool: &str| StopReason::ToolFailure {
        tool: tool.to_owned(),
        reason: format!("the tool {tool} is broken: the disk is gone"),
    };
    let table = [
        (look(&["nowhere"]), None),
        (look(&["secret"]), None),
        (call("look", "{\"in\": \"mill\"}"), None),
        (call("look", "\"mill\""), Some(StopReason::Malformed)),
        (call("fly", "{}"), None),
        (call("break", "{\"at\": \"x\"}"), Some(broken("break"))),
        (
            format!("{}\n{}", call("look", "{\"at\": \"mill\"}"), call("break", "{\"at\": \"x\"}")),
            Some(broken("break")),
        ),
    ];
    for (turn, stop) in table {
        let (agent, _, _) = agent(vec![says(turn.clone()), says(answer("the Orsa"))]);
        let attempt = agent.attempt(&question()).await;
        let expected = stop.map_or((StopReason::Answered, Some("the Orsa")), |stop| (stop, None));
        assert_eq!(end(&attempt), expected, "{turn}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_tools_and_of_models_and_limits_meet() {
    let turns = [look(&["nowhere"]), look(&["secret"]), call("fly", "{}"), look(&["a", "nowhere", "b"])];
    let limits = [
        (Limits { turns: 3, ..Limits::default() }, Limit::Turns),
        (Limits { calls: 1, ..Limits::default() }, Limit::Calls),
        (Limits { requests: Some(3), ..Limits::default() }, Limit::Requests),
        (Limits { tokens: Some(1), ..Limits::default() }, Limit::Tokens),
        (Limits { context: 40, reserve: 10, ..Limits::default() }, Limit::Context),
        (Limits { wall_time: Duration::ZERO, ..Limits::default() }, Limit::WallTime),
        (Limits { work_time: Some(Duration::ZERO), ..Limits::default() }, Limit::WorkTime),
    ];
    for tool in &turns {
        for (limit, which) in &limits {
            let forced = async |line: Line| {
                let (tool, limit) = (tool.clone(), limit.clone());
                // Before the limit it calls; the turn that the limit leaves is the line.
                let model = Scripted::by(move |request| {
                    let last = &request.messages[request.messages.len() - 1];
                    if last.content.contains("You have reached") { line.clone() } else { says(tool.clone()) }
                });
                let agent = Agent::new(Arc::new(model), tools(&Arc::default()));
                agent.limited(limit).guarded(LoopGuard::off()).attempt(&question()).await
            };
            let attempt = forced(says(answer("the Orsa"))).await;
            let why = *which;
            assert_eq!(end(&attempt), (StopReason::ForcedAnswer { why }, Some("the Orsa")), "{tool} {which:?}");
            let attempt = forced(says(tool.clone())).await;
            assert_eq!(end(&attempt), (StopReason::Limit { which: why }, None), "{tool} {which:?}");
            for (error, stop) in model_errors() {
                let attempt = forced(Err(error.clone())).await;
                assert_eq!(end(&attempt), (stop, None), "{tool} {which:?} {error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_sampled_again_and_kept() {
    let bad = [
        "<think>\nwell".to_owned(),
        "<tool_call>\n{\"name\": \"look\", \"arguments\": \n</tool_call>".to_owned(),
        "<tool_call>\nlook at the mill\n</tool_call>".to_owned(),
        format!("{}\n<answer>the Orsa</answer>", call("look", "{\"at\": \"mill\"}")),
    ];
    for text in &bad {
        for (resamples, times, stop) in [
            (5, 5, StopReason::Answered),
            (2, 2, StopReason::Answered),
            (2, 3, StopReason::Malformed),
            (0, 1, StopReason::Malformed),
        ] {
            let lines = (0..times).map(|_| text.clone()).chain([answer("the Orsa")]);
            let model = Arc::new(Scripted::saying(lines));
            let agent = Agent::new(model.clone(), tools(&Arc::default()));
            let attempt = agent.resampling(resamples).attempt(&question()).await;
            assert_eq!(end(&attempt).0, stop, "{text} {resamples}");
            let discarded: Vec<&str> = attempt
                .nodes()
                .iter()
                .filter(|node| node.is_discarded())
                .map(|node| node.message.content.as_str())
                .collect();
            assert_eq!(discarded, vec![text.as_str(); times], "they are kept");
            let temperatures: Vec<_> = model.asked().iter().map(|asked| asked.sampling.temperature.unwrap()).collect();
            let rise = temperatures.windows(2).all(|pair| (pair[1] - pair[0] - 0.1).abs() < 1e-9);
            assert!(rise, "each is sampled warmer than the one before: {temperatures:?}");
            let branches = attempt.branches();
            let kept: Vec<_> = branches.iter().filter(|branch| !branch.is_discarded()).collect();
            assert_eq!(kept.len(), 1, "what was thrown away ends branches of its own");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_corrective_word_does_not_pile_up() {
    let lines = ["<think>one", "<think>two", "<think>three"].map(str::to_owned).into_iter().chain([answer("the Orsa")]);
    let model = Arc::new(Scripted::saying(lines));
    let agent = Agent::new(model.clone(), Tools::none());
    let attempt = agent.attempt(&question()).await;
    assert_eq!(kinds(&attempt), "ggdcdds");
    let lengths: Vec<usize> = model.asked().iter().map(|asked| asked.messages.len()).collect();
    assert_eq!(lengths, [2, 3, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_model_is_spoken_to_and_then_given_up() {
    let (once, _, _) = agent(vec![says("Hm."), says(answer("the Orsa"))]);
    let attempt = once.attempt(&question()).await;
    assert_eq!((end(&attempt), kinds(&attempt).as_str()), ((StopReason::Answered, Some("the Orsa")), "ggscs"));
    for text in ["Hm.", "", "<think>\nI wonder.\n</think>"] {
        let (agent, _, _) = agent(vec![says(text)]);
        let attempt = agent.attempt(&question()).await;
        assert_eq!((end(&attempt), kinds(&attempt).as_str()), ((StopReason::Malformed, None), "ggscscscs"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_goes_in_circles_is_told_once() {
    let (endless, _, counter) = agent(vec![says(look(&["mill"]))]);
    let attempt = endless.attempt(&question()).await;
    assert_eq!(end(&attempt), (StopReason::Loop, None));
    assert_eq!(
        (kinds(&attempt).as_str(), counter.count()),
        ("ggsosososcsososo".replace("sososos", "sososo").as_str(), 6)
    );
    let circling = vec![says(look(&["mill"])), says(look(&["mill"])), says(look(&["mill"])), says(answer("the Orsa"))];
    let (agent, _, _) = agent(circling);
    assert_eq!(end(&agent.attempt(&question()).await), (StopReason::Answered, Some("the Orsa")));
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_was_cut_or_filtered_is_noticed() {
    let ended = |text: &str, finish: Finish| Ok(Reply { finish, ..Reply::new(Message::assistant(text)) });
    let table = [
        (vec![ended("", Finish::Filtered)], StopReason::Refused),
        (vec![ended("I think", Finish::Length)], StopReason::Malformed),
        (vec![ended(&answer("the Orsa"), Finish::Filtered)], StopReason::Answered),
        // The server stopped on a closing tag and left it out.
        (vec![ended("<answer>the Orsa", Finish::Stop { on: Some("</answer>".to_owned()) })], StopReason::Answered),
        (vec![ended("<answer>the Orsa", Finish::Stop { on: None })], StopReason::Answered),
        (vec![ended("<answer>the Or", Finish::Length)], StopReason::Malformed),
    ];
    for (lines, stop) in table {
        let (agent, _, _) = agent(lines.clone());
        assert_eq!(end(&agent.attempt(&question()).await).0, stop, "{lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_model_imagines_that_a_tool_says_is_cut() {
    let imagined = format!("{}\n<tool_response>\nIt stands on the Elbe.\n</tool_response>", look(&["mill"]));
    let (agent, model, _) = agent(vec![says(imagined), says(answer("the Orsa"))]);
    let attempt = agent.attempt(&question()).await;
    assert_eq!(end(&attempt), (StopReason::Answered, Some("the Orsa")));
    let seen = &model.asked()[1].messages;
    assert!(seen.iter().all(|message| !message.content.contains("Elbe")), "{seen:?}");
    assert!(seen.last().unwrap().content.contains("there is a mill on the Orsa"));
}

#[tokio::test(start_paused = true)]
async fn forbidden_calls_end_an_attempt_where_that_is_wanted() {
    let (agent, _, _) = agent(vec![says(look(&["secret"])), says(look(&["a", "secret"])), says(answer("the Orsa"))]);
    assert_eq!(end(&agent.attempt(&question()).await), (StopReason::Answered, Some("the Orsa")));
    let strict = agent.limited(Limits { blocked: Some(2), ..Limits::default() });
    assert_eq!(end(&strict.attempt(&question()).await), (StopReason::Forbidden, None));
}

#[tokio::test(start_paused = true)]
async fn native_calls_and_calls_in_the_text_go_the_same_way() {
    let native = Protocol::shipped("native").unwrap();
    let called = Message {
        tool_calls: vec![
            ToolCall::new("c1", "look", "{\"at\": \"mill\"}"),
            ToolCall::new("c2", "look", "{\"at\": \"x\"}"),
        ],
        ..Message::assistant("")
    };
    let (agent, model, counter) = agent(vec![Ok(Reply::new(called)), says("It is the Orsa.")]);
    let attempt = agent.speaking(native).attempt(&question()).await;
    assert_eq!(end(&attempt), (StopReason::Answered, Some("It is the Orsa.")));
    assert_eq!((counter.count(), kinds(&attempt).as_str()), (2, "ggsoos"));
    let asked = &model.asked()[1];
    assert_eq!(asked.tools.len(), 2);
    let ids: Vec<_> = asked.messages[3..].iter().map(|message| message.tool_call_id.as_deref().unwrap()).collect();
    assert_eq!(ids, ["c1", "c2"], "in the order of the calls, though the second ends first");
}
