//! Who teaches.

use std::path::PathBuf;

use offseeker_toy_world::TeacherOptions;
use serde::{Deserialize, Serialize};

use super::section::section;

/// Who teaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeacherKind {
    /// A model without weights that knows how the questions of a made-up encyclopedia are solved.
    #[default]
    Scripted,
    /// A model behind a server that speaks OpenAI's protocol.
    Endpoint,
    /// A model in a folder.
    Local,
}

section! {
    /// Who teaches.
    TeacherConfig {
        /// Who teaches: `scripted` for made-up encyclopedias, `endpoint` for a server, `local` for a model in a folder.
        kind: TeacherKind = TeacherKind::Scripted,
        /// A model without weights.
        scripted: ScriptedTeacher = ScriptedTeacher::default(),
        /// A model behind a server.
        endpoint: EndpointTeacher = EndpointTeacher::default(),
        /// A model in a folder.
        local: LocalTeacher = LocalTeacher::default(),
    }
}

section! {
    /// A model without weights, with the faults that people have.
    ScriptedTeacher {
        /// What its faults are drawn from.
        seed: u64 = 1,
        /// How often it takes the first hit for what is described, without checking it.
        guess: f64 = 0.2,
        /// How often a turn reads a page that has nothing to do with the question.
        detour: f64 = 0.0,
        /// How often it reads a page of which the search showed already that it does not fit.
        wrong_hypothesis: f64 = 0.0,
        /// How often a turn does again what the turn before did.
        loops: f64 = 0.1,
        /// How often a turn is a call that cannot be read.
        malformed: f64 = 0.0,
    }
}

impl ScriptedTeacher {
    /// As the teacher takes them.
    #[must_use]
    pub fn options(&self) -> TeacherOptions {
        let Self { seed, guess, detour, wrong_hypothesis, loops, malformed } = *self;
        TeacherOptions { seed, guess, detour, wrong_hypothesis, loops, malformed }
    }
}

section! {
    /// A model behind a server.
    EndpointTeacher {
        /// What stands before `/chat/completions`.
        base_url: String = String::new(),
        /// The name of the model.
        model: String = String::new(),
        /// The environment variable that has the key; the key itself is never written down.
        key_variable: String = "OFFSEEKER_API_KEY".to_owned(),
        /// The protocol that it is told, where it is another than the agent's: the same tags, explained.
        protocol: String = "few-words-told".to_owned(),
        /// The most tokens of a reply.
        reply_tokens: u64 = 512,
    }
}

section! {
    /// A model in a folder.
    LocalTeacher {
        /// The folder, in Hugging Face's layout.
        path: PathBuf = PathBuf::new(),
        /// The protocol that it is told, where it is another than the agent's.
        protocol: String = "few-words-told".to_owned(),
        /// The most tokens of a reply.
        reply_tokens: u64 = 512,
    }
}
