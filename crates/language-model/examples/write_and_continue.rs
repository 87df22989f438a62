//! How does a model that is written here, or elsewhere, go on with texts?
//!
//! `cargo run --package offseeker-language-model --example write_and_continue -- FOLDER [f32|bf16] [MOST_BYTES]` reads the model
//! and the tokenizer in FOLDER, lets it go on greedily with 20 texts, alone and with the adapter in FOLDER/adapter if there is
//! one, and writes them to continued.jsonl beside it. Where there is no model yet, one is made from a seed, with an adapter and
//! a tokenizer, and written first, in files of at most so many bytes. `benches/peers/training/run.sh` compares what it says with what `transformers` says of the same folder.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use offseeker_language_model::{
    Adapter, AdapterConfig, BytePairTraining, Config, GenerateOptions, Network, Precision, Sampling, Tokenizer,
    Weights, Yarn, generate,
};
use serde_json::json;

const MOST_TOKENS: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("say in which folder the model is, or is to be")?);
    let precision = match arguments.next().as_deref() {
        None | Some("f32") => Precision::F32,
        Some("bf16") => Precision::Bf16,
        Some(other) => return Err(format!("{other} is neither f32 nor bf16").into()),
    };
    let most_bytes = arguments.next().map_or(Ok(u64::MAX), |bytes| bytes.parse())?;
    if !folder.join("config.json").exists() {
        write(&folder, precision, most_bytes)?;
    }

    let (weights, tokenizer) = (Weights::read(&folder)?, Tokenizer::load(&folder)?);
    let mut lines = continued(&Network::new(&weights), &tokenizer, false)?;
    let adapter = folder.join("adapter");
    if adapter.exists() {
        let adapter = Adapter::read(&adapter, weights.config())?;
        lines += &continued(&Network::with_adapter(&weights, &adapter)?, &tokenizer, true)?;
    }
    std::fs::write(folder.join("continued.jsonl"), &lines)?;
    println!("{}: {} texts", folder.display(), lines.lines().count());
    Ok(())
}

/// What 20 texts go on with, a line each.
fn continued(network: &Network<'_>, tokenizer: &Tokenizer, adapter: bool) -> Result<String, Box<dyn Error>> {
    let texts: Vec<String> = (0..20).map(text).collect();
    let prompts = texts.iter().map(|text| tokenizer.encode(text)).collect::<Result<Vec<_>, _>>()?;
    let options =
        GenerateOptions { sampling: Sampling::greedy(), most_tokens: MOST_TOKENS, ends: tokenizer.ends().to_vec() };
    let all = generate(network, &prompts, &options, &mut |_, _| true)?;
    let mut lines = String::new();
    for ((text, prompt), generated) in texts.iter().zip(&prompts).zip(&all) {
        let ids: Vec<u32> = generated.tokens.iter().map(|sampled| sampled.token).collect();
        let said = tokenizer.decode(&ids)?;
        let line = json!({"adapter": adapter, "prompt": text, "prompt_ids": prompt, "ids": ids, "text": said});
        writeln!(lines, "{line}")?;
    }
    Ok(lines)
}

/// A model from a seed, with weights so far apart that it is sure of what it says and angles that are stretched, an adapter that
/// changes it, and a tokenizer of its texts.
fn write(folder: &Path, precision: Precision, most_bytes: u64) -> Result<(), Box<dyn Error>> {
    let tokenizer = BytePairTraining::new(400).train((0..200).map(text))?;
    let mut config = Config {
        head_dim: 16,
        initializer_range: 0.2,
        rope_theta: 5e4,
        yarn: Some(Yarn::new(4.0, 32)),
        ..Config::small(tokenizer.vocabulary(), 48, 2, 4)
    };
    config.other.insert("eos_token_id".to_owned(), json!(tokenizer.ends().first()));
    tokenizer.save(folder)?;
    Weights::from_seed(&config, 7)?.write(folder, precision, most_bytes)?;
    let mut adapter = Adapter::from_seed(&config, &AdapterConfig::new(4), 8)?;
    for (at, value) in adapter.values_mut().iter_mut().enumerate() {
        *value += 0.2 * (at as f32 * 0.7).sin();
    }
    adapter.write(&folder.join("adapter"), &config, Precision::F32)?;
    Ok(())
}

const WORDS: [&str; 16] = [
    "the mill",
    "on the Orsa",
    "was built in 1872",
    "卡林磨坊",
    "naïve café",
    "🌊",
    "Which river",
    "runs past it?",
    "it's",
    "C:\\tmp\\n",
    "Ελλάδα",
    "a\n\nb",
    "\"quoted\"",
    "two  spaces",
    "by whom,",
    "and why",
];

/// A text of a few words: another for each number, the same every time.
fn text(number: u64) -> String {
    let pick = |at: u64| {
        let mixed = (number * 1_000_003 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        WORDS[usize::try_from(mixed >> 60).unwrap_or(0)]
    };
    (0..3 + number % 5).map(pick).collect::<Vec<_>>().join(" ")
}
