//! How calls are found, read, bounded and answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::Function;

#[derive(Deserialize, JsonSchema)]
struct Nap {
    seconds: u64,
}

fn napping(at_once: Arc<AtomicUsize>, most: Arc<AtomicUsize>) -> Box<dyn Tool> {
    Box::new(Function::new("nap", "Sleeps.", move |nap: Nap| {
        let (at_once, most) = (at_once.clone(), most.clone());
        async move {
            most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(nap.seconds)).await;
            at_once.fetch_sub(1, Ordering::SeqCst);
            match nap.seconds {
                7 => Err(ToolError::broken("nap", "the bed broke")),
                seconds => Ok(Observation::ok(format!("slept {seconds} s"))),
            }
        }
    }))
}

fn toolbox() -> Toolbox {
    let tool = napping(Arc::default(), Arc::default());
    Toolbox::new([tool], Limits { time: Duration::from_secs(60), ..Limits::default() }).unwrap()
}

#[tokio::test(start_paused = true)]
async fn calls_are_answered() {
    use CallStatus::{InvalidArguments, Ok, Timeout};

    check("nap", r#"{"seconds": 2}"#, Ok, "slept 2 s").await;
    check("nap", "{'seconds': 2,}", Ok, "slept 2 s").await;
    check("nap", r#"{"seconds": "2"}"#, Ok, "slept 2 s").await;
    check("nap", r#"{"seconds": [2]}"#, Ok, "slept 2 s").await;
    check("nap", r#"{"seconds": "two"}"#, InvalidArguments, "seconds: must be an integer, not a string").await;
    check("nap", r#"{"seconds": -2}"#, InvalidArguments, "seconds").await;
    check("nap", r#"{"seconds": 2.5}"#, InvalidArguments, "seconds").await;
    check("nap", "{}", InvalidArguments, "seconds").await;
    check("nap", "", InvalidArguments, "seconds").await;
    check("nap", r#"{"seconds": "#, InvalidArguments, "cannot be used").await;
    check("nap", r#"{"seconds": 61}"#, Timeout, "longer than 60 s").await;
    check("Nap", r#"{"seconds": 2}"#, InvalidArguments, "There is no tool \"Nap\". The tools are: nap.").await;
}

async fn check(name: &str, arguments: &str, status: CallStatus, text: &str) {
    let observation = toolbox().call(&ToolCall::new("1", name, arguments)).await.unwrap();
    assert_eq!(observation.status, status, "{arguments}: {observation:?}");
    assert!(observation.text.contains(text), "{arguments}: {observation:?}");
}

#[tokio::test(start_paused = true)]
async fn calls_run_side_by_side_and_are_answered_in_their_order() {
    let (at_once, most) = (Arc::default(), Arc::<AtomicUsize>::default());
    let limits = Limits { at_once: 3, ..Limits::default() };
    let toolbox = Toolbox::new([napping(at_once, most.clone())], limits).unwrap();
    let calls: Vec<ToolCall> = [9, 1, 5, 1, 7, 2]
        .iter()
        .map(|seconds| ToolCall::new("", "nap", json!({"seconds": seconds}).to_string()))
        .collect();
    let observed: Vec<String> = toolbox
        .call_all(&calls)
        .await
        .into_iter()
        .map(|outcome| outcome.map_or_else(|error| error.to_string(), |observation| observation.text))
        .collect();
    let expected =
        ["slept 9 s", "slept 1 s", "slept 5 s", "slept 1 s", "the tool nap is broken: the bed broke", "slept 2 s"];
    assert_eq!(observed, expected);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_says_how_long_it_took() {
    let observation = toolbox().call(&ToolCall::new("1", "nap", r#"{"seconds": 3}"#)).await.unwrap();
    assert_eq!(observation.elapsed, Duration::from_secs(3));
    assert_eq!(observation.observed().elapsed_ms, 3000);
}

#[test]
fn two_tools_of_one_name_are_refused() {
    let twice = [napping(Arc::default(), Arc::default()), napping(Arc::default(), Arc::default())];
    assert_eq!(
        Toolbox::new(twice, Limits::default()).unwrap_err().to_string(),
        "two tools are called \"nap\"; give one of them another name"
    );
}
