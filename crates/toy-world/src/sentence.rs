//! A sentence with slots: filled to write it, matched to read it.

use serde::Deserialize;

/// A sentence with slots, such as `{s} is a town founded in {founded}.`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Sentence {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Slot(String),
}

impl TryFrom<String> for Sentence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, after) = after.split_once('}').ok_or_else(|| format!("a slot of {text:?} is not closed"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            } else if matches!(parts.last(), Some(Part::Slot(_))) {
                return Err(format!("two slots of {text:?} touch each other"));
            }
            parts.push(Part::Slot(slot.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }
}

impl Sentence {
    /// The names of its slots, in order.
    pub(crate) fn slots(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Slot(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// What stands between its slots.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Slot(_) => None,
        })
    }

    /// What stands before the colon, in a sentence that is nothing but a heading and a value.
    pub(crate) fn heading(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(before), Part::Slot(_), Part::Text(_)] => before.trim_end().strip_suffix([':', '：']),
            _ => None,
        }
    }

    /// The sentence with its slots filled; one that nothing is given for stays empty.
    pub(crate) fn fill<'a>(&'a self, value: impl Fn(&'a str) -> Option<String>) -> String {
        let filled = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Slot(name) => value(name).unwrap_or_default(),
        });
        filled.collect()
    }

    /// The sentence with these values in its slots.
    pub(crate) fn with(&self, values: &[(&str, &str)]) -> String {
        self.fill(|slot| values.iter().find(|(name, _)| *name == slot).map(|(_, value)| (*value).to_owned()))
    }

    /// What stands in its slots, where a text is this sentence.
    pub(crate) fn read<'a, 't>(&'a self, text: &'t str) -> Option<Vec<(&'a str, &'t str)>> {
        let mut found = Vec::new();
        let mut rest = text;
        let mut open: Option<&str> = None;
        for (place, part) in self.parts.iter().enumerate() {
            match part {
                Part::Slot(name) => open = Some(name),
                Part::Text(literal) => {
                    let is_last = place + 1 == self.parts.len();
                    let at = if open.is_none() {
                        rest.starts_with(literal.as_str()).then_some(0)?
                    } else if is_last {
                        rest.len().checked_sub(literal.len()).filter(|_| rest.ends_with(literal.as_str()))?
                    } else {
                        rest.find(literal.as_str())?
                    };
                    if let Some(name) = open.take() {
                        found.push((name, &rest[..at]));
                    }
                    rest = &rest[at + literal.len()..];
                }
            }
        }
        match open {
            Some(name) => found.push((name, rest)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        found.iter().all(|(_, value)| !value.is_empty()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_read_as_it_is_filled() {
        check("{s} is a town founded in {founded}.", "Karlin is a town founded in 1204.", Some(&["Karlin", "1204"]));
        check("Region: {region}.", "Region: Orsa.", Some(&["Orsa"]));
        check("Region: {region}.", "Region: .", None);
        check("Region: {region}.", "River: Orsa.", None);
        check("Region: {region}.", "Region: Orsa. ", None);
        check("{a}的{b}", "卡林的河", Some(&["卡林", "河"]));
        check("nothing", "nothing", Some(&[]));
        check("nothing", "nothing more", None);
    }

    fn check(sentence: &str, text: &str, expected: Option<&[&str]>) {
        let sentence = Sentence::try_from(sentence.to_owned()).unwrap();
        let read = sentence.read(text);
        let values: Option<Vec<&str>> = read.as_ref().map(|read| read.iter().map(|(_, value)| *value).collect());
        assert_eq!(values.as_deref(), expected, "{text}");
        if let Some(read) = &read {
            assert_eq!(sentence.with(read), text);
        }
    }

    #[test]
    fn a_sentence_that_cannot_be_read_is_refused() {
        for bad in ["{a}{b}", "{a"] {
            assert!(Sentence::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
