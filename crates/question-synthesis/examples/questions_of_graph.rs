//! Makes questions of a graph, without a model.
//!
//! `cargo run --release -p offseeker-question-synthesis --example questions_of_graph -- GRAPH FOLDER [ITEMS] [SEED]`
//!
//! GRAPH is a packed graph, as `graph_of_folder` makes it. FOLDER gets `questions.jsonl`; killed and begun again, it goes on.

use std::path::PathBuf;
use std::sync::Arc;

use offseeker_entity_graph::PackedGraph;
use offseeker_question_synthesis::{Event, Ground, Phrasebook, Planner, Synthesis, Watcher};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(graph), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("give a packed graph and a folder for the questions".into());
    };
    let items = arguments.next().map_or(Ok(100), |items| items.parse())?;
    let seed = arguments.next().map_or(Ok(0), |seed| seed.parse())?;

    let name = PathBuf::from(&graph).file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let ground = Arc::new(Ground::new(name, PackedGraph::open(&graph)?)?);
    let languages = vec![("en".to_owned(), 1), ("zh".to_owned(), 1)];
    let planner = Planner { seed, languages, ..Planner::default() };
    let mut synthesis = Synthesis::offline(ground, planner, Phrasebook::default());
    synthesis.watcher = Watcher::new(|event| {
        if let Event::Accepted { draft } = event {
            let (level, kind) = (u8::from(draft.level), draft.plan.kind.as_str());
            println!("{kind}, level {level}: {}\n  {}", draft.text, draft.plan.answer.text);
        }
    });

    let stop = synthesis.stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.ask();
        }
    });
    print!("{}", synthesis.run(folder.as_ref(), items).await?);
    Ok(())
}
