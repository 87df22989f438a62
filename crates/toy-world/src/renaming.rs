//! Names permuted: the same world, question or attempt with other names.

use std::collections::HashMap;

use offseeker_trajectory::{Answer, Question, Trajectory};
use serde_json::Value;

use crate::names::piece_at;
use crate::{Language, World, WorldError};

/// Names permuted, piece by piece: what is renamed says the same of things that are called otherwise.
///
/// A model that learns from attempts under ever other names learns to copy names instead of the names themselves. All
/// that a name stands in is renamed alike, addresses too, and [`back`](Self::back) undoes it.
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
    /// Permutes the pieces of all names, by a seed.
    #[must_use]
    pub fn renaming(&self, seed: u64) -> Renaming {
        let mut others = self.names.pieces().to_vec();
        self.draw.of("renaming").nth(seed).shuffle(&mut others);
        let to = self.names.pieces().iter().cloned().zip(others).collect();
        Renaming { language: self.options.language, to }
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
        while let Some((start, length)) = piece_at(self.language, text, done) {
            let piece = &text[start..start + length];
            renamed.push_str(&text[done..start]);
            renamed.push_str(self.to.get(piece).map_or(piece, String::as_str));
            done = start + length;
        }
        renamed.push_str(&text[done..]);
        renamed
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
