//! A configuration as a file that explains itself: each value, and above it what it is.

use std::collections::BTreeMap;
use std::fmt::Write;

use toml::{Table, Value};

use super::{
    AgentConfig, AttemptsConfig, Config, CorpusConfig, Counts, DpoConfig, EndpointTeacher, EvaluationConfig,
    FolderCorpus, FolderStudent, FreshStudent, LocalTeacher, PairsConfig, PlannedQuestions, QuestionsConfig,
    RolloutsConfig, ScriptedTeacher, SftConfig, StudentConfig, TeacherConfig, WorldCorpus, filter_fields,
};

/// How wide a comment is at most, in characters.
const WIDTH: usize = 118;

type Fields = &'static [(&'static str, &'static str)];

/// The fields of each section.
const SECTIONS: [(&str, Fields); 29] = [
    ("", Config::FIELDS),
    ("corpus", CorpusConfig::FIELDS),
    ("corpus.world", WorldCorpus::FIELDS),
    ("corpus.folder", FolderCorpus::FIELDS),
    ("questions", QuestionsConfig::FIELDS),
    ("questions.train", Counts::FIELDS),
    ("questions.development", Counts::FIELDS),
    ("questions.test", Counts::FIELDS),
    ("questions.fresh", Counts::FIELDS),
    ("questions.planned", PlannedQuestions::FIELDS),
    ("agent", AgentConfig::FIELDS),
    ("teacher", TeacherConfig::FIELDS),
    ("teacher.scripted", ScriptedTeacher::FIELDS),
    ("teacher.endpoint", EndpointTeacher::FIELDS),
    ("teacher.local", LocalTeacher::FIELDS),
    ("attempts", AttemptsConfig::FIELDS),
    ("filter", filter_fields::RECIPE),
    ("filter.integrity", filter_fields::INTEGRITY),
    ("filter.correctness", filter_fields::CORRECTNESS),
    ("filter.grounding", filter_fields::GROUNDING),
    ("filter.effort", filter_fields::EFFORT),
    ("filter.diversity", filter_fields::DIVERSITY),
    ("student", StudentConfig::FIELDS),
    ("student.fresh", FreshStudent::FIELDS),
    ("student.folder", FolderStudent::FIELDS),
    ("sft", SftConfig::FIELDS),
    ("rollouts", RolloutsConfig::FIELDS),
    ("pairs", PairsConfig::FIELDS),
    ("dpo", DpoConfig::FIELDS),
];

impl Config {
    /// The configuration as TOML with every value, and above each what it is. What is printed is read back the same.
    #[must_use]
    pub fn documented(&self) -> String {
        let table = Table::try_from(self).expect("a configuration is made of what TOML can say");
        let mut text = String::new();
        write_table(&mut text, "", &table);
        text
    }
}

/// What is said of each field, by its whole name.
pub(super) fn comments() -> BTreeMap<String, &'static str> {
    let sections = SECTIONS.into_iter().chain([("evaluation", EvaluationConfig::FIELDS)]);
    let named =
        |section: &str, field: &str| if section.is_empty() { field.to_owned() } else { format!("{section}.{field}") };
    sections
        .flat_map(|(section, fields)| fields.iter().map(move |(field, doc)| (named(section, field), doc.trim())))
        .collect()
}

fn write_table(text: &mut String, path: &str, table: &Table) {
    let comments = comments();
    let whole = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let comment = |name: &str| comments.get(&whole(name)).copied().unwrap_or_default();
    let is_section = |value: &Value| matches!(value, Value::Table(_));
    for (name, value) in table.iter().filter(|(_, value)| !is_section(value)) {
        write_comment(text, comment(name));
        writeln!(text, "{name} = {value}").expect("text takes everything");
    }
    for (name, value) in table {
        if let Value::Table(inner) = value {
            text.push('\n');
            write_comment(text, comment(name));
            writeln!(text, "[{}]", whole(name)).expect("text takes everything");
            write_table(text, &whole(name), inner);
        }
    }
}

fn write_comment(text: &mut String, comment: &str) {
    let mut line = String::from("#");
    for word in comment.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    if line.len() > 1 {
        text.push_str(&line);
        text.push('\n');
    }
}
