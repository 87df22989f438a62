//! Files are where they are looked for, are called what they are, and say first what they hold.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

use crate::{below_root, packages, root, text};

/// What may lie at the top, beside entries whose names begin with a dot.
const AT_THE_TOP: [&str; 10] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "benches",
    "crates",
    "docs",
    "examples",
    "target",
];

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 10] =
    ["common", "helper", "helpers", "manager", "managers", "trait", "traits", "types", "util", "utils"];

/// Signs of work that is not finished. Cut in two, so that this file is free of them.
const UNFINISHED: [&str; 3] = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[ig", "nore")];

/// Looks at a file, its path and its text, and says what is wrong with it.
type Rule = fn(&str, &str) -> Option<String>;

const RULES: [Rule; 3] = [says_what_it_holds, is_called_what_it_is, is_finished];

fn says_what_it_holds(path: &str, text: &str) -> Option<String> {
    let said =
        text.lines().next().and_then(|line| line.strip_prefix("//! ")).is_some_and(|said| !said.trim().is_empty());
    (is_source(path) && !said).then(|| format!("{path} does not begin with a //! sentence"))
}

fn is_called_what_it_is(path: &str, _: &str) -> Option<String> {
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_lowercase();
    let empty = path.split('/').find(|part| EMPTY_NAMES.contains(&stem(part).as_str()))?;
    Some(format!("{path}: {empty} says nothing of what is inside; name it for the thing it holds"))
}

fn is_finished(path: &str, text: &str) -> Option<String> {
    let sign = UNFINISHED.iter().find(|sign| is_source(path) && text.contains(**sign))?;
    Some(format!("{path} holds {sign}; finish it or take it out"))
}

fn is_source(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

/// Says what is wrong with the first file of a crate.
fn explains_the_crate(path: &str, text: &str) -> Option<String> {
    let said = text.lines().take_while(|line| line.starts_with("//!")).count();
    (said < 3).then(|| format!("{path} has no crate docs beyond its first sentence"))
}

fn belongs_at_the_top(name: &str) -> Option<String> {
    (!name.starts_with('.') && !AT_THE_TOP.contains(&name)).then(|| format!("{name} does not belong at the top"))
}

/// Every file below some folders, except what tools leave behind.
fn files(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting: VecDeque<_> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = waiting.pop_front() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && !["target", "fuzz", "__pycache__"].contains(&name.as_str()) {
                    waiting.push_back(path);
                }
            } else {
                let bytes = fs::read(&path).expect("the file can be read");
                found.push((below_root(&path), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    found
}

#[test]
fn every_file_keeps_the_rules() {
    let files = files(&["crates", "examples", "benches", "docs"]);
    assert!(files.iter().any(|(path, _)| path == "crates/trajectory/src/lib.rs"), "the files were not found");
    let faults: Vec<_> =
        files.iter().flat_map(|(path, text)| RULES.iter().filter_map(move |rule| rule(path, text))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_crate_explains_itself() {
    for package in packages() {
        let targets = package["targets"].as_array().expect("cargo lists targets");
        let of_kind = |kind: &str| targets.iter().find(|target| target["kind"][0] == kind);
        let first = of_kind("lib").or_else(|| of_kind("bin")).map(|target| Path::new(text(target, "src_path")));
        let first = first.unwrap_or_else(|| panic!("{} holds no code", package["name"]));
        let text = fs::read_to_string(first).expect("the file can be read");
        assert_eq!(explains_the_crate(&below_root(first), &text), None);
    }
}

#[test]
fn nothing_else_lies_at_the_top() {
    let names = fs::read_dir(root()).expect("the folder can be read");
    let names = names.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned());
    let faults: Vec<_> = names.filter_map(|name| belongs_at_the_top(&name)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_file_says_what_it_holds() {
    let check = |path: &str, text: &str, right: bool| {
        assert_eq!(says_what_it_holds(path, text).is_none(), right, "{path}: {text:?}");
    };
    check("crates/chat/src/lib.rs", "//! The port.\n\nuse std::fmt;\n", true);
    check("crates/chat/README.md", "# Chat", true);
    check("crates/chat/src/lib.rs", "", false);
    check("crates/chat/src/lib.rs", "//!\n//! The port.\n", false);
    check("crates/chat/src/lib.rs", "// The port.\n", false);
    check("crates/chat/src/lib.rs", "use std::fmt;\n//! The port.\n", false);
    check("crates/chat/src/lib.rs", "\n//! The port.\n", false);
}

#[test]
fn a_name_says_what_is_inside() {
    for path in ["crates/chat/src/model.rs", "crates/chat/src/type_of_call.rs", "crates/commonplace/src/utility.rs"] {
        assert_eq!(is_called_what_it_is(path, ""), None);
    }
    for path in [
        "crates/chat/src/utils.rs",
        "crates/chat/src/util/text.rs",
        "crates/common/src/lib.rs",
        "crates/tools/tests/helpers/mod.rs",
        "examples/helper.rs",
        "crates/chat/src/Types.rs",
        "crates/chat/src/traits.rs",
        "crates/agent-loop/src/manager.rs",
        "benches/utils.py",
    ] {
        assert!(is_called_what_it_is(path, "").is_some(), "{path}");
    }
}

#[test]
fn a_file_is_finished() {
    assert_eq!(is_finished("crates/chat/src/lib.rs", "// Nothing is left to do."), None);
    assert_eq!(is_finished("docs/architecture.md", UNFINISHED[0]), None);
    for sign in UNFINISHED {
        assert!(is_finished("crates/chat/src/lib.rs", &format!("fn f() {{ {sign}) }}")).is_some(), "{sign}");
    }
}

#[test]
fn a_crate_explains_itself() {
    assert_eq!(explains_the_crate("src/lib.rs", "//! The port.\n//!\n//! Why it is so.\n"), None);
    assert!(explains_the_crate("src/lib.rs", "//! The port.\n\nmod model;\n").is_some());
    assert!(explains_the_crate("src/lib.rs", "mod model;\n").is_some());
}

#[test]
fn what_belongs_at_the_top() {
    for name in [".ci", "crates", "README.md", "target"] {
        assert_eq!(belongs_at_the_top(name), None);
    }
    for name in ["src", "scripts", "Makefile", "notes.txt", "tests"] {
        assert!(belongs_at_the_top(name).is_some(), "{name}");
    }
}
