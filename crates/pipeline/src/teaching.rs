//! Who teaches: made of the configuration.

use std::path::Path;
use std::sync::Arc;

use offseeker_chat::ChatModel;
use offseeker_toy_world::{Task, Teacher, TeacherOptions};

use crate::config::{EndpointTeacher, TeacherKind};
use crate::corpora::Corpora;
use crate::questions::{Planned, corpus_of};
use crate::{Asking, Config, Crew, PipelineError, model};

/// The crew of the teacher, who knows the plans of these questions if it is a scripted one.
///
/// # Errors
///
/// When there is no such model.
pub fn teacher(config: &Config, corpora: &Corpora, questions: &[Planned]) -> Result<Crew, PipelineError> {
    match config.teacher.kind {
        TeacherKind::Scripted => scripted(config, corpora, questions, config.teacher.scripted.options()),
        TeacherKind::Endpoint => {
            let EndpointTeacher { protocol, reply_tokens, .. } = &config.teacher.endpoint;
            everywhere(config, corpora, &endpoint(&config.teacher.endpoint)?, &asking(config, protocol, *reply_tokens))
        }
        TeacherKind::Local => {
            let local = &config.teacher.local;
            let model = model::local("teacher", &local.path, &local.protocol, config.agent.window)?;
            everywhere(config, corpora, &(Arc::new(model) as _), &asking(config, &local.protocol, local.reply_tokens))
        }
    }
}

/// A crew that takes the first hit for whatever is described, and makes no other mistake.
///
/// # Errors
///
/// As [`teacher`].
pub fn first_hit(config: &Config, corpora: &Corpora, questions: &[Planned]) -> Result<Crew, PipelineError> {
    let options = TeacherOptions { seed: config.teacher.scripted.seed, guess: 1.0, ..TeacherOptions::default() };
    scripted(config, corpora, questions, options)
}

/// A crew of one model in a folder.
///
/// # Errors
///
/// When the folder has none.
pub fn student(
    config: &Config,
    corpora: &Corpora,
    name: &str,
    folder: &Path,
    asking: &Asking,
) -> Result<Crew, PipelineError> {
    let model = model::local(name, folder, &asking.protocol, config.agent.window)?;
    everywhere(config, corpora, &(Arc::new(model) as _), asking)
}

/// The model behind the server of the configuration. Its key comes from the environment and goes nowhere else.
///
/// # Errors
///
/// When the address is no use.
#[cfg(feature = "openai")]
pub fn endpoint(config: &EndpointTeacher) -> Result<Arc<dyn ChatModel>, PipelineError> {
    use offseeker_chat::{ChatModelExt, Key, OpenAi, Options, RetryPolicy};
    let key = Key::from_env(&config.key_variable);
    let server = OpenAi::new(&config.base_url, &config.model, key, Options::default())?;
    Ok(Arc::new(server.retrying(RetryPolicy::default())))
}

/// The model behind the server of the configuration.
///
/// # Errors
///
/// Always: this build has no client for servers.
#[cfg(not(feature = "openai"))]
pub fn endpoint(_: &EndpointTeacher) -> Result<Arc<dyn ChatModel>, PipelineError> {
    let what = "this build has no client for servers; build it with the feature `openai`".to_owned();
    Err(PipelineError::Value { field: "teacher.kind", what })
}

fn asking(config: &Config, protocol: &str, reply_tokens: u64) -> Asking {
    Asking {
        protocol: protocol.to_owned(),
        reply_tokens,
        ..Asking::new(&config.agent, config.attempts.temperature, config.seed)
    }
}

fn scripted(
    config: &Config,
    corpora: &Corpora,
    questions: &[Planned],
    options: TeacherOptions,
) -> Result<Crew, PipelineError> {
    let asking = Asking::new(&config.agent, 0.0, config.seed);
    let mut crew = Crew::new();
    for corpus in corpora.all() {
        let Some(world) = corpus.world() else { continue };
        let of = questions.iter().filter(|it| corpus_of(&it.question) == corpus.name);
        let tasks: Vec<Task> = of.map(|it| Task { question: it.question.clone(), plan: it.plan.clone() }).collect();
        let model = Teacher::new(world.clone(), &tasks, options).in_few_words();
        crew = crew.with(corpus, Arc::new(model), &config.agent, &asking)?;
    }
    Ok(crew)
}

fn everywhere(
    config: &Config,
    corpora: &Corpora,
    model: &Arc<dyn ChatModel>,
    asking: &Asking,
) -> Result<Crew, PipelineError> {
    corpora.all().try_fold(Crew::new(), |crew, corpus| crew.with(corpus, model.clone(), &config.agent, asking))
}
