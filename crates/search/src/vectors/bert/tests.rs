//! Tests with tiny networks of made-up weights.

use std::collections::HashMap;
use std::fs;

use candle_core::{Device, Tensor};
use serde_json::json;
use tempfile::TempDir;

use super::*;

const HIDDEN: usize = 8;
const WORDS: [&str; 9] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "mill", "orsa", "castle", "query:"];

/// A folder with a network of weights that look like chance and are always the same.
fn made(kind: &str, pooling: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    let config = json!({
        "model_type": kind, "vocab_size": WORDS.len(), "hidden_size": HIDDEN, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 16, "hidden_act": "gelu", "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1, "max_position_embeddings": 16, "type_vocab_size": 2,
        "initializer_range": 0.02, "layer_norm_eps": 1e-12, "pad_token_id": 0,
    });
    write("config.json", config.to_string());
    let vocabulary: HashMap<&str, usize> = WORDS.iter().enumerate().map(|(place, word)| (*word, place)).collect();
    let mark = |word: &str, id: usize| {
        json!({"id": id, "content": word, "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true})
    };
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "decoder": null,
        "added_tokens": [mark("[CLS]", 2), mark("[SEP]", 3)],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    write("tokenizer.json", tokenizer.to_string());
    fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    write("1_Pooling/config.json", json!({"word_embedding_dimension": HIDDEN, pooling: true}).to_string());
    write("config_sentence_transformers.json", json!({"prompts": {"query": "query: "}}).to_string());
    candle_core::safetensors::save(&weights(), folder.path().join("model.safetensors")).unwrap();
    folder
}

fn weights() -> HashMap<String, Tensor> {
    let mut weights = HashMap::new();
    let mut add = |name: String, shape: &[usize]| {
        let count: usize = shape.iter().product();
        let mut bytes = vec![0; count];
        blake3::Hasher::new().update(name.as_bytes()).finalize_xof().fill(&mut bytes);
        let norm = name.contains("LayerNorm.weight");
        let numbers = bytes.iter().map(|byte| if norm { 1.0 } else { (f32::from(*byte) - 127.5) / 256.0 }).collect();
        weights.insert(name, Tensor::from_vec::<_, f32>(numbers, shape, &Device::Cpu).unwrap());
    };
    for (name, count) in [("word", WORDS.len()), ("position", 16), ("token_type", 2)] {
        add(format!("embeddings.{name}_embeddings.weight"), &[count, HIDDEN]);
    }
    let mut layers = vec![("embeddings.LayerNorm".to_owned(), HIDDEN, 0)];
    for layer in 0..2 {
        let at = |name: &str| format!("encoder.layer.{layer}.{name}");
        for name in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
            layers.push((at(name), HIDDEN, HIDDEN));
        }
        layers.extend([
            (at("attention.output.LayerNorm"), HIDDEN, 0),
            (at("intermediate.dense"), 16, HIDDEN),
            (at("output.dense"), HIDDEN, 16),
            (at("output.LayerNorm"), HIDDEN, 0),
        ]);
    }
    for (name, out, inn) in layers {
        add(format!("{name}.bias"), &[out]);
        if inn == 0 { add(format!("{name}.weight"), &[out]) } else { add(format!("{name}.weight"), &[out, inn]) }
    }
    weights
}

#[tokio::test]
async fn a_text_has_the_same_vector_in_any_company() {
    for (kind, pooling) in [
        ("bert", "pooling_mode_mean_tokens"),
        ("bert", "pooling_mode_cls_token"),
        ("xlm-roberta", "pooling_mode_mean_tokens"),
    ] {
        let folder = made(kind, pooling);
        let bert = Bert::open(folder.path(), BertOptions::default()).unwrap();
        let texts = ["the mill", "the castle orsa orsa orsa mill", "", "orsa", "the mill the mill the mill"];
        let together = bert.embed(&texts, Purpose::Passage).await.unwrap();
        for (text, vector) in texts.iter().zip(&together) {
            let alone = bert.embed(&[text], Purpose::Passage).await.unwrap();
            assert_eq!(vector.len(), bert.dimensions());
            assert!(distance(vector, &alone[0]) < 1e-5, "{kind} {pooling} {text:?}");
            let length: f32 = vector.iter().map(|number| number * number).sum();
            assert!((length - 1.0).abs() < 1e-5, "{length}");
        }
        assert!(distance(&together[0], &together[1]) > 1e-2, "{kind} {pooling}");
    }
}

#[tokio::test]
async fn queries_have_their_prefix_and_long_texts_end() {
    let folder = made("bert", "pooling_mode_mean_tokens");
    let bert = Bert::open(folder.path(), BertOptions::default()).unwrap();
    let of = async |bert: &Bert, text: &str, purpose| bert.embed(&[text], purpose).await.unwrap().remove(0);
    let query = of(&bert, "mill", Purpose::Query).await;
    assert_eq!(query, of(&bert, "query: mill", Purpose::Passage).await);
    assert_ne!(query, of(&bert, "mill", Purpose::Passage).await);

    let plain = BertOptions { query_prefix: Some(String::new()), ..BertOptions::default() };
    let other = Bert::open(folder.path(), plain).unwrap();
    assert_eq!(of(&other, "mill", Purpose::Query).await, of(&bert, "mill", Purpose::Passage).await);
    assert_ne!(other.name(), bert.name());

    // Sixteen tokens, of which two mark the ends.
    let long = "mill ".repeat(500);
    assert_eq!(of(&bert, &long, Purpose::Passage).await, of(&bert, &"mill ".repeat(14), Purpose::Passage).await);
}

#[test]
fn what_is_wrong_with_a_folder_is_told() {
    let check = |spoil: &dyn Fn(&Path), expected: &str| {
        let folder = made("bert", "pooling_mode_mean_tokens");
        spoil(folder.path());
        let error = Bert::open(folder.path(), BertOptions::default()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let write =
        |name: &'static str, text: &'static str| move |folder: &Path| fs::write(folder.join(name), text).unwrap();
    check(&|folder| fs::remove_file(folder.join("tokenizer.json")).unwrap(), "tokenizer.json cannot be read");
    check(&write("config.json", "{"), "config.json: EOF");
    check(&write("config.json", r#"{"model_type": "gpt2", "hidden_size": 8}"#), "`model_type` is gpt2");
    check(&write("config.json", r#"{"model_type": "bert", "hidden_size": 8}"#), "config.json: missing field");
    check(&write("model.safetensors", "nonsense"), "model.safetensors:");
    check(&write("tokenizer.json", "{}"), "tokenizer.json:");
    check(&write("1_Pooling/config.json", r#"{"pooling_mode_max_tokens": true}"#), "pooling_mode_max_tokens");
    check(&write("modules.json", r#"[{"type": "sentence_transformers.models.Dense"}]"#), "has a \"Dense\"");
    let short = BertOptions { longest: Some(2), ..BertOptions::default() };
    let folder = made("bert", "pooling_mode_mean_tokens");
    assert!(Bert::open(folder.path(), short).unwrap_err().to_string().contains("no room"));
}

/// Compares with what another program gave: `OFFSEEKER_BERT` is the folder of the model, `OFFSEEKER_BERT_EXPECTED` a
/// file with one `{"text": ..., "vector": [...]}` a line.
#[tokio::test]
#[ignore = "needs a model and what another program gave for it"]
async fn vectors_are_those_of_another_program() {
    let folder = std::env::var("OFFSEEKER_BERT").unwrap();
    let expected = std::env::var("OFFSEEKER_BERT_EXPECTED").unwrap();
    let bert = Bert::open(folder, BertOptions::default()).unwrap();
    let lines = fs::read_to_string(expected).unwrap();
    let rows: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = rows.iter().map(|row| row["text"].as_str().unwrap()).collect();
    let vectors = bert.embed(&texts, Purpose::Passage).await.unwrap();
    let mut most = 0.0_f32;
    for (row, vector) in rows.iter().zip(&vectors) {
        let other: Vec<f32> = serde_json::from_value(row["vector"].clone()).unwrap();
        most = most.max(distance(vector, &other));
    }
    println!("{} texts, the largest difference of a number is {most:e}", rows.len());
    assert!(most < 1e-4, "{most}");
}

/// The largest difference of a number.
fn distance(left: &[f32], right: &[f32]) -> f32 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}
