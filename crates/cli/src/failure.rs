//! Why a subcommand could not do what it was asked for, and what to do about it.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::ErrorKind;
use std::path::Path;

use offseeker_pipeline::PipelineError;

use crate::exit::Exit;

/// Why a subcommand could not do what it was asked for, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) what: String,
    /// What to do, where that is known.
    pub(crate) hint: Option<String>,
    /// How the program ends.
    pub(crate) exit: Exit,
}

impl Failure {
    /// Something went wrong.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None, exit: Exit::Failed }
    }

    /// The command makes no sense.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(what) }
    }

    /// Somebody stopped it.
    pub(crate) fn stopped() -> Self {
        let hint = "everything is kept; the same command goes on".to_owned();
        Self { what: "stopped".to_owned(), hint: Some(hint), exit: Exit::Stopped }
    }

    /// With what to do.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same with what to do, unless that is known already.
    pub(crate) fn or_hint(self, hint: impl Into<String>) -> Self {
        if self.hint.is_some() { self } else { self.hint(hint) }
    }

    /// What the system says of a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| {
            let failure = Self::new(format!("{}: {error}", path.display()));
            match of_system(error.kind()) {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A hint that is a line of its own is found again.
        write!(f, "error: {}", self.what.trim_end())?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let is_stopped =
            (&error as &(dyn Error + 'static)).downcast_ref::<PipelineError>().is_some_and(PipelineError::is_stopped);
        if is_stopped {
            return Self::stopped();
        }
        let mut failure = Self::new(whole(&error));
        failure.hint = causes(&error).find_map(hint_of);
        failure
    }
}

/// The error and what is behind it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// What an error says, with what is behind it where it does not say that itself.
fn whole(error: &(dyn Error + 'static)) -> String {
    let mut said = error.to_string();
    for cause in causes(error).skip(1) {
        let cause = cause.to_string();
        if !said.contains(&cause) {
            said.push_str(": ");
            said.push_str(&cause);
        }
    }
    said
}

fn hint_of(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return of_system(error.kind());
    }
    match error.downcast_ref::<PipelineError>()? {
        PipelineError::Config { .. } | PipelineError::Value { .. } => {
            Some("`offseeker config` prints every field with its default".to_owned())
        }
        PipelineError::Nothing { what } if what.contains("passed the filter") => {
            Some("`offseeker curate --help` says which rules can be looser".to_owned())
        }
        _ => None,
    }
}

/// What to do about what the system says.
fn of_system(kind: ErrorKind) -> Option<String> {
    let hint = match kind {
        ErrorKind::NotFound => "check how the path is spelt; paths are from the folder in which you are",
        ErrorKind::PermissionDenied => "you may not read or write there; use another folder, or ask its owner",
        ErrorKind::StorageFull => "the disk is full; make room, and the same command goes on",
        ErrorKind::AddrInUse => "another program listens there; use another --port, or 0 for any",
        ErrorKind::IsADirectory => "that is a folder, and a file is wanted",
        ErrorKind::NotADirectory => "that is a file, and a folder is wanted",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_said_in_two_lines() {
        let missing = std::io::Error::from(ErrorKind::NotFound);
        let said = Failure::io(Path::new("questions.jsonl"))(missing).to_string();
        assert!(said.starts_with("error: questions.jsonl: "), "{said}");
        assert!(
            said.ends_with("hint: check how the path is spelt; paths are from the folder in which you are"),
            "{said}"
        );
        assert_eq!(Failure::new("no\n").to_string(), "error: no");
        assert_eq!(Failure::new("no").hint("one").or_hint("two").to_string(), "error: no\nhint: one");
    }
}
