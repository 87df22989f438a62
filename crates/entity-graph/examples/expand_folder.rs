//! How much is left of what an expansion begins with? Grows a graph of a folder by a model, and prints the funnel.
//!
//! ```text
//! cargo run --release -p offseeker-entity-graph --example expand_folder -- FOLDER [OUT]
//! ```
//!
//! Without a folder it reads the documentation of this repository. The model is a script that takes words in capitals for
//! names, so that it runs offline and without a key; put any `ChatModel` in its place. Killed and started again with the
//! same `OUT`, it goes on where it was.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use offseeker_chat::{Reply, Scripted};
use offseeker_entity_graph::expand::{Event, ExpandOptions, Expansion, Links, Mode, Noun};
use offseeker_entity_graph::{GrowOptions, folder_pages};
use offseeker_pages::words;
use offseeker_search::InMemory;
use offseeker_trajectory::Message;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")));
    let out = arguments.next().unwrap_or_else(|| std::env::temp_dir().join("expand_folder"));

    let pages: Vec<_> = folder_pages(&folder)?.filter_map(Result::ok).collect();
    println!("{} pages of {}", pages.len(), folder.display());
    let nouns = ["model", "search", "page", "test", "store"].map(|noun| Noun::new(noun, "en"));
    let corpus = Arc::new(InMemory::of(pages));
    let model =
        Arc::new(Scripted::by(|request| Ok(Reply::new(Message::assistant(answer(&request.messages[0].content))))));

    let options = ExpandOptions {
        quotas: Vec::new(),
        nouns: nouns.into(),
        roots: Some(20),
        mode: Mode::walk(),
        ..ExpandOptions::default()
    };
    let links = Links::new(corpus.clone(), corpus.clone(), GrowOptions::default());
    let expansion = Expansion::new(model, corpus.clone(), corpus, &out, options).scouting(Arc::new(links));
    let expanded = expansion
        .run(&|event| {
            if let Event::Begun { stage, pending } = event {
                println!("{stage}: {pending} to do");
            }
        })
        .await?;

    println!("\n{}", expanded.funnel);
    let row = expanded.deep_forge_rows()?.into_iter().max_by_key(|row| row.transition_path.len());
    println!("the longest walk: {}", row.map(|row| row.transition_path.join(" -> ")).unwrap_or_default());
    println!("written to {}", out.display());
    Ok(())
}

/// What a model would say: names are words in capitals, and the shorter a name, the better it is known.
fn answer(asked: &str) -> String {
    if let Some(name) = asked.strip_prefix("Without looking anything up: what do you know about \"") {
        let name = name.split('"').next().unwrap_or_default();
        return json!({"known": "", "familiarity": 12_usize.saturating_sub(name.len()).min(10)}).to_string();
    }
    let text = asked.split_once("Page: ").map_or("", |(_, text)| text);
    let is_name = |word: &&str| word.len() > 4 && word.chars().filter(|char| char.is_uppercase()).count() > 1;
    let mut names: Vec<&str> = text
        .split(|char: char| !char.is_alphanumeric())
        .filter(is_name)
        .filter(|name| words(name).count() == 1)
        .collect();
    names.dedup();
    let entities: Vec<_> = names.iter().take(20).map(|name| json!({"name": name, "type": "name"})).collect();
    json!({"entities": entities}).to_string()
}
