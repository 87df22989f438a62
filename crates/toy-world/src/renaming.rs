//! Names and values permuted: the same world, question or attempt with others in their place.

use std::collections::HashMap;

use offseeker_trajectory::{Answer, Question, Trajectory};
use serde_json::Value;

use crate::names::piece_here;
use crate::{Language, World, WorldError};

/// How many characters a value has at most in a language without spaces.
const LONGEST: usize = 6;

/// Names permuted, piece by piece, and values too where that is wanted: what is renamed says the same of things that are
/// called otherwise.
///
/// A model that learns from attempts under ever other names learns to copy names instead of the names themselves; so with
/// values. All that a name or a value stands in is renamed alike, addresses too, and [`back`](Self::back) undoes it.
/// Numbers stay, because what is said of them (before, after, in the nineties) would not be so of others.
///
/// ```
/// use offseeker_toy_world::{World, WorldOptions};
///
/// let world = World::new(WorldOptions::default())?;
/// let page = world.pages().next().expect("there are pages");
///
/// let renaming = world.renaming(1);
/// let other = renaming.text(&page.text);
/// assert_ne!(other, page.text);
/// assert_eq!(renaming.back().text(&other), page.text);
/// # Ok::<(), offseeker_toy_world::WorldError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Renaming {
    language: Language,
    to: HashMap<String, String>,
}

impl World {
    /// Permutes the pieces of all names, by a seed. Values stay.
    #[must_use]
    pub fn renaming(&self, seed: u64) -> Renaming {
        let mut others = self.names.pieces().to_vec();
        self.draw.of("renaming").nth(seed).shuffle(&mut others);
        let to = self.names.pieces().iter().cloned().zip(others).collect();
        Renaming { language: self.options.language, to }
    }

    /// Permutes the pieces of all names and, each among those of its property, the values that are words.
    ///
    /// On what is renamed so a model learns to copy values. To compare them is learnt more easily where they stay.
    #[must_use]
    pub fn renaming_with_values(&self, seed: u64) -> Renaming {
        let mut renaming = self.renaming(seed);
        let draw = self.draw.of("renaming values").nth(seed);
        for (property, values) in renaming.language.values() {
            let mut others = values.clone();
            draw.of(property).shuffle(&mut others);
            renaming.to.extend(values.iter().zip(others).map(|(from, to)| ((*from).to_owned(), to.to_owned())));
        }
        renaming
    }
}

impl Renaming {
    /// What undoes it.
    #[must_use]
    pub fn back(&self) -> Self {
        let to = self.to.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
        Self { language: self.language, to }
    }

    /// A text under other names.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let mut renamed = String::with_capacity(text.len());
        let mut done = 0;
        while let Some((start, length)) = self.next(text, done) {
            let word = &text[start..start + length];
            renamed.push_str(&text[done..start]);
            renamed.push_str(self.to.get(word).map_or(word, String::as_str));
            done = start + length;
        }
        renamed.push_str(&text[done..]);
        renamed
    }

    /// Where the next piece or value begins at or after a place, and how long it is. In a language with spaces it can be
    /// any word.
    fn next(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        match self.language {
            Language::English => word_at(text, from),
            Language::Chinese => text[from..].char_indices().find_map(|(at, char)| {
                let start = from + at;
                let piece = piece_here(char, &text[start..]);
                piece.or_else(|| self.value_at(&text[start..])).map(|length| (start, length))
            }),
        }
    }

    /// How long the value is that a text begins with.
    fn value_at(&self, text: &str) -> Option<usize> {
        let ends = text.char_indices().map(|(at, char)| at + char.len_utf8()).take(LONGEST);
        ends.filter(|end| self.to.contains_key(&text[..*end])).last()
    }

    /// A question under other names; it is another question, with another id, where it or its answer has a name.
    #[must_use]
    pub fn question(&self, question: &Question) -> Question {
        let answers = question.answers.iter().map(|answer| Answer {
            text: self.text(&answer.text),
            aliases: answer.aliases.iter().map(|alias| self.text(alias)).collect(),
        });
        let mut metadata = question.metadata.clone();
        metadata.values_mut().for_each(|value| self.value(value));
        Question { language: question.language.clone(), metadata, ..Question::new(self.text(&question.text), answers) }
    }

    /// An attempt under other names. It has another id where its question has. The tokens that were sampled are left
    /// out, because they are those of the other names.
    ///
    /// # Errors
    ///
    /// When what it holds cannot be written as JSON.
    pub fn trajectory(&self, trajectory: &Trajectory) -> Result<Trajectory, WorldError> {
        let failed = |error: serde_json::Error| WorldError::Renaming { reason: error.to_string() };
        let mut value = serde_json::to_value(trajectory).map_err(failed)?;
        for node in value["nodes"].as_array_mut().into_iter().flatten() {
            if let Some(origin) = node.pointer_mut("/origin/value").and_then(Value::as_object_mut) {
                origin.remove("tokens");
            }
            self.value(node);
        }
        for part in ["answer", "grades", "metadata"] {
            if let Some(part) = value.get_mut(part) {
                self.value(part);
            }
        }
        let mut renamed: Trajectory = serde_json::from_value(value).map_err(failed)?;
        let question = self.question(&trajectory.question);
        renamed.id = match &trajectory.run {
            Some(run) => Trajectory::id_in_run(run, &question.id, trajectory.attempt),
            None => Trajectory::new(question.clone(), trajectory.attempt).id,
        };
        renamed.question = question;
        Ok(renamed)
    }

    /// Renames all texts in a value.
    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.value(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Where the next piece of a name, or the next word in small letters, begins at or after a place, and how long it is. What
/// a digit or a line below binds to others is no word.
fn word_at(text: &str, from: usize) -> Option<(usize, usize)> {
    let binds = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let start = at + bytes.get(at..)?.iter().position(u8::is_ascii_alphabetic)?;
        let is_piece = bytes[start].is_ascii_uppercase();
        let small =
            bytes[start..].iter().skip(usize::from(is_piece)).take_while(|byte| byte.is_ascii_lowercase()).count();
        let length = usize::from(is_piece) + small;
        at = start + length;
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        if is_piece || !(binds(before) || binds(bytes.get(at))) {
            return Some((start, length));
        }
    }
}
