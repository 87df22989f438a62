//! Prompts for models: files with names in braces, all of which are filled in.

use offseeker_chat::{ChatError, ChatModel, Request, Sampling, Template};
use offseeker_trajectory::Message;
use serde::Serialize;

use crate::{Draft, Rejection, SynthesisError};

/// A prompt of which it is known that everything in it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prompt(Template);

impl Prompt {
    /// Reads a prompt that has to fill in exactly these names.
    ///
    /// # Errors
    ///
    /// [`SynthesisError::Prompt`] where it is no template, fills in what there is not, or leaves something out.
    pub(crate) fn new(pass: &str, text: &str, declared: &[&str]) -> Result<Self, SynthesisError> {
        let wrong = |reason: String| SynthesisError::Prompt { pass: pass.to_owned(), reason };
        let template = Template::parse(text).map_err(wrong)?;
        if let Some(stranger) = template.names().find(|name| !declared.contains(name)) {
            let there_are = declared.join(", ");
            return Err(wrong(format!("{{{stranger}}} is not filled in here; there are: {there_are}")));
        }
        match declared.iter().find(|name| template.names().all(|there| there != **name)) {
            Some(missing) => Err(wrong(format!("it does not fill in {{{missing}}}"))),
            None => Ok(Self(template)),
        }
    }

    /// Reads a prompt that comes with the crate.
    pub(crate) fn shipped(text: &str, declared: &[&str]) -> Self {
        Self::new("the crate", text, declared).expect("a test reads the shipped prompts")
    }

    /// What tells it from another.
    pub(crate) fn hash(&self) -> String {
        hashed(&self.0)
    }

    pub(crate) fn fill(&self, values: &[(&str, &str)]) -> String {
        self.0.fill(values)
    }
}

/// The beginning of the hash of something as JSON.
pub(crate) fn hashed(what: &impl Serialize) -> String {
    let json = serde_json::to_vec(what).expect("prompts and phrasebooks are maps of texts");
    blake3::hash(&json).to_hex()[..16].to_owned()
}

/// Asks a model one thing on behalf of a draft. What it does not reply to could not be found out.
pub(crate) async fn ask(
    model: &dyn ChatModel,
    pass: &str,
    draft: &Draft,
    prompt: String,
    sampling: &Sampling,
) -> Result<String, Rejection> {
    let messages = [Message::user(prompt)];
    let request = Request::new(&messages).sampling(sampling).session(&draft.id);
    let reply = model.reply(request).await.map_err(|error| unreachable(pass, &error))?;
    Ok(reply.message.content)
}

/// A model that does not reply is no fault of a draft.
fn unreachable(pass: &str, error: &ChatError) -> Rejection {
    Rejection::undetermined(pass, &format!("model_{}", error.kind()), error.to_string())
}

/// What stands between the last pair of tags of a name.
pub(crate) fn tagged<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let begin = text.rfind(&open)? + open.len();
    let rest = &text[begin..];
    Some(rest[..rest.find(&close).unwrap_or(rest.len())].trim())
}

/// The object that a reply consists of or ends with, read leniently and within bounds.
pub(crate) fn object(reply: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let end = reply.rfind('}')? + 1;
    // The first brace from which on something can be read: what was thought before may have braces too.
    let mut begins = reply[..end].match_indices('{').map(|(at, _)| at).take(64);
    let read = begins.find_map(|at| offseeker_chat::arguments::read(&reply[at..end]).ok());
    read.and_then(|read| read.value.as_object().cloned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_fills_in_what_is_declared() {
        check("{question} {answer}", "");
        check("{question}", "the prompt of p is wrong: it does not fill in {answer}");
        check(
            "{question} {answer} {x}",
            "the prompt of p is wrong: {x} is not filled in here; there are: question, answer",
        );
        check("{question", "the prompt of p is wrong: a brace is left open before \"question\"");
    }

    fn check(text: &str, error: &str) {
        let read = Prompt::new("p", text, &["question", "answer"]);
        assert_eq!(read.map_or_else(|error| error.to_string(), |_| String::new()), error, "{text}");
    }

    #[test]
    fn replies_are_read_leniently() {
        assert_eq!(tagged("so <answer>x</answer> no, <answer> y </answer>", "answer"), Some("y"));
        assert_eq!(tagged("<answer>cut", "answer"), Some("cut"));
        assert_eq!(tagged("none", "answer"), None);
        let fits =
            |reply: &str| object(reply).and_then(|it| it.get("fits").and_then(|it| it.as_str().map(str::to_owned)));
        assert_eq!(fits("{\"fits\": \"yes\"}").as_deref(), Some("yes"));
        assert_eq!(fits("Let me see {hm}. ```json\n{'fits': 'no',}\n```").as_deref(), Some("no"));
        assert_eq!(fits("no object"), None);
        assert_eq!(fits(&"{".repeat(100_000)), None);
    }
}
