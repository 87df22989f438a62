//! What configurations promise.

use super::documented::comments;
use super::*;

fn parsed(text: &str) -> Result<Config, PipelineError> {
    Config::parse(text, Path::new("run.toml"))
}

#[test]
fn what_is_printed_is_read_back() {
    for scale in [Scale::Small, Scale::Medium, Scale::Large] {
        let config = Config::miniature(scale).in_world(3);
        assert_eq!(parsed(&config.documented()).unwrap(), config);
    }
    assert_eq!(parsed("").unwrap(), Config::default());
}

#[test]
fn every_value_is_explained() {
    let text = Config::default().documented();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        assert!(at > 0 && lines[at - 1].starts_with("# "), "{line} has no comment");
    }
}

#[test]
fn nothing_is_explained_that_is_not_there() {
    let table = toml::Table::try_from(Config::default()).unwrap();
    for name in comments().keys() {
        let mut found = Some(toml::Value::Table(table.clone()));
        for part in name.split('.') {
            found = found.and_then(|value| value.get(part).cloned());
        }
        assert!(found.is_some(), "{name} is explained and is no field");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let check = |text: &str, expected: &str| {
        let said = parsed(text).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{text:?}: {said}");
    };
    check("name = 3\n", "run.toml:1:8: invalid type: integer `3`, expected a string");
    check("name = \"x\"\n[sft]\nspeed = 1\n", "run.toml:3:1: unknown field `speed`");
    check("[corpus]\nkind = \"web\"\n", "run.toml:2:8: unknown variant `web`");
    check("[corpus\n", "run.toml:1:");
    check("[filter.effort]\nminimum = 4\n", "run.toml:2:1: unknown field `minimum`");
    check("[corpus]\nkind = \"folder\"\n", "corpus.folder.path: it is empty");
    check("[corpus]\nkind = \"folder\"\n[corpus.folder]\npath = \"x\"\n", "teacher.kind: a scripted teacher");
    check("[teacher]\nkind = \"endpoint\"\n", "teacher.endpoint.base_url: it is empty");
    check("[student]\nkind = \"folder\"\n", "student.folder.path: it is empty");
    check("[agent]\nprotocol = \"telepathy\"\n", "agent.protocol: no protocol of this name");
    check("[sft]\nopening = 2.0\n", "sft.opening: it is a share");
    check("[sft]\nrate = -1.0\n", "");
    check("[evaluation]\ntemperatures = []\n", "evaluation.temperatures: it is 0, or empty");
    check("[attempts]\ntimes = 0\n", "attempts.times: it is 0");
}
