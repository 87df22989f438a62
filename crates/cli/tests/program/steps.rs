//! Each step by its subcommand, from a made-up encyclopedia to figures.

use std::fs;

use crate::ran::{json, run};

/// A model and trainings that take seconds.
const TINY: &str = "
[student.fresh]
width = 32
layers = 1
heads = 2
head_dim = 16
vocabulary = 460
[sft]
rate = 0.01
per_step = 4
epochs = 2
[pairs]
verified = false
least_attempts = 2
least_margin = 0.0
[dpo]
per_step = 4
";

#[test]
fn from_a_world_to_figures() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("tiny.toml"), TINY).unwrap();

    let made = json(here, "world w --seed 7 --entities 300 --questions 4");
    assert_eq!((&made["questions"]["train"], &made["questions"]["test"]), (&20.into(), &20.into()));
    assert_eq!(json(here, "index w/pages.jsonl --out index")["pages"], made["pages"]);
    assert_eq!(json(here, "graph grow w --out g.packed")["statistics"]["entities"], 300);
    assert_eq!(json(here, "graph pack w/truth.jsonl --out h.packed")["statistics"]["entities"], 300);
    assert_eq!(json(here, "graph draw g.packed --out g.svg --seed 3")["drawing"], "g.svg");
    assert!(fs::read_to_string(here.join("g.svg")).unwrap().contains("<svg"));
    assert!(json(here, "questions --graph g.packed --out q --items 400")["questions"]["train"].as_u64().unwrap() > 0);
    assert_eq!(json(here, "questions --world w --out r --each 2")["questions"]["test"], 10);

    let attempt = "attempt w/questions/train.jsonl --world w --scripted --guess 0.5 --times 3 --store a.db";
    assert_eq!(json(here, attempt)["attempts"], 60);
    assert_eq!(json(here, attempt)["ended"], serde_json::json!({}), "nothing is attempted twice");
    let graded = json(here, "grade --store a.db --plans w/questions");
    assert_eq!((&graded["attempts"], graded["graders"].as_object().unwrap().len()), (&60.into(), 2));

    let curated = json(here, "curate --store a.db --config tiny.toml --out data --groups");
    assert!(curated["curated"]["samples"].as_u64().unwrap() >= 20, "{curated}");
    assert!(curated["curated"]["pairs"].as_u64().unwrap() > 0, "{curated}");
    assert_eq!(curated["curated"]["groups"], 20);
    for (what, formats) in [("samples", "trl sharegpt openai offseeker"), ("pairs", "trl offseeker")] {
        for format in formats.split(' ') {
            let words = format!("export {what} data/{what}.jsonl --format {format} --out out/{what}-{format}.jsonl");
            assert_eq!(json(here, &words)["rows"], curated["curated"][what], "{words}");
        }
    }
    assert!(fs::read_to_string(here.join("out/dataset_info.json")).unwrap().contains("samples-sharegpt"));
    assert_eq!(json(here, "export attempts --store a.db --format openai --out out/a.jsonl.zst")["rows"], 60);

    let weights = json(here, "train fresh --store a.db --world w --config tiny.toml --out fresh");
    assert!(weights["flow"]["counted"]["weights"].as_u64().unwrap() > 1_000);
    json(here, "train sft data/samples.jsonl --model-folder fresh --config tiny.toml --out sft");
    json(here, "train dpo data/pairs.jsonl --model-folder sft/model --config tiny.toml --out dpo");
    let evaluate = "evaluate w/questions/test.jsonl --world w --model-folder dpo/model --protocol few-words --limit 3 \
                    --turns 3 --window 1024 --reply-tokens 24 --closed-book --date 2026-11-22 --store e.db --out e.json";
    let report = json(here, evaluate);
    assert_eq!((&report["report"]["questions"], &report["report"]["date"]), (&3.into(), &"2026-11-22".into()));
    assert_eq!(json(here, evaluate)["report"], report["report"], "what was measured is read off");

    assert_eq!(json(here, "view a.db --out a.html")["attempts"], 60);
    assert!(fs::read_to_string(here.join("a.html")).unwrap().to_lowercase().starts_with("<!doctype html>"));
}

#[test]
fn people_are_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("notes")).unwrap();
    fs::write(here.join("notes/mill.md"), "# Karlin mill\n\nIt stands on the Orsa.\n").unwrap();
    fs::write(here.join("notes/orsa.md"), "# Orsa\n\nA river that drives the mill.\n").unwrap();
    let ran = run(here, "index notes --out index --query river");
    assert!(ran.out.starts_with("Orsa\n"), "{ran:?}");
    let ran = run(here, "index --out index --query elephant");
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "nothing has any of these words\n"));
    let ran = run(here, "--help");
    assert!(ran.code == Some(0) && ran.out.contains("How the parts follow each other"), "{ran:?}");
}
