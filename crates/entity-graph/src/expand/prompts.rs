//! What models are asked, as files with names that are filled in.

use std::path::Path;

use offseeker_chat::Template;
use serde::{Deserialize, Serialize};

use super::ExpandError;

/// The longest file with a prompt, in bytes.
const LONGEST: u64 = 1 << 20;

/// What models are asked. Each prompt is shipped as a file, and each can be another one that uses the same names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompts {
    /// Asks for nouns: `count`, `language`, `domain`, `used`.
    pub nouns: Template,
    /// Asks for the names in a page: `most`, `title`, `url`, `text`.
    pub entities: Template,
    /// Asks how well a name is known: `name`, `kind`.
    pub familiarity: Template,
    /// Asks what pages say of something: `name`, `kind`, `description`, `pages`.
    pub reading: Template,
    /// Asks an agent to find out about something: `name`, `kind`, `description`.
    pub asking: Template,
    /// Follows a prompt where an earlier answer could not be used: `reason`.
    pub again: Template,
}

/// The prompts: name, text, names that it uses.
const SHIPPED: [(&str, &str, &[&str]); 6] = [
    ("nouns", include_str!("../../prompts/nouns.txt"), &["count", "language", "domain", "used"]),
    ("entities", include_str!("../../prompts/entities.txt"), &["most", "title", "url", "text"]),
    ("familiarity", include_str!("../../prompts/familiarity.txt"), &["name", "kind"]),
    ("reading", include_str!("../../prompts/reading.txt"), &["name", "kind", "description", "pages"]),
    ("asking", include_str!("../../prompts/asking.txt"), &["name", "kind", "description"]),
    ("again", include_str!("../../prompts/again.txt"), &["reason"]),
];

impl Default for Prompts {
    fn default() -> Self {
        let shipped = |place: usize| Template::parse(SHIPPED[place].1.trim_end()).expect("a test reads each of them");
        Self {
            nouns: shipped(0),
            entities: shipped(1),
            familiarity: shipped(2),
            reading: shipped(3),
            asking: shipped(4),
            again: shipped(5),
        }
    }
}

impl Prompts {
    /// The prompts that are shipped, each replaced by the file of its name in a folder, `nouns.txt`, where there is one.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or does not use exactly the names of the prompt that it replaces.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self, ExpandError> {
        let mut prompts = Self::default();
        for (name, prompt) in prompts.named() {
            let path = folder.as_ref().join(name).with_extension("txt");
            let size = match std::fs::metadata(&path) {
                Ok(known) => known.len(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(ExpandError::io(&path, error)),
            };
            let failed = |reason: String| ExpandError::Prompt { name: name.to_owned(), reason };
            if size > LONGEST {
                return Err(failed(format!("{} has more than {LONGEST} bytes", path.display())));
            }
            let text = std::fs::read_to_string(&path).map_err(|error| ExpandError::io(&path, error))?;
            *prompt = Template::parse(text.trim_end()).map_err(failed)?;
        }
        prompts.check()?;
        Ok(prompts)
    }

    /// Whether each prompt uses the names that it has to, and no other.
    ///
    /// # Errors
    ///
    /// The first one that does not.
    pub fn check(&self) -> Result<(), ExpandError> {
        let mut copy = self.clone();
        for ((name, prompt), (_, _, names)) in copy.named().into_iter().zip(SHIPPED) {
            let missing = names.iter().find(|wanted| !prompt.names().any(|used| used == **wanted));
            let reason = match (prompt.stranger(names), missing) {
                (Some(stranger), _) => format!("it uses {{{stranger}}}, which nothing fills in"),
                (None, Some(missing)) => format!("it does not use {{{missing}}}"),
                (None, None) => continue,
            };
            return Err(ExpandError::Prompt { name: name.to_owned(), reason });
        }
        Ok(())
    }

    fn named(&mut self) -> [(&'static str, &mut Template); 6] {
        let all = [
            &mut self.nouns,
            &mut self.entities,
            &mut self.familiarity,
            &mut self.reading,
            &mut self.asking,
            &mut self.again,
        ];
        let mut names = SHIPPED.iter().map(|(name, _, _)| *name);
        all.map(|prompt| (names.next().expect("there are as many"), prompt))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn what_is_shipped_uses_the_names_that_it_says() {
        Prompts::default().check().unwrap();
    }

    #[test]
    fn a_prompt_is_replaced_by_a_file_that_uses_the_same_names() {
        check("nouns.txt", "{count} {language} {domain} {used}\n", None);
        check("nouns.txt", "{count} {language} {domain}", Some("it does not use {used}"));
        check("again.txt", "{reason} {name}", Some("it uses {name}, which nothing fills in"));
        check("again.txt", "{reason", Some("a brace is left open"));
        check("other.txt", "{reason", None);
    }

    fn check(file: &str, text: &str, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), text).unwrap();
        match (Prompts::in_folder(folder.path()), expected) {
            (Ok(prompts), None) => assert_eq!(prompts == Prompts::default(), file == "other.txt"),
            (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (found, expected) => panic!("{file}: {found:?}, not {expected:?}"),
        }
    }
}
