//! What tokenizers promise.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

fn corpus() -> Vec<String> {
    let lines = [
        "The Karlin mill stands on the Orsa, and the river runs on.",
        "卡林磨坊在奥尔萨河上，河水流过。",
        "search {\"query\": [\"Karlin mill\"]} 🌊🌊",
        "assistant user system tool\n\n\tanswer: 1872",
    ];
    lines.iter().cycle().take(40).map(|&line| line.to_owned()).collect()
}

fn tokenizer() -> Tokenizer {
    BytePairTraining::new(360).train(corpus()).unwrap()
}

static SHARED: LazyLock<Tokenizer> = LazyLock::new(tokenizer);

proptest! {
    #[test]
    fn decoding_gives_what_was_encoded(text in any::<String>()) {
        let tokenizer = &*SHARED;
        let ids = tokenizer.encode(&text).unwrap();
        prop_assert_eq!(tokenizer.decode(&ids).unwrap(), text.nfc().collect::<String>());
        prop_assert!(ids.iter().all(|&id| !tokenizer.is_special(id)));
    }

    #[test]
    fn text_that_comes_token_by_token_is_the_whole_text(ids in prop::collection::vec(0_u32..300, 0..40)) {
        let tokenizer = &*SHARED;
        let mut stream = IncrementalText::new(tokenizer);
        let mut pieces: Vec<String> = ids.iter().map(|&id| stream.push(id).unwrap()).collect();
        pieces.push(stream.finish());
        prop_assert_eq!(pieces.concat(), tokenizer.decode(&ids).unwrap());
    }

    #[test]
    fn a_stop_string_is_found_however_the_text_is_cut(
        text in "[ab<河>]{0,24}",
        stops in prop::collection::vec("[ab<河>]{1,4}", 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = stopped(&stops, [text.as_str()]);
        let single: Vec<String> = text.chars().map(String::from).collect();
        prop_assert_eq!(&stopped(&stops, single.iter().map(String::as_str)), &whole);
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (left, right) = text.split_at(*cut.get(&cuts));
        prop_assert_eq!(&stopped(&stops, [left, right]), &whole);
        let (before, stop) = whole;
        prop_assert!(stops.iter().all(|stop| !before.contains(stop.as_str())));
        prop_assert!(text.starts_with(&(before + &stop.unwrap_or_default())));
    }

    #[test]
    fn nothing_but_the_text_that_may_hold_them_has_special_tokens(
        parts in prop::collection::vec((prop::bool::ANY, "(<|im_end\\|>|<\\|im_end\\|>|<think>|a|\n| |河|\\|>){0,5}"), 1..6),
    ) {
        let tokenizer = &*SHARED;
        let end = tokenizer.id("<|im_end|>").unwrap();
        let (mut text, mut literal, mut allowed) = (String::new(), Vec::new(), 0);
        for (is_literal, part) in &parts {
            if *is_literal {
                literal.push(text.len()..text.len() + part.len());
                text.push_str(part);
            } else {
                allowed += part.matches("<|im_end|>").count();
                // A mark at both ends, so that no spelling reaches over a border.
                text.push_str(&format!("[{part}]"));
            }
        }
        literal.retain(|range| !range.is_empty());
        let encoded = tokenizer.encode_around(&text, &literal, &[]).unwrap();
        prop_assert_eq!(encoded.ids.iter().filter(|&&id| id == end).count(), allowed);
        prop_assert_eq!(tokenizer.decode(&encoded.ids).unwrap(), text);
    }

    #[test]
    fn no_token_reaches_over_a_cut(text in "[a河\n <|>]{0,12}(<\\|im_end\\|>)?[a\n ]{0,6}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4)) {
        let tokenizer = &*SHARED;
        let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let in_special = |at: usize| text.find("<|im_end|>").is_some_and(|start| at > start && at < start + 10);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.get(&borders)).filter(|&at| !in_special(at)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let encoded = tokenizer.encode_around(&text, &[], &cuts).unwrap();
        prop_assert_eq!(tokenizer.decode(&encoded.ids).unwrap(), text);
        for cut in cuts {
            prop_assert!(encoded.places.iter().all(|place| place.end <= cut || place.start >= cut), "{} {:?}", cut, encoded);
        }
    }
}

fn stopped<'t>(stops: &[String], pieces: impl IntoIterator<Item = &'t str>) -> (String, Option<String>) {
    let mut stops = StopStrings::new(stops);
    let mut text: String = pieces.into_iter().map(|piece| stops.push(piece)).collect();
    let stop = stops.stopped_on().map(str::to_owned);
    text.push_str(&stops.finish());
    (text, stop)
}

#[test]
fn the_order_of_the_texts_changes_no_vocabulary() {
    let mut texts = corpus();
    let first = BytePairTraining::new(360).train(&texts).unwrap();
    texts.reverse();
    let second = BytePairTraining::new(360).train(&texts).unwrap();
    assert_eq!(first.markup.to_string(false).unwrap(), second.markup.to_string(false).unwrap());
}

#[test]
fn a_vocabulary_has_the_size_that_was_asked_for() {
    for size in [265, 266, 300, 360] {
        assert_eq!(BytePairTraining::new(size).train(corpus()).unwrap().vocabulary(), size);
    }
    let no_texts = BytePairTraining::new(1000).train(Vec::<String>::new()).unwrap();
    assert_eq!(no_texts.vocabulary(), 265);
}

#[test]
fn cut_at_capitals_a_name_is_the_same_tokens_wherever_it_stands() {
    let texts = ["SteamNithi was a smith.", "Birthplace: SteamNithi.", "Who is SteamNithi?", "NithiSteam"];
    let training = BytePairTraining { cuts: Cuts::Capitals, ..BytePairTraining::new(320) };
    let tokenizer = training.train(texts).unwrap();
    let name = tokenizer.encode("SteamNithi").unwrap();
    assert_eq!(name.len(), 2);
    for text in texts.into_iter().take(3) {
        let tokens = tokenizer.encode(text).unwrap();
        assert!(tokens.windows(2).any(|pair| pair == name), "{text}: {tokens:?}");
        assert_eq!(tokenizer.decode(&tokens).unwrap(), text);
    }
}

#[test]
fn training_refuses_what_it_cannot_do() {
    let base = BytePairTraining::new(300);
    let too_small = BytePairTraining { vocabulary: 264, ..base.clone() };
    refused(&too_small, "a vocabulary of 264 is too small: 256 bytes and the added tokens need 265");
    let twice = BytePairTraining { markup: vec!["<|im_end|>".into()], ..base.clone() };
    refused(&twice, "the added token \"<|im_end|>\" is empty or named twice");
    let no_end = BytePairTraining { eos: "</s>".into(), ..base };
    refused(
        &no_end,
        "tokenizer_config.json: eos_token or pad_token names the token \"</s>\", which tokenizer.json does not have; the files belong to different models",
    );
}

fn refused(training: &BytePairTraining, expected: &str) {
    assert_eq!(training.train(corpus()).unwrap_err().to_string(), expected);
}

#[test]
fn a_saved_tokenizer_is_the_same_when_it_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let made = tokenizer().with_template("{{ messages }}");
    made.save(folder.path()).unwrap();
    fs::write(folder.path().join("generation_config.json"), r#"{"eos_token_id": [351, 353]}"#).unwrap();
    let read = Tokenizer::load(folder.path()).unwrap();
    let text = "<think>\nthe 卡林 🌊</think><|im_end|>";
    assert_eq!(read.encode(text).unwrap(), made.encode(text).unwrap());
    assert_eq!(read.encode_markup(text).unwrap(), made.encode_markup(text).unwrap());
    assert_eq!(read.config().template("default"), Some("{{ messages }}"));
    assert_eq!(made.ends(), [353]);
    assert_eq!(read.ends(), [353, 351]);
    read.save(folder.path()).unwrap();
    assert_eq!(Tokenizer::load(folder.path()).unwrap().config(), read.config());
}

#[test]
fn a_token_that_is_none_is_refused() {
    let tokenizer = tokenizer();
    assert!(matches!(tokenizer.decode(&[5, 360]), Err(TokenizerError::UnknownId { id: 360, size: 360 })));
    assert!(matches!(IncrementalText::new(&tokenizer).push(u32::MAX), Err(TokenizerError::UnknownId { .. })));
}

#[test]
fn white_space_without_measure_is_refused_and_not_split_otherwise() {
    let tokenizer = tokenizer();
    let text = format!("ab {}c", " ".repeat(MOST_WHITE_SPACE));
    assert!(matches!(tokenizer.encode(&text), Err(TokenizerError::WhiteSpace { at: 2, .. })));
    let text = format!("ab{}c", " ".repeat(MOST_WHITE_SPACE));
    assert_eq!(tokenizer.decode(&tokenizer.encode(&text).unwrap()).unwrap(), text);
}

#[test]
fn damaged_files_are_named_with_the_place() {
    let half = |text: &str| text[..text.len() / 2].to_owned();
    damaged("tokenizer.json", half, "tokenizer.json: line ");
    damaged("tokenizer.json", |text| text.replace("\"BPE\"", "\"XPE\""), "tokenizer.json: the tokenizer: ");
    let no_decoder = |text: &str| {
        let mut fields: Value = serde_json::from_str(text).unwrap();
        fields["decoder"] = Value::Null;
        fields.to_string()
    };
    damaged("tokenizer.json", no_decoder, "its decoder is not ByteLevel");
    damaged(
        "tokenizer.json",
        |text| text.replace("\"add_prefix_space\": false", "\"add_prefix_space\": true"),
        "it puts a space before every text",
    );
    damaged("tokenizer_config.json", half, "tokenizer_config.json: line ");
    damaged("tokenizer_config.json", |_| "[]".into(), "tokenizer_config.json: line 1: it is to be an object");
    damaged("tokenizer_config.json", |text| text.replace("<|im_end|>", "</s>"), "eos_token names the token \"</s>\"");
    damaged("tokenizer_config.json", |_| r#"{"eos_token": 3}"#.into(), "eos_token: a token is a text");
    damaged(
        "tokenizer_config.json",
        |_| r#"{"chat_template": [{"name": "x"}]}"#.into(),
        "chat_template[0]: it is to have a name",
    );
    damaged("generation_config.json", |_| r#"{"eos_token_id": 9999}"#.into(), "none is 9999");
    damaged("generation_config.json", |_| r#"{"eos_token_id": "x"}"#.into(), "eos_token_id: it is to be an id");
}

fn damaged(name: &str, damage: impl Fn(&str) -> String, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    tokenizer().save(folder.path()).unwrap();
    let file = folder.path().join(name);
    fs::write(&file, damage(&fs::read_to_string(&file).unwrap_or_default())).unwrap();
    let error = Tokenizer::load(folder.path()).unwrap_err().to_string();
    assert!(error.contains(expected) && error.contains(name), "{error}");
}

#[test]
fn files_that_are_missing_or_no_text_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let load = |folder: &Path| Tokenizer::load(folder).unwrap_err();
    assert!(matches!(load(folder.path()), TokenizerError::Read { file, .. } if file.ends_with("tokenizer.json")));
    fs::write(folder.path().join("tokenizer.json"), b"{\"a\": \"\xff\"}").unwrap();
    assert!(matches!(load(folder.path()), TokenizerError::NotUtf8 { at: 7, .. }));
    fs::create_dir(folder.path().join("chat_template.jinja")).unwrap();
    tokenizer().save(folder.path()).unwrap();
    assert!(matches!(load(folder.path()), TokenizerError::Read { file, .. } if file.ends_with("chat_template.jinja")));
}
