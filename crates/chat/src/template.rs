//! Text with names in braces that are filled in.

use serde::{Deserialize, Serialize};

/// Text with names in braces that are filled in: `{title} at {url}`. A brace itself is written twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// When a brace is left open, or closes nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
            } else if brace == "{" {
                let (name, after) =
                    rest.split_once('}').ok_or_else(|| format!("a brace is left open before {rest:?}"))?;
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::Name(name.to_owned()));
                rest = after;
            } else {
                return Err(format!("a brace closes nothing before {rest:?}; write it twice"));
            }
        }
        literal.push_str(rest);
        parts.push(Part::Text(literal));
        parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
        Ok(Self { parts })
    }

    /// The names that are filled in.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Name(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The first name that is none of these.
    #[must_use]
    pub fn stranger(&self, known: &[&str]) -> Option<&str> {
        self.names().find(|name| !known.contains(name))
    }

    /// Fills the names in; one that has no value is left empty.
    #[must_use]
    pub fn fill(&self, values: &[(&str, &str)]) -> String {
        let value = |name: &str| values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Name(name) => value(name),
            })
            .collect()
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        let escaped = |text: String| text.replace('{', "{{").replace('}', "}}");
        template
            .parts
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => escaped(text),
                Part::Name(name) => format!("{{{name}}}"),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        check("", Ok(""));
        check("plain", Ok("plain"));
        check("{url}: {title}{url}", Ok("u: tu"));
        check("{other}.", Ok("."));
        check("{{url}} }}{{", Ok("{url} }{"));
        check("{{{url}}}", Ok("{u}"));
        check("{url", Err("a brace is left open before \"url\""));
        check("a } b", Err("a brace closes nothing before \" b\"; write it twice"));
    }

    fn check(text: &str, expected: Result<&str, &str>) {
        let template = Template::parse(text);
        let filled = template.clone().map(|template| template.fill(&[("url", "u"), ("title", "t")]));
        assert_eq!(filled, expected.map(str::to_owned).map_err(str::to_owned), "{text:?}");
        if let Ok(template) = template {
            assert_eq!(String::from(template.clone()), text);
            assert_eq!(template.stranger(&["url", "title"]), text.contains("other").then_some("other"));
        }
    }
}
