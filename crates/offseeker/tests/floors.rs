//! Every dependency between the crates points down.

use std::fs;
use std::path::Path;

use crate::{METADATA, below_root, packages, root, text};

/// The crates on each floor, from the ground up; `docs/architecture.md` says why.
const FLOORS: [&[&str]; 9] = [
    &["trajectory", "durable", "resemblance"],
    &["remote"],
    &["chat", "pages", "trajectory-store", "curation"],
    &["search"],
    &["entity-graph", "tools", "grading", "language-model"],
    &["question-synthesis", "agent-loop", "trainer"],
    &["evaluation", "toy-world", "viewer"],
    &["pipeline"],
    &["offseeker", "cli"],
];

/// The crate that tests of any other may use.
const FIXTURE: &str = "toy-world";

/// Which build of a crate needs another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Normal,
    Build,
    Dev,
}

/// What is wrong with a crate that needs another one.
fn fault(from: &str, to: &str, need: Need) -> Option<String> {
    let (Some(above), Some(below)) = (floor(from), floor(to)) else {
        let unknown = if floor(from).is_none() { from } else { to };
        return Some(format!("{unknown} is on no floor; give it one in {} and in docs/architecture.md", file!()));
    };
    // A crate that names itself turns features on for its own tests.
    let is_itself = need == Need::Dev && from == to;
    let for_tests = is_itself || (need == Need::Dev && to == FIXTURE);
    (above <= below && !for_tests).then(|| {
        format!("{from} on floor {above} needs {to} on floor {below} ({need:?}); a crate needs lower ones only")
    })
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|names| names.contains(&name))
}

/// The name by which the floors know a package: the folder that it lies in, and only if it is named for that.
fn short_name(package: &str, manifest: &str) -> Result<String, String> {
    let short = match (package.strip_prefix("offseeker-"), package) {
        (Some(short), _) => short,
        (None, "offseeker") => "offseeker",
        (None, other) => return Err(format!("{other} is not named offseeker-<folder>")),
    };
    let expected = if package == "offseeker" { "Cargo.toml".to_owned() } else { format!("crates/{short}/Cargo.toml") };
    if manifest == expected {
        Ok(short.to_owned())
    } else {
        Err(format!("{package} lies in {manifest}, not {expected}"))
    }
}

/// All edges between crates of the workspace, by the names that the floors use.
fn edges() -> Vec<(String, String, Need)> {
    let named: Vec<(&str, String)> = packages()
        .iter()
        .map(|package| {
            let name = text(package, "name");
            let manifest = below_root(Path::new(text(package, "manifest_path")));
            (name, short_name(name, &manifest).unwrap_or_else(|fault| panic!("{fault}")))
        })
        .collect();
    let short = |name: &str| named.iter().find(|(full, _)| *full == name).map(|(_, short)| short.clone());
    let mut edges = Vec::new();
    for (package, (_, from)) in packages().iter().zip(&named) {
        for dependency in package["dependencies"].as_array().expect("cargo lists dependencies") {
            if let Some(to) = short(text(dependency, "name")) {
                let need = match dependency["kind"].as_str() {
                    None => Need::Normal,
                    Some("build") => Need::Build,
                    Some("dev") => Need::Dev,
                    Some(other) => panic!("cargo knows a new kind of dependency: {other}"),
                };
                edges.push((from.clone(), to, need));
            }
        }
    }
    edges
}

#[test]
fn every_edge_points_down() {
    let edges = edges();
    let known = ("chat".to_owned(), "trajectory".to_owned(), Need::Normal);
    assert!(edges.contains(&known), "cargo's answer was not understood: {edges:?}");

    let faults: Vec<_> = edges.iter().filter_map(|(from, to, need)| fault(from, to, *need)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_crate_is_on_a_floor() {
    for package in packages() {
        let manifest = below_root(Path::new(text(package, "manifest_path")));
        let short = short_name(text(package, "name"), &manifest).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(floor(&short).is_some(), "{short} is on no floor; give it one here and in docs/architecture.md");
    }
}

#[test]
fn the_architecture_page_shows_the_same_floors() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("the page is there");
    let shown: Vec<Vec<&str>> = page.lines().filter_map(names_on_a_floor).collect();
    let from_the_top: Vec<_> = FLOORS.iter().rev().map(|names| names.to_vec()).collect();
    assert_eq!(shown, from_the_top);
}

/// The crates that a line of the page shows: a digit, then their names.
fn names_on_a_floor(line: &str) -> Option<Vec<&str>> {
    let (floor, names) = line.split_once("  ")?;
    floor.parse::<usize>().ok()?;
    Some(names.split_whitespace().filter(|word| *word != "(facade)").collect())
}

#[test]
fn a_plain_cargo_test_covers_every_crate() {
    let sorted = |field: &str| {
        let mut ids: Vec<_> =
            METADATA[field].as_array().expect("cargo lists them").iter().map(|id| id.as_str()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(sorted("workspace_default_members"), sorted("workspace_members"), "add it to default-members");
}

#[test]
fn edges_that_are_right_and_edges_that_are_wrong() {
    let right = [
        ("chat", "trajectory", Need::Normal),
        ("cli", "trajectory", Need::Build),
        ("offseeker", "toy-world", Need::Normal),
        ("search", "search", Need::Dev),
        ("evaluation", "agent-loop", Need::Normal),
        ("agent-loop", "tools", Need::Dev),
        ("trajectory", "toy-world", Need::Dev),
        ("evaluation", "toy-world", Need::Dev),
    ];
    for (from, to, need) in right {
        assert_eq!(fault(from, to, need), None);
    }
    let wrong = [
        ("trajectory", "chat", Need::Normal, "trajectory on floor 0 needs chat on floor 2 (Normal)"),
        ("chat", "pages", Need::Normal, "chat on floor 2 needs pages on floor 2 (Normal)"),
        ("trainer", "agent-loop", Need::Normal, "trainer on floor 5 needs agent-loop on floor 5 (Normal)"),
        ("tools", "cli", Need::Build, "tools on floor 4 needs cli on floor 8 (Build)"),
        ("tools", "grading", Need::Dev, "tools on floor 4 needs grading on floor 4 (Dev)"),
        ("tools", "agent-loop", Need::Dev, "tools on floor 4 needs agent-loop on floor 5 (Dev)"),
        ("trajectory", "toy-world", Need::Normal, "trajectory on floor 0 needs toy-world on floor 6 (Normal)"),
        ("toy-world", "toy-world", Need::Normal, "toy-world on floor 6 needs toy-world on floor 6 (Normal)"),
        ("chat", "shortcuts", Need::Dev, "shortcuts is on no floor"),
        ("shortcuts", "trajectory", Need::Normal, "shortcuts is on no floor"),
    ];
    for (from, to, need, expected) in wrong {
        let found = fault(from, to, need).unwrap_or_default();
        assert!(found.starts_with(expected), "{from} to {to}: {found:?}");
    }
}

#[test]
fn names_that_are_right_and_names_that_are_wrong() {
    let check = |package: &str, manifest: &str, expected: Result<&str, &str>| {
        assert_eq!(short_name(package, manifest), expected.map(str::to_owned).map_err(str::to_owned));
    };
    check("offseeker", "Cargo.toml", Ok("offseeker"));
    check("offseeker-agent-loop", "crates/agent-loop/Cargo.toml", Ok("agent-loop"));
    check(
        "offseeker-agent-loop",
        "crates/loop/Cargo.toml",
        Err("offseeker-agent-loop lies in crates/loop/Cargo.toml, not crates/agent-loop/Cargo.toml"),
    );
    check("chat", "crates/chat/Cargo.toml", Err("chat is not named offseeker-<folder>"));
}
