//! How are dialogues rendered to tokens, and is that what `transformers` makes of them?
//!
//! `cargo run --package offseeker-language-model --example render_dialogues -- FOLDER [COUNT] [TEMPLATE]...` makes dialogues,
//! saves a tokenizer into FOLDER, and writes dialogues.jsonl beside it: messages, tools and our tokens, for the template of
//! this crate in its two ways of thinking and for each further template. `benches/peers/templates/run.sh` compares them.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use offseeker_language_model::{
    BytePairTraining, ChatTemplate, DialogueError, Renderer, Thinking, Tokenizer, tool_json,
};
use offseeker_trajectory::{Message, ToolCall, ToolSpec};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("say where the files are to go")?);
    let count = arguments.next().map_or(Ok(200), |count| count.parse())?;
    let templates: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    std::fs::create_dir_all(&folder)?;

    let dialogues: Vec<_> = (0..count).map(dialogue).collect();
    let texts = dialogues.iter().flat_map(|(messages, _)| messages.iter().map(|message| message.content.clone()));
    let template = ChatTemplate::qwen();
    let tokenizer = BytePairTraining::new(2000).train(texts)?.with_template(template.source());
    tokenizer.save(&folder)?;
    let tokenizer = Arc::new(Tokenizer::load(&folder)?);

    let mut ways = vec![
        (Renderer::new(tokenizer.clone(), template.clone())?, json!({"keep_thinking": true})),
        (Renderer::new(tokenizer.clone(), template)?.thinking(Thinking::StripBeforeLastUser), json!({})),
    ];
    let unreadable = |error: &DialogueError| eprintln!("left out: {error}");
    let further: Vec<ChatTemplate> =
        templates.iter().filter_map(|file| ChatTemplate::load(file).inspect_err(unreadable).ok()).map(today).collect();
    for template in further.iter().filter(|template| template.name().ends_with("/qwen3.jinja")) {
        let renderer = Renderer::new(tokenizer.clone(), template.clone())?;
        ways.push((renderer.thinking(Thinking::StripBeforeLastUser), json!({})));
    }
    let mut out = std::io::BufWriter::new(std::fs::File::create(folder.join("dialogues.jsonl"))?);
    for (number, (messages, tools)) in dialogues.iter().enumerate() {
        for (renderer, variables) in &ways {
            let line = line(number, renderer, messages, tools, variables)?;
            writeln!(out, "{line}")?;
        }
        for template in &further {
            writeln!(out, "{}", text_line(number, template, messages, tools)?)?;
        }
    }
    let texts: Vec<Value> = dialogues
        .iter()
        .flat_map(|(messages, _)| messages)
        .map(|message| Ok(json!({"text": message.content, "ids": tokenizer.encode_markup(&message.content)?})))
        .collect::<Result<_, DialogueError>>()?;
    std::fs::write(folder.join("texts.json"), serde_json::to_string(&texts)?)?;
    println!("{} dialogues in {} ways, {} texts", dialogues.len(), ways.len(), texts.len());
    Ok(())
}

/// A dialogue as `apply_chat_template` takes it, and what we make of it: all of it, and the prompt before its last turn.
fn line(
    number: usize,
    renderer: &Renderer,
    messages: &[Message],
    tools: &[ToolSpec],
    variables: &Value,
) -> Result<Value, DialogueError> {
    let template = renderer.template();
    let mut line = asked(number, template, messages, tools)?;
    line["variables"] = variables.clone();
    line["ids"] = renderer.render(messages, tools)?.ids.into();
    line["prompt"] = renderer.prompt(&messages[..messages.len() - 1], tools)?.into();
    Ok(line)
}

/// The template on the day on which the other side renders too.
fn today(template: ChatTemplate) -> ChatTemplate {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    template.dated(now_ms).with("eos_token", "<|im_end|>".into())
}

/// A dialogue as `apply_chat_template` takes it, and the text that we make of it or why we make none.
fn text_line(
    number: usize,
    template: &ChatTemplate,
    messages: &[Message],
    tools: &[ToolSpec],
) -> Result<Value, DialogueError> {
    let mut line = asked(number, template, messages, tools)?;
    match template.render(messages, tools, true) {
        Ok(text) => line["text"] = text.into(),
        Err(error) => line["refused"] = error.to_string().into(),
    }
    Ok(line)
}

fn asked(
    number: usize,
    template: &ChatTemplate,
    messages: &[Message],
    tools: &[ToolSpec],
) -> Result<Value, DialogueError> {
    let values = messages.iter().enumerate().map(|(at, message)| template.message_json(at, message));
    let name = Path::new(template.name()).file_name().unwrap_or_default().to_string_lossy();
    Ok(json!({
        "dialogue": number,
        "template": if name == "qwen" { Value::Null } else { template.source().into() },
        "name": name,
        "variables": {},
        "messages": values.collect::<Result<Vec<_>, _>>()?,
        "tools": if tools.is_empty() { Value::Null } else { tools.iter().map(tool_json).collect() },
    }))
}

const WORDS: [&str; 16] = [
    "mill",
    "the Orsa",
    "卡林磨坊在奥尔萨河上。",
    "🌊",
    "👩‍🚀🇫🇷",
    "\"quoted\"",
    "it's",
    "<b>bold</b>",
    "{\"a\": [1, 2]}",
    "naïve café",
    "1872",
    "a\n\nb",
    "C:\\tmp\\n",
    "&amp; <tool_response>",
    "  two  spaces",
    "Ελλάδα и Россия",
];

/// Words from a seed: the same every time.
fn words(seed: u64, most: u64) -> String {
    let pick = |at: u64| {
        let mixed = (seed * 1_000_003 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        WORDS[usize::try_from(mixed >> 60).unwrap_or(0)]
    };
    (0..=seed % most).map(pick).collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn dialogue(seed: usize) -> (Vec<Message>, Vec<ToolSpec>) {
    let seed = u64::try_from(seed).unwrap_or(0) * 97 + 1;
    let mut messages = Vec::new();
    if seed.is_multiple_of(2) {
        messages.push(Message::system(words(seed, 5)));
    }
    for round in 0..=seed % 3 {
        messages.push(Message::user(format!("Which river? {}", words(seed + round, 7))));
        for step in 0..(seed / 3 + round) % 4 {
            let key = seed * 31 + round * 7 + step;
            let query = words(key, 4);
            let calls = (0..=key % 2).map(|call| {
                let arguments = json!({"query": [query, key], "why": {"markup": words(key + call, 6), "sure": 0.5}});
                // As Python spells it, because templates that spell objects themselves do.
                ToolCall::new(format!("call_{key}_{call}"), "search", python_like(&arguments))
            });
            let mut turn = Message::assistant(if key.is_multiple_of(3) { words(key + 1, 5) } else { String::new() });
            turn.tool_calls = calls.collect();
            turn.reasoning = (!key.is_multiple_of(5)).then(|| words(key + 2, 9));
            let results = turn.tool_calls.iter().map(|call| Message::tool(&call.id, "search", words(key + 3, 12)));
            let results: Vec<Message> = results.collect();
            messages.push(turn);
            messages.extend(results);
        }
        let answer = format!("<answer>{}</answer>", words(seed + round + 5, 3));
        // The last turn reasons: without reasoning Qwen3's own template writes an empty block there, and ours does not.
        messages.push(Message { reasoning: Some(words(seed + round + 6, 8)), ..Message::assistant(answer) });
    }
    let schema =
        json!({"type": "object", "properties": {"query": {"type": "array", "description": "<what> & \"why\""}}});
    let tools = [
        ToolSpec::new("search", "Finds pages. 查找网页", schema.clone()),
        ToolSpec::new("visit", "Reads one.", schema),
    ];
    let tools = tools.into_iter().take(usize::try_from(seed % 4).unwrap_or(0)).collect();
    (messages, tools)
}

fn python_like(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(python_like).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields =
                fields.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), python_like(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
