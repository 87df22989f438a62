//! GGUF files, written here, say what our own network says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use offseeker_chat::{ChatModel, Reply, Request, Sampling, conformance};
use offseeker_language_model::{
    BytePairTraining, ChatTemplate, Config, LocalModel, LocalOptions, Part, Place, Renderer, Tokenizer, Weights,
};
use offseeker_trajectory::Message;

fn tokenizer() -> Tokenizer {
    BytePairTraining::new(320).train(["Which river does the Karlin mill stand on? The Orsa, of the hills."]).unwrap()
}

fn weights() -> Weights {
    let config = Config { initializer_range: 0.15, ..Config::small(tokenizer().vocabulary(), 64, 2, 4) };
    Weights::from_seed(&config, 5).unwrap()
}

fn name(place: Place) -> String {
    match place {
        Place::Embedding => "token_embd.weight".to_owned(),
        Place::FinalNorm => "output_norm.weight".to_owned(),
        Place::Head => "output.weight".to_owned(),
        Place::Layer(layer, part) => {
            let part = match part {
                Part::InputNorm => "attn_norm",
                Part::Query => "attn_q",
                Part::Key => "attn_k",
                Part::Value => "attn_v",
                Part::QueryNorm => "attn_q_norm",
                Part::KeyNorm => "attn_k_norm",
                Part::Output => "attn_output",
                Part::PostNorm => "ffn_norm",
                Part::Gate => "ffn_gate",
                Part::Up => "ffn_up",
                Part::Down => "ffn_down",
            };
            format!("blk.{layer}.{part}.weight")
        }
    }
}

/// Writes the weights, and changes them to what a reader of the file gets.
fn write(file: &Path, weights: &mut Weights, kind: GgmlDType, changed: &[(&str, Option<Value>)]) {
    let tokenizer_json = tempfile::tempdir().unwrap();
    tokenizer().save(tokenizer_json.path()).unwrap();
    let text = std::fs::read_to_string(tokenizer_json.path().join("tokenizer.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let config = weights.config().clone();
    let mut tokens = vec![String::new(); config.vocab_size];
    let mut kinds = vec![Value::I32(1); config.vocab_size];
    for (token, id) in json["model"]["vocab"].as_object().unwrap() {
        tokens[id.as_u64().unwrap() as usize] = token.clone();
    }
    for added in json["added_tokens"].as_array().unwrap() {
        let id = added["id"].as_u64().unwrap() as usize;
        tokens[id] = added["content"].as_str().unwrap().to_owned();
        kinds[id] = Value::I32(if added["special"] == true { 3 } else { 4 });
    }
    let merges = json["model"]["merges"].as_array().unwrap().iter().map(|merge| match merge {
        serde_json::Value::String(merge) => merge.clone(),
        pair => format!("{} {}", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()),
    });
    let number = |count: usize| Value::U32(count.try_into().unwrap());
    let text = |text: &str| Value::String(text.to_owned());
    let list = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
    let mut metadata = vec![
        ("general.architecture", text("qwen3")),
        ("general.name", text("tiny")),
        ("qwen3.attention.head_count", number(config.num_attention_heads)),
        ("qwen3.attention.head_count_kv", number(config.num_key_value_heads)),
        ("qwen3.attention.key_length", number(config.head_dim)),
        ("qwen3.block_count", number(config.num_hidden_layers)),
        ("qwen3.embedding_length", number(config.hidden_size)),
        ("qwen3.feed_forward_length", number(config.intermediate_size)),
        ("qwen3.context_length", number(config.max_position_embeddings)),
        ("qwen3.attention.layer_norm_rms_epsilon", Value::F32(config.rms_norm_eps as f32)),
        ("qwen3.rope.freq_base", Value::F32(config.rope_theta as f32)),
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.pre", text("qwen2")),
        ("tokenizer.ggml.tokens", list(tokens)),
        ("tokenizer.ggml.merges", list(merges.collect())),
        ("tokenizer.ggml.token_type", Value::Array(kinds)),
        ("tokenizer.ggml.eos_token_id", number(tokenizer().ends()[0] as usize)),
        ("tokenizer.chat_template", text(ChatTemplate::qwen().source())),
    ];
    for (field, value) in changed {
        metadata.retain(|(name, _)| name != field);
        metadata.extend(value.clone().map(|value| (*field, value)));
    }
    let mut tensors = Vec::new();
    for place in weights.layout().clone().places() {
        let tensor = Tensor::from_slice(weights.tensor(place), weights.layout().shape(place), &Device::Cpu).unwrap();
        let kind = if place.is_norm() { GgmlDType::F32 } else { kind };
        let quantised = QTensor::quantize(&tensor, kind).unwrap();
        let read = quantised.dequantize(&Device::Cpu).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        weights.tensor_mut(place).copy_from_slice(&read);
        tensors.push((name(place), quantised));
    }
    let metadata: Vec<_> = metadata.iter().map(|(name, value)| (*name, value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    gguf_file::write(&mut File::create(file).unwrap(), &metadata, &tensors).unwrap();
}

fn options() -> LocalOptions {
    LocalOptions { context: Some(256), sequences_at_once: 3, tokens_at_once: 24, ..LocalOptions::default() }
}

fn exact(most: u32) -> Sampling {
    Sampling { max_tokens: Some(most), token_ids: true, logprobs: true, ..Sampling::greedy() }
}

async fn ask(model: &LocalModel, messages: &[Message], most: u32) -> Reply {
    model.reply(Request::new(messages).sampling(&exact(most))).await.unwrap()
}

#[tokio::test]
async fn a_file_says_what_our_network_of_its_weights_says() {
    let folder = tempfile::tempdir().unwrap();
    let asked = [Message::user("Which river does the Karlin mill stand on?")];
    for (kind, off, sure) in [(GgmlDType::F32, 1e-3, 20), (GgmlDType::Q8_0, 0.1, 1)] {
        let file = folder.path().join(format!("{kind:?}.gguf"));
        let mut weights = weights();
        write(&file, &mut weights, kind, &[]);
        let renderer = Renderer::new(Arc::new(tokenizer()), ChatTemplate::qwen()).unwrap();
        let own = LocalModel::new("own", Arc::new(weights), None, renderer, options()).unwrap();
        let read = LocalModel::load_gguf(&file, None, options()).unwrap();
        assert_eq!(read.name(), "tiny");
        let prompt = |model: &LocalModel| model.renderer().prompt(&asked, &[]).unwrap();
        assert_eq!(prompt(&read), prompt(&own), "the tokenizer and the template are those of the file");
        let (expected, found) = (ask(&own, &asked, sure).await, ask(&read, &asked, sure).await);
        let (expected, found) = (expected.sampled.unwrap(), found.sampled.unwrap());
        assert_eq!(found.ids(), expected.ids(), "{kind:?}");
        for (x, y) in found.logprobs().iter().zip(expected.logprobs()) {
            assert!((x - y).abs() < off, "{kind:?}: {x} {y}");
        }
    }
}

#[tokio::test]
async fn it_fulfils_the_laws_of_the_port_and_goes_on_where_a_conversation_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tiny.gguf");
    write(&file, &mut weights(), GgmlDType::Q8_0, &[]);
    let model = LocalModel::load_gguf(&file, None, options()).unwrap();
    conformance::check_port(&model).await.unwrap();
    let mut messages = vec![Message::user("Which river?")];
    let first = ask(&model, &messages, 6).await;
    messages.push(Message::assistant(first.message.content.clone()));
    messages.push(Message::user("And then?"));
    let prompt = model.renderer().prompt(&messages, &[]).unwrap();
    let whole =
        [&model.renderer().prompt(&messages[..1], &[]).unwrap()[..], first.sampled.as_ref().unwrap().ids()].concat();
    let second = ask(&model, &messages, 6).await;
    let goes_on = prompt.starts_with(&whole[..whole.len() - 1]);
    assert_eq!(second.usage.cached_tokens, if goes_on { whole.len() as u64 - 1 } else { 0 });
    let fresh = LocalModel::load_gguf(&file, None, options()).unwrap();
    let expected = ask(&fresh, &messages, 6).await;
    assert_eq!(second.sampled.unwrap().ids()[0], expected.sampled.unwrap().ids()[0]);
}

#[test]
fn other_files_are_refused_by_what_is_wrong_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd.gguf");
    let load = || LocalModel::load_gguf(&file, None, options()).unwrap_err().to_string();
    let text = |text: &str| Some(Value::String(text.to_owned()));
    let refused: [(&str, Option<Value>); 6] = [
        ("general.architecture", text("llama")),
        ("tokenizer.ggml.model", text("spm")),
        ("tokenizer.ggml.pre", text("llama3")),
        ("qwen3.block_count", None),
        ("qwen3.attention.head_count_kv", text("many")),
        ("tokenizer.ggml.eos_token_id", Some(Value::U32(9999))),
    ];
    for change in refused {
        write(&file, &mut weights(), GgmlDType::F32, std::slice::from_ref(&change));
        let error = load();
        assert!(error.contains("odd.gguf") && error.contains(change.0), "{error}");
    }
    write(&file, &mut weights(), GgmlDType::F32, &[]);
    let whole = std::fs::read(&file).unwrap();
    for length in [0, 3, 40, whole.len() / 2, whole.len() - 100] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let error = load();
        assert!(error.contains("odd.gguf") && error.contains("no whole GGUF file"), "{length}: {error}");
    }
    std::fs::write(&file, &whole).unwrap();
    let beside = tempfile::tempdir().unwrap();
    tokenizer().save(beside.path()).unwrap();
    LocalModel::load_gguf(&file, Some(beside.path()), options()).unwrap();
}
