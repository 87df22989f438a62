//! Pages become a graph.

use std::path::Path;
use std::sync::Arc;

use offseeker_chat::ChatModel;
use offseeker_entity_graph::expand::{ExpandOptions, Expansion, Noun};
use offseeker_entity_graph::{EntityGraph, GrowOptions, PackedGraph, duplicates, grow};

use crate::PipelineError;
use crate::corpora::{Corpus, Origin};

/// Puts what a corpus says into a graph in a file. Of a made-up encyclopedia it is what is true; of pages it is what their
/// links, titles and fields say or, with a model, what that finds in them.
///
/// # Errors
///
/// When the pages cannot be read, the model does not answer, or the system refuses.
pub async fn graph(
    corpus: &Corpus,
    model: Option<Arc<dyn ChatModel>>,
    file: &Path,
) -> Result<PackedGraph, PipelineError> {
    match (&corpus.origin, model) {
        (Origin::World(world), _) => Ok(PackedGraph::pack(world.records(), file)?),
        (Origin::Folder(_), None) => {
            let graph = grow(corpus.pages()?, &GrowOptions::default());
            pack(&duplicates(&graph.entities).apply(graph), file)
        }
        (Origin::Folder(_), Some(model)) => {
            // A noun for each of some pages is where the model begins.
            let titles: Vec<String> = corpus.pages()?.map(|page| page.title).collect();
            let nouns = titles.iter().step_by((titles.len() / 20).max(1)).map(|title| Noun::new(title, "en")).collect();
            let options = ExpandOptions { quotas: Vec::new(), nouns, ..ExpandOptions::default() };
            let folder = file.with_extension("expansion");
            let (search, library) = (corpus.search.clone(), corpus.library.clone());
            let expanded = Box::pin(Expansion::new(model, search, library, folder, options).run(&|_| {})).await?;
            pack(&expanded.graph, file)
        }
    }
}

fn pack(graph: &EntityGraph, file: &Path) -> Result<PackedGraph, PipelineError> {
    Ok(PackedGraph::pack(graph.records(), file)?)
}
