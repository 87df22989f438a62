//! Prompts for judges: versioned files, pinned by their hash.

use offseeker_chat::Template;

use crate::GradeError;

/// A prompt for a judge: text with names in braces, all of which are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    id: String,
    hash: String,
    text: Template,
}

impl Prompt {
    /// Reads a prompt that has to fill in exactly these names.
    ///
    /// # Errors
    ///
    /// [`GradeError::Prompt`] where it is no template, fills in what there is not, or leaves something out.
    pub fn new(id: impl Into<String>, text: &str, declared: &[&str]) -> Result<Self, GradeError> {
        let id = id.into();
        let wrong = |reason: String| GradeError::Prompt { prompt: id.clone(), reason };
        let template = Template::parse(text).map_err(wrong)?;
        if let Some(stranger) = template.stranger(declared) {
            let there_are = declared.join(", ");
            return Err(wrong(format!("{{{stranger}}} is not filled in here; there are: {there_are}")));
        }
        if let Some(missing) = declared.iter().find(|name| template.names().all(|there| there != **name)) {
            return Err(wrong(format!("it does not fill in {{{missing}}}")));
        }
        let hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        Ok(Self { id, hash, text: template })
    }

    /// Names the prompt and its version: `offseeker/correctness@1`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The first 16 digits of the BLAKE3 hash of its text.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The prompt with its names filled in.
    #[must_use]
    pub fn fill(&self, values: &[(&str, &str)]) -> String {
        self.text.fill(values)
    }
}
