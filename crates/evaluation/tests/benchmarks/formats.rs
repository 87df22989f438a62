//! Each format, in a file as it is published.

use std::collections::BTreeSet;

use offseeker_evaluation::{Cipher, Format, read_qrels};
use serde_json::json;

use crate::made::{Files, label, read, said, seal};

#[test]
fn gaia() {
    let rows = [
        json!({"task_id": "g1", "Question": "Which river?", "Level": 1, "Final answer": "the Orsa", "file_name": ""}),
        json!({"task_id": "g2", "Question": "How many?", "Level": "2", "Final answer": 17, "file_name": "g2.xlsx"}),
        json!({"task_id": "g3", "Question": "Held back?", "Level": 3, "Final answer": "?", "file_name": ""}),
    ];
    let set = read(Format::Gaia, "metadata.jsonl", rows.map(|row| row.to_string()).join("\n"));
    assert_eq!(set.id, "gaia");
    assert_eq!(said(&set.tasks[0]), ("Which river?", vec!["the Orsa"]));
    assert_eq!(said(&set.tasks[1]), ("How many?", vec!["17"]));
    assert_eq!(said(&set.tasks[2]), ("Held back?", vec![]));
    assert_eq!(set.tasks.iter().map(|task| label(task, "level").unwrap()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(set.tasks[1].files, ["g2.xlsx"]);
    let metadata = &set.tasks[1].in_clear().metadata;
    assert_eq!((&metadata["benchmark"], &metadata["level"]), (&json!("gaia"), &json!("2")));
    assert!(set.task(&"g3".into()).is_some_and(|task| !task.is_sealed()));
}

#[test]
fn browsecomp_with_line_breaks_and_a_canary_for_each_row() {
    let row = |question: &str, answer: &str, canary: &str| {
        let seal = seal(Cipher::HashedXor, canary);
        format!("{},{},Geography,\"{canary}\"\n", seal.close(question), seal.close(answer))
    };
    let rows =
        row("Which river,\nof two?", "the \"Orsa\"", "BROWSECOMP: one") + &row("Who?", "Ada Voss", "two, of two");
    let set = read(Format::BrowseComp, "set.csv", format!("problem,answer,problem_topic,canary\r\n{rows}"));
    assert_eq!(said(&set.tasks[0]), ("Which river,\nof two?", vec!["the \"Orsa\""]));
    assert_eq!(said(&set.tasks[1]), ("Who?", vec!["Ada Voss"]));
    assert_eq!(set.tasks[1].canary.as_deref(), Some("two, of two"));
    assert_eq!(label(&set.tasks[0], "topic"), Some("Geography"));
    assert!(set.tasks.iter().all(offseeker_evaluation::Task::is_sealed));
    // The id comes from the row, not from its place.
    let alone = read(
        Format::BrowseComp,
        "set.csv",
        format!("problem,answer,problem_topic,canary\n{}", row("Who?", "Ada Voss", "two, of two")),
    );
    assert_eq!(alone.tasks[0].id(), set.tasks[1].id());
}

#[test]
fn browsecomp_zh() {
    let seal = seal(Cipher::HashedXor, "金丝雀");
    let row = |topic: &str| {
        let texts = ["卡林磨坊位于哪条河上？", "奥尔萨河"].map(|text| seal.close(text));
        json!([{"Topic": topic, "Question": texts[0], "Answer": texts[1], "canary": "金丝雀"}]).to_string()
    };
    for topic in ["地理".to_owned(), seal.close("地理")] {
        let set = read(Format::BrowseCompZh, "set.json", row(&topic));
        assert_eq!(said(&set.tasks[0]), ("卡林磨坊位于哪条河上？", vec!["奥尔萨河"]));
        assert_eq!(label(&set.tasks[0], "topic"), Some("地理"));
        assert_eq!(set.tasks[0].in_clear().language.as_deref(), Some("zh"));
    }
}

#[test]
fn browsecomp_plus_in_both_states_and_its_judgements() {
    let documents = |ids: &[&str], write: &dyn Fn(&str) -> String| -> Vec<serde_json::Value> {
        ids.iter().map(|id| json!({"docid": write(id), "text": write("The mill stands on the Orsa.")})).collect()
    };
    let row = |write: &dyn Fn(&str) -> String| {
        json!({"query_id": "769", "query": write("Which river?"), "answer": write("the Orsa"),
            "gold_docs": documents(&["12"], write), "evidence_docs": documents(&["12", "7"], write)})
    };
    let files = Files::new();
    let seal = seal(Cipher::HashedXor, "one for all");
    let closed = files.file("closed.jsonl", row(&|text| seal.close(text)).to_string());
    let clear = files.file("clear.jsonl", row(&|text| text.to_owned()).to_string());
    let closed = Format::BrowseCompPlus.read_with_canary(closed, "one for all").unwrap();
    let clear = Format::BrowseCompPlusDecrypted.read(clear).unwrap();
    for set in [&closed, &clear] {
        assert_eq!((set.id.as_str(), set.tasks[0].id().as_str()), ("browsecomp-plus", "769"));
        assert_eq!(said(&set.tasks[0]), ("Which river?", vec!["the Orsa"]));
        assert_eq!(set.tasks[0].gold, BTreeSet::from(["12".to_owned()]));
        assert_eq!(set.tasks[0].evidence.len(), 2);
        assert!(set.tasks[0].is_sealed());
    }
    assert_eq!(closed.hash(), clear.hash());
    let qrels = files.file("qrels.txt", "769 0 5 1\n769 0 6 0\n\n770 0 9 2\n");
    let judged = closed.with_gold(&read_qrels(qrels).unwrap());
    assert_eq!(judged.tasks[0].gold, BTreeSet::from(["5".to_owned()]));
    let wrong = read_qrels(files.file("wrong.txt", "769 0 5 1\n769 5\n")).unwrap_err().to_string();
    assert!(wrong.contains("wrong.txt:2: it has not the four words"), "{wrong}");
}

#[test]
fn hle() {
    let row = |id: &str, image: &str| {
        json!({"id": id, "question": "Which river?", "image": image, "answer": "B", "answer_type": "multipleChoice",
            "raw_subject": "Hydrology", "category": "Other", "canary": "hle-canary"})
        .to_string()
    };
    let set = read(Format::Hle, "test.jsonl", row("h1", "") + "\n" + &row("h2", "data:image/png;base64,AAAA"));
    assert_eq!(set.tasks[0].files, Vec::<String>::new());
    assert_eq!(set.tasks[1].files, ["h2/image"]);
    assert_eq!(label(&set.tasks[0], "answer_type"), Some("multipleChoice"));
    assert_eq!(set.tasks[0].in_clear().metadata["canary"], json!("hle-canary"));
    assert!(!serde_json::to_string(set.tasks[1].in_clear()).unwrap().contains("base64"));
}

#[test]
fn xbench_with_a_mark_of_byte_order() {
    let seal = seal(Cipher::PlainXor, "xbench-canary");
    let fields = ["哪条河？", "1:2", "先查磨坊"].map(|text| seal.close(text)).join(",");
    let file = format!("\u{feff}id,prompt,answer,reference_steps,canary\r\n7,{fields},xbench-canary\r\n");
    let set = read(Format::Xbench, "DeepSearch-2505.csv", file);
    assert_eq!(set.tasks[0].id().as_str(), "7");
    assert_eq!(said(&set.tasks[0]), ("哪条河？", vec!["1:2"]));
    assert!(set.tasks[0].is_sealed());
}

#[test]
fn webwalkerqa_in_both_spellings() {
    let published = json!({"Question": "Which river?", "Answer": "the Orsa", "Root_Url": "https://karlin.example/",
        "Info": {"Hop": "multi-source", "Domain": "organization", "Language": "En", "Difficulty_Level": "hard",
            "Source_Website": ["https://karlin.example/mill"], "Golden_Path": ["root->mill"]}});
    let copied = json!({"question": "Which river?", "answer": "the Orsa", "root_url": "https://karlin.example/",
        "info": {"type": "multi-source", "domain": "organization", "lang": "En", "difficulty_level": "hard",
            "source_website": ["https://karlin.example/mill"]}});
    for row in [published, copied] {
        let set = read(Format::WebWalkerQa, "main.jsonl", row.to_string());
        let task = &set.tasks[0];
        assert_eq!(said(task), ("Which river?", vec!["the Orsa"]));
        assert_eq!((label(task, "hops"), label(task, "level")), (Some("multi-source"), Some("hard")));
        assert_eq!(task.gold, BTreeSet::from(["https://karlin.example/mill".to_owned()]));
        assert_eq!(task.in_clear().metadata["root_url"], json!("https://karlin.example/"));
    }
}

#[test]
fn frames_with_articles_by_address_or_by_title() {
    let table = "\tPrompt\tAnswer\twikipedia_link_1\twikipedia_link_2\twikipedia_link_11+\treasoning_types\n\
        0\t\"Which river, \"\"Orsa\"\"\nor not?\"\tOrsa\thttps://w.example/Mill,_Karlin\t\t\
        https://w.example/Orsa, https://w.example/Karl,_the\tMultiple constraints\n";
    let set = read(Format::Frames, "test.tsv", table);
    assert_eq!(said(&set.tasks[0]), ("Which river, \"Orsa\"\nor not?", vec!["Orsa"]));
    let gold: Vec<&str> = set.tasks[0].gold.iter().map(String::as_str).collect();
    assert_eq!(gold, ["https://w.example/Karl,_the", "https://w.example/Mill,_Karlin", "https://w.example/Orsa"]);
    assert_eq!(
        (label(&set.tasks[0], "hops"), label(&set.tasks[0], "reasoning")),
        (Some("3"), Some("Multiple constraints"))
    );
    let row = json!({"Prompt": "Which?", "Answer": "Orsa", "wiki_items": [{"title": "Mill", "text": "..."}]});
    let set = read(Format::Frames, "test.jsonl", row.to_string());
    assert_eq!(set.tasks[0].gold, BTreeSet::from(["Mill".to_owned()]));
}

#[test]
fn search_r1_of_several_sources() {
    let rows = [
        json!({"id": "test_0", "question": "which river", "golden_answers": ["Orsa", "the Orsa"], "data_source": "nq"}),
        json!({"id": "test_0", "question": "who", "data_source": "hotpotqa",
            "reward_model": {"style": "rule", "ground_truth": {"target": ["Ada Voss"]}}}),
        json!({"id": 7, "question": "where", "golden_answers": ["Karlin"]}),
    ];
    let set = read(Format::SearchR1, "test.jsonl", rows.map(|row| row.to_string()).join("\n"));
    let ids: Vec<&str> = set.tasks.iter().map(|task| task.id().as_str()).collect();
    assert_eq!(ids, ["nq/test_0", "hotpotqa/test_0", "7"]);
    assert_eq!(said(&set.tasks[0]), ("which river", vec!["Orsa", "the Orsa"]));
    assert_eq!(said(&set.tasks[1]), ("who", vec!["Ada Voss"]));
}

#[test]
fn rows_of_ones_own() {
    let rows = "{\"question\": \"Which river?\", \"answer\": \"the Orsa\", \"hops\": 2, \"gold\": [\"d1\"], \"more\": {}}\n\
        {\"id\": \"q2\", \"question\": \"Who?\", \"answers\": [\"Ada Voss\", \"A. Voss\"], \"language\": \"en\"}\n";
    let set = read(Format::Plain, "rivers.jsonl", rows);
    assert_eq!(set.id, "rivers");
    assert_eq!(label(&set.tasks[0], "hops"), Some("2"));
    assert_eq!(label(&set.tasks[0], "more"), None);
    assert_eq!(set.tasks[0].gold, BTreeSet::from(["d1".to_owned()]));
    assert_eq!(said(&set.tasks[1]), ("Who?", vec!["Ada Voss", "A. Voss"]));
    // The same rows, from a file of another kind.
    let table = read(Format::Plain, "rivers.csv", "question,answer,hops\nWhich river?,the Orsa,2\n");
    assert_eq!(table.tasks[0].id(), set.tasks[0].id());
    assert_eq!(label(&table.tasks[0], "hops"), Some("2"));
}

#[test]
fn every_format_has_a_name_of_its_own() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
        assert_eq!(serde_json::to_value(format).unwrap(), json!(format.name()));
    }
    assert_eq!(Format::named("bingo"), None);
}
