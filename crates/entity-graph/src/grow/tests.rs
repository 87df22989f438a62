//! What grows from pages.

use std::fs;

use offseeker_pages::{Link, Page};

use super::{GrowOptions, Grower, LongTail, folder_pages, grow, long_tail_score};
use crate::{EntityGraph, PackedGraph, Support};

const MILL: &str = "---\ntitle: Karlin mill\ntype: Building\n---\n# Karlin mill\n\nBuilt by: [Ada Voss](ada.html)\n\nKarlin mill \
                    stands on the [Orsa](rivers/) since 1704. It burnt down, as the [river](rivers/index.html#flood) rose.\n";
const ADA: &str = "<title>Ada Voss</title><p>Ada Voss, a builder, built the <a href=mill.md>mill</a> and more.</p>\
                   <p>See <a href=https://far.example/voss>the Voss family</a>, or <a href=mill.md>here</a>.</p>";
const ORSA: &str = "<title>Orsa</title><p>The Orsa is a river without a mouth.</p>";

fn folder_graph(options: &GrowOptions) -> (EntityGraph, Vec<Page>) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rivers")).unwrap();
    for (name, text) in [("mill.md", MILL), ("ada.html", ADA), ("rivers/index.html", ORSA)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let pages: Vec<Page> = folder_pages(folder.path()).unwrap().map(Result::unwrap).collect();
    (grow(pages.clone(), options), pages)
}

#[test]
fn a_folder_becomes_a_graph() {
    let (graph, pages) = folder_graph(&GrowOptions::default());
    graph.check().unwrap();
    let mut names: Vec<&str> = graph.entities.iter().map(|entity| entity.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ada Voss", "Karlin mill", "Orsa", "the Voss family"], "a leaf is kept");

    let named = |name: &str| graph.entities.iter().find(|entity| entity.name == name).unwrap();
    let (mill, ada, orsa) = (named("Karlin mill"), named("Ada Voss"), named("Orsa"));
    assert_eq!((mill.kind.as_str(), &mill.aliases[..]), ("building", &["mill".to_owned()][..]));
    assert_eq!(mill.description, "Karlin mill stands on the Orsa since 1704.");
    assert!(named("the Voss family").pages.is_empty());

    let mut relations: Vec<(&str, &str, &str)> = graph
        .relations
        .iter()
        .filter(|it| it.from == mill.id)
        .map(|it| (it.kind.as_str(), graph.entity(it.to).unwrap().name.as_str(), it.text.as_str()))
        .collect();
    relations.sort_unstable();
    assert_eq!(
        relations,
        [
            ("built by", "Ada Voss", "Built by: Ada Voss"),
            ("mentions", "Orsa", "It burnt down, as the river rose."),
            ("mentions", "Orsa", "Karlin mill stands on the Orsa since 1704."),
        ]
    );
    let fields: Vec<(&str, &str)> =
        graph.facts_of(mill.id).filter(|it| !it.field.is_empty()).map(|it| (&*it.field, &*it.value)).collect();
    assert_eq!(fields, [("title", "Karlin mill"), ("type", "Building"), ("built by", "Ada Voss")]);
    assert_eq!((graph.facts_of(ada.id).count(), graph.facts_of(orsa.id).count()), (1, 1));

    let evidence =
        graph.facts.iter().flat_map(|it| &it.evidence).chain(graph.relations.iter().flat_map(|it| &it.evidence));
    for evidence in evidence {
        let page = pages.iter().find(|page| page.url == evidence.url).unwrap();
        assert!(evidence.is_of(&page.text));
        assert_eq!(evidence.check(&page.text), Support::InPlace);
    }
    assert!(
        graph.facts.iter().all(crate::Fact::is_supported) && graph.relations.iter().all(crate::Relation::is_supported)
    );
}

#[test]
fn a_row_of_a_list_is_about_what_its_first_cell_links_to() {
    let html = "<title>Rivers of Orland</title><p>There are two.</p><table><tr><th>River<th>Length<th>Mouth<th>Map</tr>\
                <tr><td><a href=orsa.html>Orsa</a><td>312 km<td><a href=sea.html>Grey Sea</a><td><a href=o.png>1:9</a></tr>\
                <tr><td>Vel<td>40 km<td><a href=orsa.html>Orsa</a><td></tr></table>";
    let page =
        offseeker_pages::read(html.as_bytes(), &offseeker_pages::Hints::new("https://x.example/rivers")).unwrap();
    let graph = grow([page], &GrowOptions::default());
    graph.check().unwrap();
    let named = |name: &str| graph.entities.iter().find(|entity| entity.name == name).unwrap();
    let (orsa, sea) = (named("Orsa"), named("Grey Sea"));
    assert_eq!(graph.entities.len(), 3, "what leads to no name is no entity");
    assert_eq!((orsa.kind.as_str(), sea.kind.as_str()), ("river", ""));

    let facts: Vec<(&str, &str)> = graph.facts_of(orsa.id).map(|it| (&*it.field, &*it.value)).collect();
    assert_eq!(facts, [("length", "312 km"), ("mouth", "Grey Sea"), ("map", "1:9")]);
    let mouth = graph.relations.iter().find(|it| it.from == orsa.id).unwrap();
    assert_eq!((mouth.kind.as_str(), mouth.to), ("mouth", sea.id));
    assert_eq!(mouth.evidence[0].quote, "Orsa | 312 km | Grey Sea | 1:9");
}

#[test]
fn links_may_be_kept_within_a_place() {
    let options = GrowOptions { within: vec!["file:///".to_owned()], ..GrowOptions::default() };
    assert_eq!(folder_graph(&options).0.entities.len(), 3);
}

fn linked(url: &str, title: &str, links: &[(&str, &str)]) -> Page {
    let links = links.iter().map(|(text, url)| Link { text: (*text).to_owned(), url: (*url).to_owned() });
    Page { links: links.collect(), ..Page::new(url, title, "The mill and the tower.") }
}

#[test]
fn words_that_mostly_lead_elsewhere_are_no_aliases() {
    let pages = [
        linked("a", "A", &[("tower", "b"), ("mill", "c")]),
        linked("d", "D", &[("tower", "b"), ("tower", "c")]),
        linked("b", "Tall tower", &[]),
        linked("c", "Karlin mill", &[]),
    ];
    let graph = grow(pages, &GrowOptions::default());
    let aliases = |name: &str| graph.entities.iter().find(|it| it.name == name).unwrap().aliases.join(",");
    assert_eq!((aliases("Tall tower").as_str(), aliases("Karlin mill").as_str()), ("tower", "mill"));
}

#[test]
fn redirects_lead_to_one_entity() {
    let mut grower = Grower::new(GrowOptions::default());
    let mut graph = EntityGraph::new();
    grower.page(&linked("a", "A", &[("mill", "old")]), |record| graph.add(record));
    grower.redirect("old", "new");
    grower.page(&linked("new", "Karlin mill", &[]), |record| graph.add(record));
    let grown = grower.finish();
    graph.entities = grown.entities;
    let graph = grown.redirects.apply(graph);
    graph.check().unwrap();
    assert_eq!((graph.entities.len(), graph.relations[0].to), (2, Grower::id_of("new")));
}

#[test]
fn what_few_lead_to_is_little_known() {
    assert_eq!((long_tail_score(0, 0), long_tail_score(0, 9), long_tail_score(9, 9)), (1.0, 1.0, 0.0));
    assert!((long_tail_score(9, 99) - 0.5).abs() < 1e-12);
    let star: Vec<Page> = (0..20).map(|at| linked(&format!("p{at}"), &format!("P {at}"), &[("mill", "hub")])).collect();
    let counted = LongTail::of(&PackedGraph::of(&grow(star, &GrowOptions::default())).unwrap());
    assert_eq!((counted.entities, counted.little_known, counted.is_short()), (21, 20, false));
    let pair = [linked("a", "A", &[("mill", "b")]), linked("b", "B", &[("tower", "a")])];
    assert!(LongTail::of(&PackedGraph::of(&grow(pair, &GrowOptions::default())).unwrap()).is_short());
}

fn titled(url: &str, title: &str, text: &str) -> Page {
    Page::new(url, title, text)
}

#[test]
fn pages_of_one_title_are_one_only_where_they_say_the_same() {
    let said = |what: &str| format!("This chapter is about {what}.\n\nIt is long and has much to say of {what}.");
    let intro = |url: &str, what: &str| titled(url, "Introduction", &said(what));
    let pages = || {
        vec![
            intro("https://m.example/plpgsql/intro", "functions that are written in a language of procedures"),
            intro("https://m.example/pltcl/intro", "functions that are written in Tcl"),
            intro("https://m.example/old/plperl/intro", "Perl"),
            intro("https://m.example/plperl/intro", "Perl"),
            titled("https://m.example/plpgsql/index.html", "Chapter 43. PL/pgSQL — SQL", "This is a chapter of it."),
            titled("https://n.example/", "PL/pgSQL", "Another place, where the same thing is told of."),
        ]
    };
    let graph = grow(pages(), &GrowOptions::default());
    let merged = crate::duplicates(&graph.entities).apply(graph);
    let mut names: Vec<&str> = merged.entities.iter().map(|entity| entity.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "Chapter 43. PL/pgSQL — SQL",
            "Introduction (PL/pgSQL)",
            "Introduction (plperl)",
            "Introduction (pltcl)",
            "PL/pgSQL"
        ]
    );
    let perl = merged.entities.iter().find(|entity| entity.name == "Introduction (plperl)").unwrap();
    assert_eq!(perl.pages.len(), 2, "the same text at two addresses is one page");

    let mut turned = pages();
    turned.reverse();
    assert_eq!(grow(turned, &GrowOptions::default()).entities, grow(pages(), &GrowOptions::default()).entities);
}

#[test]
fn a_redirect_takes_no_part_in_what_is_told_apart() {
    let mut grower = Grower::new(GrowOptions::default());
    grower.page(&titled("https://m.example/a/mill", "Mill", "It stands on the Orsa."), |_| {});
    grower.page(&titled("https://m.example/b/mill", "Mill", "See there."), |_| {});
    grower.redirect("https://m.example/b/mill", "https://m.example/a/mill");
    assert!(grower.finish().entities.iter().all(|entity| entity.name == "Mill"));
}
