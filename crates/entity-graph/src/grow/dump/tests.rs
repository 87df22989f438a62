//! What is read of dumps.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::{MediaWikiDump, wikitext};
use crate::{EntityGraph, GrowOptions, Grower};

const DUMP: &str = r#"<mediawiki xml:lang="en">
  <siteinfo><base>https://karlin.example/wiki/Main_Page</base>
    <namespaces><namespace key="0" /><namespace key="6">File</namespace><namespace key="14">Category</namespace></namespaces>
  </siteinfo>
  <page><title>Karlin mill</title><ns>0</ns><revision><timestamp>2024-01-02T03:04:05Z</timestamp>
    <text xml:space="preserve">{{Infobox building
| name = Karlin mill
| built_by = [[Ada Voss|A. Voss]]&lt;ref&gt;A note.&lt;/ref&gt;
| opened = {{start date|1704|5}}
}}
'''Karlin mill''' stands on the [[orsa|river Orsa]] &amp; nowhere else. [[File:Mill.jpg|thumb|The [[Orsa]]]]
{| class="t"
| a table
|}
== History ==
It burnt down.[[Category:Mills]]</text></revision></page>
  <page><title>The Mill</title><ns>0</ns><redirect title="Karlin mill" /><revision><text>#REDIRECT [[Karlin mill]]</text></revision></page>
  <page><title>File:Mill.jpg</title><ns>6</ns><revision><text>A file.</text></revision></page>
</mediawiki>"#;

#[test]
fn a_dump_becomes_a_graph() {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(DUMP.as_bytes()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.xml.bz2");
    std::fs::write(&path, packed.finish().unwrap()).unwrap();

    let pages: Vec<_> = MediaWikiDump::open(&path).unwrap().map(Result::unwrap).collect();
    assert_eq!(pages.len(), 2);
    let mill = &pages[0].page;
    assert_eq!(mill.url, "https://karlin.example/wiki/Karlin_mill");
    assert_eq!((mill.language.as_deref(), mill.date.as_deref()), (Some("en"), Some("2024-01-02T03:04:05Z")));
    assert_eq!(
        mill.text,
        "name: Karlin mill\nbuilt by: A. Voss\nopened: 1704 5\n\nKarlin mill stands on the river Orsa & nowhere else.\n\n\
         ## History\n\nIt burnt down."
    );
    assert_eq!(pages[1].redirect.as_deref(), Some("https://karlin.example/wiki/Karlin_mill"));

    let mut grower = Grower::new(GrowOptions::default());
    let mut graph = EntityGraph::new();
    for read in pages {
        match read.redirect {
            Some(to) => grower.redirect(&read.page.url, &to),
            None => grower.page(&read.page, |record| graph.add(record)),
        }
    }
    let grown = grower.finish();
    graph.entities = grown.entities;
    let graph = grown.redirects.apply(graph);
    graph.check().unwrap();
    let mut kinds: Vec<&str> = graph.relations.iter().map(|relation| relation.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["built by", "mentions"]);
    assert_eq!(graph.entities.len(), 3);
    assert!(graph.relations.iter().all(crate::Relation::is_supported));
}

#[test]
fn a_dump_that_is_cut_off_or_no_xml_is_an_error_and_the_end() {
    for bad in
        ["<mediawiki><page><title>A</title></revision>", "<mediawiki><page></ns>", "<mediawiki><page><text>a", ""]
    {
        let mut dump = MediaWikiDump::new("d", Cursor::new(bad.to_owned()));
        assert!(dump.next().is_some_and(|page| page.is_err()), "{bad}");
        assert!(dump.next().is_none());
    }
    let endless = Cursor::new(b"<mediawiki><page><text>".to_vec());
    let mut dump =
        MediaWikiDump::new("d", std::io::BufReader::new(std::io::Read::chain(endless, std::io::repeat(b'x'))));
    assert!(dump.next().unwrap().unwrap_err().to_string().contains("a page has more than"));
}

proptest! {
    #[test]
    fn any_wikitext_is_read(text in "(\\{\\{|\\}\\}|\\[\\[|\\]\\]|\\{\\||\\|\\}|\\||=|==|''|<ref>|</ref>|<!--|\n|a|é|Infobox|\\[http:){0,60}") {
        let read = wikitext::read(&text);
        prop_assert!(read.text.len() <= 3 * text.len() + 16);
        for (words, title) in &read.links {
            prop_assert!(!words.is_empty() && !title.is_empty());
        }
    }
}
