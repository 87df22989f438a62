//! Tests of what a configuration may say.

use serde_json::{Value, json};

use super::{Config, Yarn};

/// What the folder of Qwen3-0.6B says, in the words of `transformers` 4.
fn published() -> Value {
    json!({
        "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 151643, "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024,
        "initializer_range": 0.02, "intermediate_size": 3072, "max_position_embeddings": 40960,
        "max_window_layers": 28, "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 28,
        "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000,
        "sliding_window": null, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
        "transformers_version": "4.51.0", "use_cache": true, "use_sliding_window": false, "vocab_size": 151936
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut file = published();
    for (field, value) in changes {
        file[*field] = value.clone();
    }
    file
}

#[test]
fn a_published_configuration_is_read_and_written_back_with_all_that_it_says() {
    let config = Config::from_json(&published()).unwrap();
    let expected = Config::published("Qwen3-0.6B").unwrap();
    assert_eq!(Config { other: config.other.clone(), ..expected }, config);
    let written = config.to_json();
    for (field, value) in published().as_object().unwrap() {
        let said = &written[field];
        assert!(said == value || said.as_f64().is_some_and(|number| Some(number) == value.as_f64()), "{field}: {said}");
    }
    assert_eq!(Config::from_json(&written).unwrap(), config);
}

#[test]
fn the_published_shapes_have_the_numbers_of_weights_that_their_names_say() {
    for (name, weights) in
        [("0.6B", 596_049_920_usize), ("1.7B", 1_720_574_976), ("4B", 4_022_468_096), ("8B", 8_190_735_360)]
    {
        let config = Config::published(&format!("Qwen3-{name}")).unwrap();
        config.check().unwrap();
        assert_eq!(crate::weights::Layout::new(&config).len(), weights, "{name}");
    }
}

#[test]
fn stretched_angles_are_read_in_the_words_of_both_versions() {
    let plain = Yarn::new(4.0, 32_768);
    let scaling = json!({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768});
    let old = json!({"type": "yarn", "factor": 4, "original_max_position_embeddings": 32768});
    let mut new = scaling.clone();
    new["rope_theta"] = json!(5e5);
    let given = json!({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768,
        "attention_factor": 1.5, "beta_fast": 16, "beta_slow": 2, "truncate": false});
    let told = Yarn { attention_factor: Some(1.5), beta_fast: 16.0, beta_slow: 2.0, truncate: false, ..plain.clone() };
    for (field, said, theta, expected) in [
        ("rope_scaling", scaling, 1e6, Some(plain.clone())),
        ("rope_scaling", old, 1e6, Some(plain.clone())),
        ("rope_parameters", new, 5e5, Some(plain.clone())),
        ("rope_parameters", json!({"rope_type": "default", "rope_theta": 2e5}), 2e5, None),
        ("rope_scaling", given, 1e6, Some(told)),
    ] {
        let config = Config::from_json(&with(&[(field, said)])).unwrap();
        assert_eq!((config.rope_theta, &config.yarn), (theta, &expected), "{field}");
        assert_eq!(Config::from_json(&config.to_json()).unwrap(), config);
    }
    assert!((plain.scale() - 1.138_629_436_111_989).abs() < 1e-12);
}

#[test]
fn what_no_network_here_has_is_an_error_that_names_the_field() {
    for (field, value) in [
        ("model_type", json!("llama")),
        ("hidden_act", json!("gelu")),
        ("attention_bias", json!(true)),
        ("use_sliding_window", json!(true)),
        ("vocab_size", json!(null)),
        ("vocab_size", json!(-1)),
        ("vocab_size", json!(1e30)),
        ("hidden_size", json!("wide")),
        ("num_hidden_layers", json!(0)),
        ("num_key_value_heads", json!(3)),
        ("num_key_value_heads", json!(0)),
        ("head_dim", json!(63)),
        ("rms_norm_eps", json!(0)),
        ("rope_theta", json!(1)),
        ("rope_theta", json!("1e6")),
        ("rope_scaling", json!("yarn")),
        ("rope_scaling", json!({"rope_type": "llama3", "factor": 4})),
        ("rope_scaling", json!({"rope_type": "yarn", "factor": 0})),
        ("rope_scaling", json!({"rope_type": "yarn", "factor": 4, "beta_fast": 0.5})),
        ("tie_word_embeddings", json!("yes")),
    ] {
        let error = Config::from_json(&with(&[(field, value.clone())])).unwrap_err().to_string();
        assert!(error.contains(field), "{field} = {value}: {error}");
    }
    assert!(Config::from_json(&json!([1])).is_err());
}
