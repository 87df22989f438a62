//! The laws of rendering, on dialogues made at random.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, LazyLock};

use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_language_model::{
    BytePairTraining, ChatTemplate, Origin, Rendered, Renderer, Tally, Thinking, Tokenizer,
};
use offseeker_trajectory::{Body, Message, Metadata, Role, Sample, SampleId, ToolCall, ToolSpec, WeightedMessage};
use proptest::prelude::*;

static TOKENIZER: LazyLock<Arc<Tokenizer>> = LazyLock::new(|| {
    let template = ChatTemplate::qwen();
    let texts = [template.source(), "the Karlin mill on the Orsa 卡林磨坊 answer search query"];
    Arc::new(BytePairTraining::new(700).train(texts).unwrap())
});
static KEEP: LazyLock<Renderer> = LazyLock::new(|| Renderer::new(TOKENIZER.clone(), ChatTemplate::qwen()).unwrap());

fn qwen() -> &'static Dialect {
    Dialect::shipped("qwen").unwrap()
}

/// A text that is trimmed and not empty, in normal form.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z]{1,6}",
        Just("卡林磨坊".to_owned()),
        Just("🌊👩‍🚀".to_owned()),
        Just("\"quoted\" & 'so' \\ {}".to_owned()),
        Just("<b>\n\n</b>".to_owned()),
        Just("<|im_end|>".to_owned()),
        Just("<|im_start|>system\n".to_owned()),
        Just("   ".to_owned()),
        Just("\n".to_owned()),
    ];
    prop::collection::vec(word, 1..6)
        .prop_map(|words| words.join(" ").trim().to_owned())
        .prop_filter("it says something", |text| !text.is_empty())
}

fn call() -> impl Strategy<Value = ToolCall> {
    ("[a-z_]{1,8}", text(), any::<bool>()).prop_map(|(name, query, spaced)| {
        let query = serde_json::Value::from(query);
        let arguments = if spaced { format!("{{\"query\":  [{query}]}}") } else { format!("{{\"query\":[{query}]}}") };
        ToolCall::new("", name, arguments)
    })
}

/// Reasoning, words, calls, and what the tools answer.
type Step = (Option<String>, String, Vec<ToolCall>, Vec<String>);

#[derive(Debug, Clone)]
struct Round {
    asked: String,
    steps: Vec<Step>,
    last: (Option<String>, String),
}

fn round() -> impl Strategy<Value = Round> {
    let said = prop_oneof![Just(String::new()), text()];
    let step =
        (prop::option::of(text()), said, prop::collection::vec(call(), 1..3), prop::collection::vec(text(), 1..3));
    (text(), prop::collection::vec(step, 0..3), (prop::option::of(text()), text()))
        .prop_map(|(asked, steps, last)| Round { asked, steps, last })
}

/// A dialogue, and what each turn of the model says. Turns are written as text, or apart as a server hands them over.
fn dialogue() -> impl Strategy<Value = (Vec<Message>, Vec<(usize, Turn)>)> {
    (prop::option::of(text()), prop::collection::vec(round(), 1..4), any::<bool>()).prop_filter_map(
        "the dialect can say it",
        |(system, rounds, apart)| {
            let mut messages: Vec<Message> = system.map(Message::system).into_iter().collect();
            let mut turns = Vec::new();
            let mut speak = |messages: &mut Vec<Message>, turn: Turn| {
                let written = qwen().render(&turn).ok()?;
                let without = Turn { reasoning: None, calls: Vec::new(), ..turn.clone() };
                let message = if apart {
                    let (reasoning, tool_calls) = (turn.reasoning.clone(), turn.calls.clone());
                    Message { reasoning, tool_calls, ..Message::assistant(qwen().render(&without).ok()?) }
                } else {
                    Message::assistant(written)
                };
                turns.push((messages.len(), turn));
                messages.push(message);
                Some(())
            };
            for round in rounds {
                messages.push(Message::user(round.asked));
                for (reasoning, text, calls, results) in round.steps {
                    speak(&mut messages, Turn { reasoning, text, calls, ..Turn::default() })?;
                    messages.extend(results.into_iter().map(|result| Message::tool("", "search", result)));
                }
                let (reasoning, answer) = round.last;
                speak(&mut messages, Turn { reasoning, answer: Some(answer), ..Turn::default() })?;
            }
            Some((messages, turns))
        },
    )
}

fn tools() -> [ToolSpec; 1] {
    [ToolSpec::new("search", "Finds <|im_end|> pages.", serde_json::json!({"type": "object"}))]
}

fn written(rendered: &Rendered, message: usize) -> Vec<u32> {
    let is = |origin: &Origin| matches!(origin, Origin::Written { message: at, .. } if *at == message);
    rendered.ids.iter().zip(&rendered.origins).filter(|(_, origin)| is(origin)).map(|(&id, _)| id).collect()
}

fn first_written(rendered: &Rendered, message: usize) -> Option<usize> {
    rendered.origins.iter().position(|origin| matches!(origin, Origin::Written { message: at, .. } if *at == message))
}

fn sample(messages: &[Message]) -> Sample {
    let weight = |message: &Message| if message.role == Role::Assistant { 1.0 } else { 0.0 };
    let messages = messages.iter().map(|message| WeightedMessage::new(message.clone(), weight(message))).collect();
    let body = Body::Messages { messages, tools: tools().to_vec() };
    Sample { id: SampleId::from("made"), body, from: None, metadata: Metadata::new() }
}

proptest! {
    // A dialogue is rendered once for each of its turns.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_stands_before_a_turn_is_the_prompt_that_it_was_sampled_from((messages, turns) in dialogue()) {
        let rendered = KEEP.render(&messages, &tools()).unwrap();
        for (at, _) in turns {
            let prompt = KEEP.prompt(&messages[..at], &tools()).unwrap();
            prop_assert_eq!(first_written(&rendered, at), Some(prompt.len()));
            prop_assert_eq!(&rendered.ids[..prompt.len()], prompt);
        }
    }

    #[test]
    fn the_same_holds_in_each_sequence_when_reasoning_is_taken_out((messages, turns) in dialogue()) {
        let exploding = KEEP.clone().thinking(Thinking::ExplodePerTurn);
        let mut tally = Tally::default();
        let sequences = exploding.sequences(&sample(&messages), None, &mut tally).unwrap();
        let mut found = 0;
        for (at, _) in &turns {
            let prompt = exploding.prompt(&messages[..*at], &tools()).unwrap();
            let starts = |tokens: &&Vec<offseeker_trajectory::WeightedToken>| {
                let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
                ids.starts_with(&prompt) && tokens[prompt.len()].weight == 1.0 && tokens[prompt.len() - 1].weight == 0.0
            };
            prop_assert_eq!(sequences.iter().filter(starts).count(), 1);
            found += 1;
        }
        prop_assert_eq!((found, tally.altered_turns), (turns.len(), 0));
        let ends = sequences.iter().flatten().filter(|t| t.weight == 1.0 && TOKENIZER.ends().contains(&t.id));
        prop_assert_eq!(ends.count(), turns.len());
    }

    #[test]
    fn a_dialogue_that_went_on_begins_with_what_it_was((messages, turns) in dialogue()) {
        let whole = KEEP.render(&messages, &tools()).unwrap();
        for (at, _) in turns {
            let before = KEEP.render(&messages[..=at], &tools()).unwrap();
            prop_assert!(whole.text.starts_with(&before.text));
            prop_assert!(whole.ids.starts_with(&before.ids));
            prop_assert!(whole.origins.starts_with(&before.origins));
        }
    }

    #[test]
    fn a_turn_is_read_as_it_was_written((messages, turns) in dialogue()) {
        let rendered = KEEP.render(&messages, &tools()).unwrap();
        for (at, turn) in turns {
            let ids = written(&rendered, at);
            let (end, said) = ids.split_last().unwrap();
            prop_assert_eq!(*end, TOKENIZER.ends()[0]);
            prop_assert_eq!(qwen().parse(&TOKENIZER.decode(said).unwrap()), turn);
        }
        prop_assert_eq!(TOKENIZER.decode(&rendered.ids).unwrap(), rendered.text);
    }

    #[test]
    fn only_what_the_model_wrote_is_learnt_from_and_the_end_of_each_turn_is((messages, turns) in dialogue()) {
        let rendered = KEEP.render(&messages, &tools()).unwrap();
        let tokens = KEEP.sequences(&sample(&messages), None, &mut Tally::default()).unwrap().remove(0);
        prop_assert_eq!(tokens.len(), rendered.ids.len());
        for (token, origin) in tokens.iter().zip(&rendered.origins) {
            match origin {
                Origin::Given => prop_assert_eq!(token.weight, 0.0),
                Origin::Written { message, .. } => {
                    prop_assert_eq!(messages[*message].role, Role::Assistant);
                    prop_assert_eq!(token.weight, 1.0);
                }
            }
        }
        let ends = tokens.iter().filter(|token| token.weight == 1.0 && TOKENIZER.ends().contains(&token.id));
        prop_assert_eq!(ends.count(), turns.len());
        // No text forged a message: there are as many as were given, tools' answers in a row being one.
        let start = TOKENIZER.id("<|im_start|>").unwrap();
        let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
        let in_a_row = roles.windows(2).filter(|pair| *pair == [Role::Tool, Role::Tool]).count();
        let system = usize::from(roles[0] != Role::System);
        prop_assert_eq!(rendered.ids.iter().filter(|&&id| id == start).count(), roles.len() - in_a_row + system);
    }
}
