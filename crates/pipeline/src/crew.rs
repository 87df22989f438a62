//! Who makes attempts: an agent for each corpus.

use std::collections::BTreeMap;
use std::sync::Arc;

use offseeker_agent_loop::context::{Full, StripOldReasoning};
use offseeker_agent_loop::{Agent, Limits, Protocol, Tools};
use offseeker_chat::{ChatModel, Sampling};
use offseeker_tools::{Kit, Profile};

use crate::config::{AgentConfig, ContextKind};
use crate::{Corpus, PipelineError};

/// Who makes attempts: an agent for each corpus, by its name.
#[derive(Debug, Clone, Default)]
pub struct Crew(BTreeMap<String, Agent>);

/// How a model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asking {
    /// The protocol that is shipped under this name.
    pub protocol: String,
    /// The temperature.
    pub temperature: f64,
    /// The most tokens of a reply.
    pub reply_tokens: u64,
    /// Whether it has tools. One that has none is asked for its answer at once.
    pub has_tools: bool,
    /// What its samples are drawn from.
    pub seed: u64,
}

impl Asking {
    /// As the configuration says it, at a temperature.
    #[must_use]
    pub fn new(config: &AgentConfig, temperature: f64, seed: u64) -> Self {
        let (protocol, reply_tokens) = (config.protocol.clone(), config.reply_tokens);
        Self { protocol, temperature, reply_tokens, has_tools: true, seed }
    }
}

impl Crew {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a model that works on a corpus.
    ///
    /// # Errors
    ///
    /// When a protocol or a profile is not shipped.
    pub fn with(
        mut self,
        corpus: &Corpus,
        model: Arc<dyn ChatModel>,
        config: &AgentConfig,
        asking: &Asking,
    ) -> Result<Self, PipelineError> {
        self.0.insert(corpus.name.clone(), agent(corpus, model, config, asking)?);
        Ok(self)
    }

    /// Everybody, by the corpus.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Agent)> {
        self.0.iter().map(|(corpus, agent)| (corpus.as_str(), agent))
    }
}

fn agent(
    corpus: &Corpus,
    model: Arc<dyn ChatModel>,
    config: &AgentConfig,
    asking: &Asking,
) -> Result<Agent, PipelineError> {
    let missing =
        |field: &'static str, name: &str| PipelineError::Value { field, what: format!("{name:?} is not shipped") };
    let protocol = Protocol::shipped(&asking.protocol).ok_or_else(|| missing("agent.protocol", &asking.protocol))?;
    let tools = if asking.has_tools {
        let profile = Profile::shipped(&config.profile).ok_or_else(|| missing("agent.profile", &config.profile))?;
        Tools::from(Kit::new(profile).searching(corpus.search.clone()).reading(corpus.library.clone()))
    } else {
        Tools::none()
    };
    let sampling = Sampling {
        temperature: Some(asking.temperature),
        max_tokens: u32::try_from(asking.reply_tokens).ok(),
        ..protocol.sampling.clone()
    };
    let limits = config.limits();
    // Whoever has one turn is asked for the answer in it.
    let limits = if asking.has_tools { limits } else { Limits { turns: 1, ..limits } };
    let agent = Agent::new(model, tools).speaking(protocol).sampling(sampling).limited(limits);
    let agent = agent.resampling(0).seeded(asking.seed);
    Ok(match config.context {
        ContextKind::Full => agent.remembering(Full),
        ContextKind::StripOldReasoning => agent.remembering(StripOldReasoning::default()),
    })
}
