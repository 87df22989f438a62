//! A grade that is put together from the grades of its parts.

use offseeker_trajectory::{Grade, Outcome, Span};

/// A grade that is put together from the grades of its parts.
#[derive(Debug)]
pub(crate) struct Whole {
    grade: Grade,
}

impl Whole {
    pub(crate) fn new(name: &str) -> Self {
        Self { grade: Grade::unscored(name, "none of its parts says whether the answer is right") }
    }

    /// Takes a part in and says its value.
    ///
    /// # Errors
    ///
    /// The whole, unscored, where the part has no value.
    pub(crate) fn take(&mut self, part: &str, grade: Grade) -> Result<f64, Box<Grade>> {
        let Some(value) = grade.value else {
            let reason = match &grade.outcome {
                Outcome::Unscored { reason } => reason.as_str(),
                _ => "it has no value",
            };
            let mut whole = Grade::unscored(&self.grade.grader, format!("{part}: {reason}"));
            whole.components = std::mem::take(&mut self.grade.components);
            return Err(Box::new(whole));
        };
        if !is_known(&self.grade.outcome) && is_known(&grade.outcome) {
            self.grade.outcome = grade.outcome;
        }
        self.grade.components.insert(part.to_owned(), value);
        let subs = grade.components.into_iter().map(|(sub, value)| (format!("{part}/{sub}"), value));
        self.grade.components.extend(subs);
        self.grade.spans.extend(grade.spans.into_iter().map(|span| named(part, span)));
        self.grade.evidence.extend(grade.evidence);
        Ok(value)
    }

    /// Notes a figure that is no part.
    pub(crate) fn note(&mut self, name: &str, value: f64) {
        self.grade.components.insert(name.to_owned(), value);
    }

    /// The whole with a value; unscored where that is no finite number.
    pub(crate) fn worth(mut self, value: f64) -> Grade {
        if value.is_finite() {
            self.grade.value = Some(value);
        } else {
            self.grade.outcome = Outcome::Unscored { reason: format!("its parts come to {value}; check the weights") };
            self.grade.components.retain(|_, value| value.is_finite());
        }
        self.grade
    }
}

fn is_known(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Unscored { .. })
}

fn named(part: &str, mut span: Span) -> Span {
    span.note = if span.note.is_empty() { part.to_owned() } else { format!("{part}: {}", span.note) };
    span
}
