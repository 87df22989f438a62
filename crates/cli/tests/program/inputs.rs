//! What is wrong is said in two lines: what, and what to do.

use std::fs;

use crate::ran::run;

/// Runs a command that fails, and compares what it says.
fn check(folder: &std::path::Path, words: &str, code: i32, error: &str, hint: &str) {
    let ran = run(folder, words);
    assert_eq!(ran.code, Some(code), "{words}: {ran:?}");
    assert!(ran.out.is_empty(), "{words}: {}", ran.out);
    let lines: Vec<&str> = ran.err.lines().collect();
    let said = lines.iter().find_map(|line| line.strip_prefix("error: ")).unwrap_or_default();
    assert!(said.contains(error), "{words}: {}", ran.err);
    let hinted = lines.iter().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_default();
    assert!(hinted.contains(hint), "{words}: {}", ran.err);
    assert!(!ran.err.contains("panicked") && !ran.err.contains("RUST_BACKTRACE"), "{words}: {}", ran.err);
}

#[test]
fn errors_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("wrong.toml"), "[sft]\nrate = 0.002\nspeed = 7\n").unwrap();
    fs::write(here.join("no-sense.toml"), "[attempts]\ntimes = 0\n").unwrap();
    fs::write(here.join("half.toml"), "[sft\n").unwrap();
    let good = r#"{"id": "q1", "text": "Which river?", "answers": [{"text": "the Orsa"}]}"#;
    fs::write(here.join("second.jsonl"), format!("{good}\n{{\"id\": 7}}\n")).unwrap();
    fs::write(here.join("empty.jsonl"), "").unwrap();
    fs::write(here.join("good.jsonl"), good).unwrap();
    fs::create_dir(here.join("nothing")).unwrap();
    fs::create_dir(here.join("notes")).unwrap();
    fs::write(here.join("notes/mill.md"), "# Karlin mill\n\nIt stands on the Orsa.\n").unwrap();
    assert_eq!(run(here, "index notes --out index").code, Some(0));

    let model = "--base-url http://127.0.0.1:9/v1 --model m";
    let spelt = "check how the path is spelt";
    for (words, error, hint) in [
        ("run missing.toml", "missing.toml: No such file", spelt),
        ("run wrong.toml out", "wrong.toml:3:1: unknown field `speed`", "offseeker config"),
        ("config --check wrong.toml", "wrong.toml:3:1: unknown field `speed`", "offseeker config"),
        ("config --check no-sense.toml", "attempts.times: it is 0", "offseeker config"),
        ("config --check half.toml", "half.toml:1:", "offseeker config"),
        ("index missing --out other", "missing", "SOURCE is a folder"),
        ("index --out missing --query x", "missing is no index", "offseeker index SOURCE --out"),
        ("graph grow nothing --out g", "nothing has no Markdown", "name a folder of pages"),
        ("graph statistics good.jsonl", "good.jsonl", "offseeker graph grow"),
        ("graph pack good.jsonl --out g", "good.jsonl", "each line is an entity"),
        ("questions --world nothing --out q", "graph.packed", "offseeker graph"),
        ("grade --store missing.db", "missing.db is no store", "offseeker attempt"),
        ("curate --store missing.db --out d", "missing.db is no store", "offseeker attempt"),
        ("train sft missing.jsonl --model-folder m --out o", "missing.jsonl is no file of training data", "curate"),
        ("train sft good.jsonl --model-folder nothing --out o", "nothing is no model: it has no config.json", "Qwen3"),
        ("train sft good.jsonl --model-folder absent --out o", "absent is no model: there is no such folder", "Qwen3"),
        ("view nothing", "nothing is no folder of a run", "offseeker run"),
        ("export samples second.jsonl --out o", "second.jsonl:1: this is no sample", "mend the line"),
    ] {
        check(here, words, 1, error, hint);
    }
    for (words, error, hint) in [
        ("attempt second.jsonl --index index --store s.db", "second.jsonl:2: this is no question", "mend the line"),
        ("attempt empty.jsonl --index index --store s.db", "empty.jsonl has no line", ""),
        ("attempt missing.jsonl --index index --store s.db", "missing.jsonl", spelt),
        ("attempt good.jsonl --index nothing --store s.db", "nothing", "offseeker index SOURCE --out"),
        ("evaluate good.jsonl --format plain --index index --store s.db", "good.jsonl", ""),
    ] {
        check(here, &format!("{words} {model}"), 1, error, hint);
    }
    assert!(!here.join("s.db").exists(), "nothing is made of what cannot be read");
}

#[test]
fn commands_that_make_no_sense_end_with_two() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("notes")).unwrap();
    fs::write(here.join("notes/mill.md"), "# Karlin mill\n\nIt stands on the Orsa.\n").unwrap();
    assert_eq!(run(here, "index notes --out index").code, Some(0));
    let good = r#"{"id": "q1", "text": "Which river?", "answers": [{"text": "the Orsa"}]}"#;
    fs::write(here.join("good.jsonl"), good).unwrap();
    for (words, error, hint) in [
        ("index notes --out index --language klingon", "\"klingon\" is no language", "english"),
        ("attempt good.jsonl --index index --store s.db", "no model is named", "--base-url"),
        ("attempt good.jsonl --store s.db", "nothing is named to search", "--index"),
        (
            "attempt good.jsonl --index index --store s.db --base-url http://127.0.0.1:9 --model m --protocol x",
            "there is no protocol \"x\"",
            "few-words",
        ),
        (
            "attempt good.jsonl --index index --store s.db --base-url http://127.0.0.1:9 --model m --profile x",
            "there is no profile \"x\"",
            "offseeker",
        ),
        (
            "attempt good.jsonl --index index --store s.db --base-url http://127.0.0.1:9 --model m --context x",
            "there is no context policy \"x\"",
            "full",
        ),
        ("evaluate good.jsonl --format x --index index --store s.db", "there is no format \"x\"", "browsecomp"),
    ] {
        check(here, words, 2, error, hint);
    }
    for words in ["", "fly", "world", "config --scale huge", "questions --out q", "world w --seed many"] {
        let ran = run(here, words);
        assert_eq!(ran.code, Some(2), "{words}: {ran:?}");
        assert!(
            ran.out.is_empty() && (ran.err.contains("Usage: offseeker") || ran.err.contains("try '--help'")),
            "{words}: {ran:?}"
        );
    }
}

#[test]
fn a_machine_is_told_what_went_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), "grade --store missing.db --json");
    let said: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &said["exit"], &said["command"]), (Some(1), &"failed".into(), &"grade".into()));
    assert_eq!(said["error"], "missing.db is no store: there is no such file");
}

#[test]
fn a_key_is_never_said() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("notes")).unwrap();
    fs::write(here.join("notes/mill.md"), "# Karlin mill\n\nIt stands on the Orsa.\n").unwrap();
    assert_eq!(run(here, "index notes --out index").code, Some(0));
    fs::write(here.join("good.jsonl"), r#"{"id": "q1", "text": "Which river?"}"#).unwrap();
    let words = "attempt good.jsonl --index index --store s.db --base-url http://127.0.0.1:9/v1 --model m --seconds 1";
    let output = crate::ran::program(here, words).env("OFFSEEKER_API_KEY", "sk-much-too-secret").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&said).contains("much-too-secret"));
    let store = fs::read(here.join("s.db")).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&store).contains("much-too-secret"));
}
