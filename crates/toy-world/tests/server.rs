//! What a page server does: it serves the pages of a world to a fetcher for the web, and fails where it is told to.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use offseeker_pages::{Library, Politeness, Web, WebOptions};
use offseeker_toy_world::{Faults, Language, PageServer, World, WorldOptions};

/// A fetcher for the pages of a server of a world.
async fn served(language: Language, faults: Faults) -> (World, Web) {
    let world = World::new(WorldOptions { entities: 200, language, ..WorldOptions::default() }).unwrap();
    let server = PageServer::bind(Arc::new(world.clone()), faults).await.unwrap();
    let options = WebOptions {
        allow: vec![server.address().to_string()],
        ports: vec![server.address().port()],
        politeness: Politeness { at_once: 8, delay: std::time::Duration::ZERO, ..Politeness::default() },
        ..WebOptions::default()
    };
    let world = world.at(server.base());
    tokio::spawn(server.run(std::future::pending()));
    (world, Web::new(options).unwrap())
}

#[tokio::test]
async fn pages_are_read_over_http_as_they_are() {
    for language in [Language::English, Language::Chinese] {
        let (world, web) = served(language, Faults::default()).await;
        for page in world.pages().take(40) {
            let read = web.get(&page.url).await.unwrap();
            assert_eq!((&read.title, &read.text), (&page.title, &page.text));
            assert_eq!(read.language, page.language);
            let texts =
                |links: &[offseeker_pages::Link]| links.iter().map(|link| link.text.clone()).collect::<Vec<_>>();
            assert_eq!(texts(&read.links), texts(&page.links), "{}", page.text);
        }
        let missing = format!("{}Nothing", world.options().base);
        assert_eq!(web.get(&missing).await.unwrap_err().kind(), "not_found");
    }
}

#[tokio::test]
async fn faults_come_as_often_as_they_are_wanted() {
    let faults = Faults { seed: 3, failing: 0.3, gone: 0.2, moved: 0.3, ..Faults::default() };
    let (world, web) = served(Language::English, faults).await;
    let (mut gone, mut failed, mut moved) = (0, 0, 0);
    let urls: Vec<String> = world.pages().take(100).map(|page| page.url).collect();
    for url in &urls {
        let mut read = web.get(url).await;
        if read.as_ref().is_err_and(|error| error.kind() == "transient") {
            failed += 1;
            // A second time it is there.
            read = web.get(url).await;
        }
        match read {
            Ok(page) => moved += usize::from(page.url != *url),
            Err(error) => {
                assert_eq!(error.kind(), "not_found");
                gone += 1;
            }
        }
    }
    for (what, count, expected) in [("gone", gone, 10..32), ("failed", failed, 12..38), ("moved", moved, 12..38)] {
        assert!(expected.contains(&count), "{what}: {count}");
    }
}
