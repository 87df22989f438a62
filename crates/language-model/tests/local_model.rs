//! A local model as a chat model: exact, whatever runs beside it, and thrifty where prompts begin alike.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use offseeker_chat::{ChatError, ChatModel, Finish, OwnedRequest, Prompt, Reply, Request, Sampling, conformance};
use offseeker_language_model::{
    Adapter, AdapterConfig, BytePairTraining, ChatTemplate, Config, GenerateOptions, Keep, LocalModel, LocalOptions,
    Network, Pass, Precision, Renderer, SamplingDefaults, Tokenizer, Weights, generate,
};
use offseeker_trajectory::{Message, ToolSpec};
use proptest::prelude::*;
use serde_json::json;

fn tokenizer() -> Tokenizer {
    BytePairTraining::new(320)
        .train(["Which river does the Karlin mill stand on? The Orsa, of the northern hills."])
        .unwrap()
}

fn renderer() -> Renderer {
    Renderer::new(Arc::new(tokenizer()), ChatTemplate::qwen()).unwrap()
}

fn weights() -> Arc<Weights> {
    let config = Config { initializer_range: 0.2, ..Config::small(tokenizer().vocabulary(), 32, 2, 4) };
    Arc::new(Weights::from_seed(&config, 5).unwrap())
}

fn model(options: LocalOptions) -> LocalModel {
    LocalModel::new("tiny", weights(), None, renderer(), options).unwrap()
}

fn small() -> LocalOptions {
    LocalOptions { context: Some(256), sequences_at_once: 4, tokens_at_once: 16, ..LocalOptions::default() }
}

fn exact(seed: u64, most: u32) -> Sampling {
    Sampling { seed: Some(seed), max_tokens: Some(most), token_ids: true, logprobs: true, ..Sampling::default() }
}

fn owned(text: &str, sampling: Sampling) -> OwnedRequest {
    OwnedRequest { messages: vec![Message::user(text)], tools: Vec::new(), sampling, session: None }
}

/// What a reply says, without what it cost to make.
fn said(reply: Reply) -> Reply {
    let usage = offseeker_trajectory::Usage { cached_tokens: 0, ..reply.usage };
    Reply { usage, waited_ms: 0, ..reply }
}

#[tokio::test]
async fn it_fulfils_the_laws_of_the_port() {
    conformance::check_port(&model(small())).await.unwrap();
}

#[tokio::test]
async fn greedy_replies_are_what_the_network_generates() {
    let (renderer, weights) = (renderer(), weights());
    let asked = [Message::user("Which river?")];
    let options = GenerateOptions {
        sampling: offseeker_language_model::Sampling::greedy(),
        most_tokens: 24,
        ends: renderer.tokenizer().ends().to_vec(),
    };
    let prompt = renderer.prompt(&asked, &[]).unwrap();
    let expected = &generate(&Network::new(&weights), &[prompt], &options, &mut |_, _| true).unwrap()[0].tokens;
    let sampling = Sampling { temperature: Some(0.0), ..exact(0, 24) };
    let reply = model(small()).reply(Request::new(&asked).sampling(&sampling)).await.unwrap();
    let sampled = reply.sampled.unwrap();
    assert_eq!(sampled.ids(), expected.iter().map(|it| it.token).collect::<Vec<_>>());
    assert_eq!(sampled.logprobs(), expected.iter().map(|it| it.log_probability).collect::<Vec<_>>());
    assert_eq!(reply.message.content, renderer.tokenizer().decode_text(sampled.ids()).unwrap());
    assert_eq!(reply.usage.completion_tokens, sampled.ids().len() as u64);
    assert!(reply.message.reasoning.is_none() && reply.message.tool_calls.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_mix_of_requests_gives_what_each_gives_alone(
        requests in prop::collection::vec(("(Which river|The Karlin mill|Orsa){1,6}[a-z ]{0,20}", 0_u64..4, 1_u32..20, 0..5_usize), 1..9),
        sequences in 1_usize..6,
        tokens in 6_usize..40,
        cache in prop::sample::select(vec![300_usize, 500, 5000]),
    ) {
        let asked: Vec<OwnedRequest> = requests.iter().map(|(text, seed, most, kind)| {
            let mut sampling = exact(*seed, *most);
            match kind {
                1 => sampling.temperature = Some(0.0),
                2 => sampling.top_p = Some(0.7),
                3 => drop(sampling.extra.insert("top_k".to_owned(), json!(3))),
                4 => sampling.stop = vec!["e".to_owned(), " r".to_owned()],
                _ => {}
            }
            owned(text, sampling)
        }).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mixed = LocalOptions {
            sequences_at_once: sequences,
            tokens_at_once: tokens,
            cache_tokens: Some(cache),
            ..small()
        };
        runtime.block_on(async {
            let together = model(mixed);
            let replies = join_all(asked.iter().map(|request| together.reply(request.as_request()))).await;
            for (request, reply) in asked.iter().zip(replies) {
                let alone = model(small()).reply(request.as_request()).await.unwrap();
                assert_eq!(said(reply.unwrap()), said(alone));
            }
        });
    }
}

#[tokio::test]
async fn attempts_at_one_question_run_its_prompt_once() {
    let model = model(LocalOptions { tokens_at_once: 64, ..small() });
    let text = "Which river does the Karlin mill stand on? ".repeat(6);
    let requests: Vec<OwnedRequest> = (0..8).map(|seed| owned(&text, exact(seed, 6))).collect();
    let replies = join_all(requests.iter().map(|request| model.reply(request.as_request()))).await;
    let prompt = replies[0].as_ref().unwrap().usage.prompt_tokens;
    let cached: u64 = replies.iter().map(|reply| reply.as_ref().unwrap().usage.cached_tokens).sum();
    let load = model.load_now();
    assert_eq!(load.prompt_rows, prompt + 7, "each but the first runs only the last token of the prompt");
    assert_eq!((load.reused_rows, cached), (7 * (prompt - 1), 7 * (prompt - 1)));
    for (request, reply) in requests.iter().zip(replies) {
        let fresh = self::model(small()).reply(request.as_request()).await.unwrap();
        assert_eq!(said(reply.unwrap()), said(fresh));
    }
}

#[tokio::test]
async fn a_conversation_goes_on_where_it_was() {
    let model = model(small());
    let mut messages = vec![Message::user("Which river does the Karlin mill stand on?")];
    let (mut before, mut prompts) = (0, 0);
    for turn in 0..4 {
        let sampling = Sampling { temperature: Some(0.0), ..exact(0, 8) };
        let request = Request::new(&messages).sampling(&sampling).session("one");
        let reply = model.reply(request).await.unwrap();
        let fresh = self::model(small()).reply(request).await.unwrap();
        assert!(reply.usage.cached_tokens >= before, "turn {turn} begins with the one before");
        (before, prompts) = (reply.usage.prompt_tokens, prompts + reply.usage.prompt_tokens);
        messages.push(Message { content: format!("{} .", reply.message.content), ..reply.message.clone() });
        messages.push(Message::user("And then?"));
        assert_eq!(said(reply), said(fresh));
    }
    let load = model.load_now();
    assert!(load.prompt_rows + load.reused_rows == prompts && load.reused_rows > prompts / 2, "{load:?}");
    assert_eq!(load.kept, 1, "a session has one kept sequence");
}

#[tokio::test]
async fn what_is_kept_is_bounded_and_what_was_set_back_goes_on_exactly() {
    let options = LocalOptions { cache_tokens: Some(260), ..small() };
    let crowded = model(options);
    let requests: Vec<OwnedRequest> =
        (0..6).map(|seed| owned(&format!("{seed} Which river?"), exact(seed, 70))).collect();
    let replies = join_all(requests.iter().map(|request| crowded.reply(request.as_request()))).await;
    for (request, reply) in requests.iter().zip(replies) {
        let alone = model(small()).reply(request.as_request()).await.unwrap();
        assert_eq!(said(reply.unwrap()), said(alone));
    }
    let load = crowded.load_now();
    assert!(load.set_back > 0 && load.kept_tokens <= 260, "{load:?}");
}

#[tokio::test]
async fn it_ends_as_it_says() {
    let model = model(small());
    let whole = model.reply(owned("Which river?", exact(1, 40)).as_request()).await.unwrap();
    assert_eq!((whole.finish.clone(), whole.usage.completion_tokens), (Finish::Length, 40));
    let text = &whole.message.content;
    let from = text.char_indices().map(|(at, _)| at).find(|at| *at >= text.len() / 2).unwrap();
    let to = text[from..].char_indices().map(|(at, _)| from + at).nth(3).unwrap();
    let stop = text[from..to].to_owned();
    let sampling = Sampling { stop: vec!["nowhere".to_owned(), stop.clone()], ..exact(1, 40) };
    let stopped = model.reply(owned("Which river?", sampling).as_request()).await.unwrap();
    assert_eq!(stopped.finish, Finish::Stop { on: Some(stop.clone()) });
    assert_eq!(stopped.message.content, text[..text.find(&stop).unwrap()]);
    let (all, some) = (whole.sampled.unwrap(), stopped.sampled.unwrap());
    assert!(some.ids().len() < 40 && all.ids().starts_with(some.ids()), "the tokens of the stop string are named");

    // A network that likes nothing better than the end.
    let mut weights = (*weights()).clone();
    let renderer = renderer();
    let end = renderer.tokenizer().ends()[0];
    let width = weights.config().hidden_size;
    let (config, mut table) = (weights.config().clone(), weights.values().to_vec());
    table[end as usize * width..(end as usize + 1) * width].fill(3.0);
    weights = Weights::from_seed(&config, 0).unwrap();
    weights.values_mut().copy_from_slice(&table);
    for place in weights.layout().clone().places().filter(|place| place.is_norm()) {
        weights.tensor_mut(place).fill(1.0);
    }
    let ending = LocalModel::new("ending", Arc::new(weights), None, renderer, small()).unwrap();
    let mut ended = 0;
    for seed in 0..20 {
        let reply = ending.reply(owned("Which river?", exact(seed, 30)).as_request()).await.unwrap();
        if reply.finish == (Finish::Stop { on: None }) {
            ended += 1;
            assert_eq!(reply.sampled.unwrap().ids().last(), Some(&end), "the ending token is named");
            assert!(!reply.message.content.contains("im_end"), "and not said");
        }
    }
    assert!(ended > 0);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let model = model(LocalOptions { context: Some(60), ..small() });
    let extra = |field: &str, value| Sampling {
        extra: [(field.to_owned(), value)].into_iter().collect(),
        ..Sampling::default()
    };
    for (sampling, expected) in [
        (Sampling { temperature: Some(-1.0), ..Sampling::default() }, "temperature"),
        (Sampling { top_p: Some(0.0), ..Sampling::default() }, "top_p"),
        (Sampling { max_tokens: Some(0), ..Sampling::default() }, "max_tokens"),
        (extra("top_k", json!(-2)), "top_k"),
        (extra("min_p", json!(0.1)), "min_p"),
        (extra("chat_template_kwargs", json!(1)), "chat_template_kwargs"),
    ] {
        let error = model.reply(owned("Hello", sampling).as_request()).await.unwrap_err();
        assert!(matches!(&error, ChatError::InvalidRequest { reason } if reason.contains(expected)), "{error}");
    }
    let long = Sampling { max_tokens: Some(59), ..Sampling::default() };
    for request in [owned("Hello", long), owned(&"long ".repeat(60), Sampling::default())] {
        let error = model.reply(request.as_request()).await.unwrap_err();
        assert!(matches!(error, ChatError::ContextTooLong { limit: Some(60), used: Some(used), .. } if used > 60));
    }
    for prompt in [Prompt::Tokens(vec![]), Prompt::Tokens(vec![1, 9999]), Prompt::Text(String::new())] {
        let error = model.complete(&prompt, &Sampling::default()).await.unwrap_err();
        assert!(matches!(error, ChatError::InvalidRequest { .. }), "{error}");
    }
    let mut cut = 0;
    for seed in 0..8 {
        let seeded = Sampling { seed: Some(seed), ..Sampling::default() };
        let reply = model.reply(owned("Hello", seeded).as_request()).await.unwrap();
        if reply.finish == Finish::Length {
            cut += 1;
            assert_eq!(reply.usage.total_tokens(), 60, "it writes to the end of the context where it is not said");
        }
    }
    assert!(cut > 0);
}

#[tokio::test]
async fn a_full_queue_turns_requests_down_and_dropped_ones_leave_it() {
    let model = model(LocalOptions { queue: 2, sequences_at_once: 1, ..small() });
    let request = owned("Which river?", exact(1, 200));
    let mut running = model.stream(request.as_request()).unwrap();
    running.next().await.unwrap();
    let waiting: Vec<_> = (0..2).map(|_| model.stream(request.as_request()).unwrap()).collect();
    let error = model.stream(request.as_request()).unwrap_err();
    assert!(matches!(error, ChatError::RateLimited { retry_after: Some(_), .. }), "{error}");
    drop((running, waiting));
    for _ in 0..500 {
        let load = model.load_now();
        if load.running == 0 && load.waiting == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(model.load_now().running, 0);
    model.reply(owned("Which river?", exact(1, 3)).as_request()).await.unwrap();
    assert!(model.load_now().written < 200, "the dropped request was given up");
}

#[tokio::test]
async fn requests_without_a_seed_differ_and_tools_reach_the_prompt() {
    let model = model(LocalOptions { context: Some(600), ..small() });
    let unseeded = Sampling { seed: None, ..exact(0, 20) };
    let replies = join_all(
        (0..2).map(|_| async { model.reply(owned("Which river?", unseeded.clone()).as_request()).await.unwrap() }),
    )
    .await;
    assert_ne!(replies[0].sampled, replies[1].sampled);
    let tools = [ToolSpec::new("search", "Searches.", json!({"type": "object"}))];
    let asked = [Message::user("Which river?")];
    let sampling = exact(0, 1);
    let with = model.reply(Request::new(&asked).sampling(&sampling).tools(&tools)).await.unwrap();
    let expected = renderer().prompt(&asked, &tools).unwrap().len() as u64;
    assert_eq!(with.usage.prompt_tokens, expected);
    let silent = Sampling {
        extra: [("chat_template_kwargs".to_owned(), json!({"enable_thinking": false}))].into_iter().collect(),
        ..exact(0, 1)
    };
    let quiet = model.reply(Request::new(&asked).sampling(&silent)).await.unwrap();
    let plain = model.reply(Request::new(&asked).sampling(&sampling)).await.unwrap();
    assert!(quiet.usage.prompt_tokens > plain.usage.prompt_tokens, "an empty block of reasoning is put there");
}

#[tokio::test]
async fn a_folder_and_an_adapter_are_read_and_what_is_wrong_in_them_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let weights = weights();
    weights.write(folder.path(), Precision::F32, u64::MAX).unwrap();
    tokenizer().with_template(ChatTemplate::qwen().source()).save(folder.path()).unwrap();
    let about = folder.path().join("generation_config.json");
    std::fs::write(&about, r#"{"do_sample": false, "top_k": 20, "max_new_tokens": 9, "other": [1]}"#).unwrap();
    let read = LocalModel::load(folder.path(), small()).unwrap();
    let plain = Sampling { token_ids: true, ..Sampling::default() };
    let found = read.reply(owned("Which river?", plain).as_request()).await.unwrap();
    let greedy = Sampling { temperature: Some(0.0), max_tokens: Some(9), token_ids: true, ..Sampling::default() };
    let expected = model(small()).reply(owned("Which river?", greedy.clone()).as_request()).await.unwrap();
    assert_eq!(found.sampled, expected.sampled);
    assert_eq!(found.model.as_deref(), folder.path().file_name().unwrap().to_str());

    let config = AdapterConfig::new(4);
    let mut adapter = Adapter::from_seed(weights.config(), &config, 3).unwrap();
    adapter.values_mut().iter_mut().for_each(|value| *value += 0.05);
    let beside = tempfile::tempdir().unwrap();
    adapter.write(beside.path(), weights.config(), Precision::F32).unwrap();
    let adapted = LocalModel::load_with(folder.path(), Some(beside.path()), small()).unwrap();
    let reply = adapted.reply(owned("Which river?", greedy).as_request()).await.unwrap();
    assert_ne!(reply.sampled, expected.sampled);

    for (text, named) in [
        (r#"{"temperature": "hot"}"#, "`temperature` is \"hot\""),
        (r#"{"top_p": 2}"#, "`top_p` is 2"),
        (r#"{"top_k": -3}"#, "`top_k` is -3"),
        (r#"{"max_new_tokens": 0}"#, "`max_new_tokens` is 0"),
        (r#"{"do_sample": 1}"#, "`do_sample` is 1"),
        ("[]", "is no object"),
    ] {
        std::fs::write(&about, text).unwrap();
        let error = LocalModel::load(folder.path(), small()).unwrap_err().to_string();
        assert!(error.contains("generation_config.json") && error.contains(named), "{error}");
    }
    std::fs::remove_file(&about).unwrap();
    std::fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    let error = LocalModel::load(folder.path(), small()).unwrap_err().to_string();
    assert!(error.contains("model.safetensors"), "{error}");
}

#[test]
fn a_tokenizer_with_more_tokens_than_the_network_is_refused() {
    let config = Config::small(100, 32, 1, 2);
    let weights = Arc::new(Weights::from_seed(&config, 1).unwrap());
    let error = LocalModel::new("odd", weights, None, renderer(), small()).unwrap_err();
    assert!(error.to_string().contains("belong to different models"), "{error}");
    let defaults = SamplingDefaults { top_p: Some(0.5), ..SamplingDefaults::default() };
    let others = SamplingDefaults { top_p: Some(0.9), top_k: Some(3), ..SamplingDefaults::default() };
    assert_eq!((defaults.or(others).top_p, defaults.or(others).top_k), (Some(0.5), Some(3)));
}

/// The log-probabilities of what was sampled are those that training works out, but for rounding.
#[tokio::test]
async fn sampled_log_probabilities_are_those_of_training() {
    let (renderer, weights) = (renderer(), weights());
    let asked = [Message::user("Which river?")];
    let sampling = Sampling { temperature: Some(0.8), ..exact(4, 30) };
    let reply = model(small()).reply(Request::new(&asked).sampling(&sampling)).await.unwrap();
    let sampled = reply.sampled.unwrap();
    let prompt = renderer.prompt(&asked, &[]).unwrap();
    let tokens = [&prompt[..], sampled.ids()].concat();
    let chosen: Vec<bool> = (0..tokens.len()).map(|at| at >= prompt.len()).collect();
    let mut batch = offseeker_language_model::Batch::new();
    batch.push(&tokens, &chosen).unwrap();
    let found = Network::new(&weights).forward(&batch, &mut Pass::new(Keep::Nothing)).unwrap();
    for (one, other) in found.iter().zip(sampled.logprobs()) {
        assert!((one - other).abs() < 1e-4, "{one} {other}");
    }
}
