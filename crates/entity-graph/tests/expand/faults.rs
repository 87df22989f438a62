//! Pages that are not there, and pages that cannot be reached.

use std::sync::Arc;

use async_trait::async_trait;
use offseeker_entity_graph::expand::{ExpandError, ExpandOptions, Expanded, Expansion, Stage};
use offseeker_pages::{Library, Page, PageError};
use offseeker_search::InMemory;

use crate::world::{Faulty, address, corpus, options};

/// A corpus of which one page is another error each time.
#[derive(Debug)]
struct Without {
    corpus: InMemory,
    error: PageError,
}

#[async_trait]
impl Library for Without {
    fn name(&self) -> &str {
        Library::name(&self.corpus)
    }

    async fn get(&self, url: &str) -> Result<Page, PageError> {
        if url == address("Tamm") { Err(self.error.clone()) } else { self.corpus.get(url).await }
    }
}

async fn run(error: PageError, leave_out_unreachable: bool) -> Result<Expanded, ExpandError> {
    let world = Arc::new(Faulty::at(|_| false));
    let library = Arc::new(Without { corpus: corpus(), error });
    let folder = tempfile::tempdir().unwrap();
    let options = ExpandOptions { leave_out_unreachable, ..options() };
    Expansion::new(world.clone(), world, library, folder.path(), options).run(&|_| {}).await
}

#[tokio::test]
async fn a_page_that_is_not_there_is_a_result() {
    let (url, reason) = (address("Tamm"), "no".to_owned());
    for error in [
        PageError::not_found(&url),
        PageError::Blocked { url: url.clone(), reason: reason.clone() },
        PageError::Unreadable { url: url.clone(), reason: reason.clone() },
    ] {
        let kind = error.kind();
        let expanded = run(error, false).await.unwrap();
        let tally = expanded.funnel.stage(Stage::Pages).unwrap();
        assert_eq!(tally.failed.iter().collect::<Vec<_>>(), [(&kind.to_owned(), &1)]);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_reached_is_waited_for_or_passed_over() {
    let gone = || PageError::Transient { url: address("Tamm"), reason: "no route".to_owned() };
    let error = run(gone(), false).await.unwrap_err();
    assert!(matches!(error, ExpandError::Outages { stage: Stage::Pages, pending: 1, .. }), "{error}");
    let expanded = run(gone(), true).await.unwrap();
    assert_eq!(expanded.funnel.stage(Stage::Pages).unwrap().skipped["unreachable"], 1);
    let broken = run(PageError::broken("the disk is full"), true).await.unwrap_err();
    assert!(broken.to_string().contains("the disk is full"), "our own faults are no pages that are gone: {broken}");
}
