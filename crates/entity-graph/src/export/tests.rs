//! What graphs look like to others.

use std::collections::HashSet;

use crate::export::{DeepForgeRow, web_shaper_triples, write_dot, write_graphml, write_svg};
use crate::{Entity, EntityGraph, EntityId, Evidence, Fact, Relation};

fn graph() -> (EntityGraph, [EntityId; 3]) {
    let ids = ["mill", "river", "ada"].map(|name| EntityId::of(&[name]));
    let [mill, river, ada] = ids;
    let page = "Ada Voss & sons built it.";
    let mut graph = EntityGraph::new();
    graph.add(Entity { kind: "building".to_owned(), ..Entity::new(mill, "Karlin \"mill\"") });
    graph.add(Entity::new(river, "Orsa <river>"));
    graph.add(Entity { aliases: vec!["A. Voss".to_owned()], ..Entity::new(ada, "Ada Voss") });
    graph.add(Fact::of_field(mill, "built", "1704"));
    graph.add(Relation::new(mill, "stands on", river));
    graph.add(
        Relation::new(mill, "built by", ada)
            .saying("Ada Voss & sons\u{0} built it.")
            .with_evidence(Evidence::cut("https://karlin.example/?a&b", page, 0..page.len()).unwrap()),
    );
    graph.add(Relation::new(mill, "owned by", ada));
    (graph, ids)
}

#[test]
fn graphml_is_xml_with_everything_in_it() {
    let mut out = Vec::new();
    write_graphml(&graph().0, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for part in [
        "<data key=\"name\">Orsa &lt;river&gt;</data>",
        "<data key=\"facts\">built: 1704</data>",
        "<data key=\"text\">Ada Voss &amp; sons built it.</data>",
        "<data key=\"evidence\">https://karlin.example/?a&amp;b</data>",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("<node ").count(), 3);
    assert_eq!(text.matches("<edge ").count(), 3);
}

#[test]
fn dot_draws_each_relation() {
    let mut out = Vec::new();
    write_dot(&graph().0, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains(r#"[label="Karlin \"mill\"\n(building)"]"#), "{text}");
    assert_eq!(text.matches(" -> ").count(), 3);
}

#[test]
fn a_drawing_has_every_name_and_relation_and_is_xml() {
    let mut out = Vec::new();
    write_svg(&graph().0, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for part in
        [">Orsa &lt;river&gt;</text>", ">stands on</text>", ">built by, owned by</text>", "<title>built: 1704</title>"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(text.matches("<circle ").count(), 3);
    assert_eq!(text.matches("<line ").count(), 2, "relations of the same two entities share a line");
    let numbers = text.split('"').filter_map(|part| part.parse::<f64>().ok());
    assert!(numbers.into_iter().all(f64::is_finite));

    let mut empty = Vec::new();
    write_svg(&EntityGraph::new(), &mut empty).unwrap();
    assert!(String::from_utf8(empty).unwrap().ends_with("</svg>\n"));
}

#[test]
fn rows_of_deep_forge_are_written_and_read() {
    let (graph, [mill, river, ada]) = graph();
    let row = DeepForgeRow::of(&graph, &[mill, ada]).unwrap();
    assert_eq!((row.entity.as_str(), row.transition_path.len()), ("Ada Voss", 2));
    let of_mill = &row.entity_dict["Karlin \"mill\""];
    assert_eq!(of_mill.entity_self, ["built: 1704"]);
    assert_eq!(of_mill.entity_relations["Ada Voss"], "Ada Voss & sons\u{0} built it. owned by");
    assert!(row.entity_dict.contains_key("Orsa <river>"), "leaves are kept");

    let line = serde_json::to_string(&row).unwrap();
    assert_eq!(DeepForgeRow::read(&line).unwrap(), row);
    let question = format!(
        r#"{{"entity": "Ada Voss", "question": "Who?", "answer": "Ada Voss", "depth": 1, "extra_info": {line}}}"#
    );
    assert_eq!(DeepForgeRow::read(&question).unwrap(), row);
    assert!(DeepForgeRow::read("[]").is_err());

    let (read, path) = row.graph();
    assert_eq!(read.check(), Ok(()));
    assert_eq!((read.entities.len(), read.facts.len(), read.relations.len(), path.len()), (3, 1, 2, 2));
    assert!(read.facts.iter().all(|fact| !fact.is_supported()));
    assert!(DeepForgeRow::of(&EntityGraph::new(), &[river]).is_err());
}

#[test]
fn triples_tell_variables_from_constants() {
    let (graph, [_, river, ada]) = graph();
    let triples = web_shaper_triples(&graph, ada, &HashSet::from([river]));
    let flat: Vec<String> = triples.iter().map(|triple| triple.join(" | ")).collect();
    assert_eq!(
        flat,
        [
            "V@Y1 | stands on | C@Orsa <river>",
            "V@Y1 | built by | V@X",
            "V@Y1 | owned by | V@X",
            "V@Y1 | built | C@1704"
        ]
    );
}

#[test]
fn a_line_counts_relations_of_one_kind() {
    let mut graph = EntityGraph::new();
    let ids = ["mill", "river"].map(|name| EntityId::of(&[name]));
    for (id, name) in ids.into_iter().zip(["mill", "river"]) {
        graph.add(Entity::new(id, name));
    }
    for kind in ["mentions", "mentions", "mentions", "a", "b", "c"] {
        graph.add(Relation::new(ids[0], kind, ids[1]));
    }
    let mut out = Vec::new();
    write_svg(&graph, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains(">a, b, c, 1 more</text>"), "{text}");
    graph.relations.truncate(4);
    out = Vec::new();
    write_svg(&graph, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains(">a, mentions ×3</text>"));
}
