//! How an agent works: its protocol, its tools, its limits.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use offseeker_agent_loop::{Agent, Limits, Protocol, Tools, context};
use offseeker_chat::{ChatModel, Sampling};
use offseeker_search::CorpusEncyclopedia;
use offseeker_tools::{Kit, KitError, Profile, ProfileError};

use crate::corpus::Sources;
use crate::failure::Failure;
use crate::session::Session;

/// How an agent works.
#[derive(Debug, Clone, Args)]
pub(crate) struct AgentArguments {
    /// How the agent and its model speak: a protocol that is shipped. `few-words` for models of `offseeker run`
    #[arg(long, value_name = "NAME")]
    pub(crate) protocol: Option<String>,
    #[command(flatten)]
    pub(crate) tools: ToolArguments,
    /// What of the conversation is kept in view: a context policy that is shipped
    #[arg(long, value_name = "NAME", default_value = "full")]
    pub(crate) context: String,
    /// The most turns of an attempt
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) turns: u32,
    /// The most calls of an attempt
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub(crate) calls: u32,
    /// The most tokens that fit into the window of the model
    #[arg(long, value_name = "N", default_value_t = 32_768)]
    pub(crate) window: u64,
    /// The most tokens of a reply
    #[arg(long, value_name = "N", default_value_t = 2_048)]
    pub(crate) reply_tokens: u32,
    /// The most seconds of an attempt
    #[arg(long, value_name = "N", default_value_t = 3_600)]
    pub(crate) seconds: u64,
    /// The temperature; the protocol's, where it is not said
    #[arg(long, value_name = "T")]
    pub(crate) temperature: Option<f64>,
    /// What samples are drawn from
    #[arg(long, value_name = "SEED", default_value_t = 42)]
    pub(crate) seed: u64,
}

/// Which tools there are.
#[derive(Debug, Clone, Args)]
pub(crate) struct ToolArguments {
    /// Which tools there are, and how they speak: a profile that is shipped
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Lets code of the model run, in a sandbox of the system
    #[cfg(all(unix, feature = "code"))]
    #[arg(long)]
    pub(crate) code: bool,
}

impl AgentArguments {
    /// The name of the protocol. Small models and the scripted teacher speak in few words.
    pub(crate) fn protocol_name(&self, is_scripted: bool) -> &str {
        self.protocol.as_deref().unwrap_or(if is_scripted { "few-words" } else { "native" })
    }

    /// The agent of a model.
    pub(crate) async fn agent(
        &self,
        model: Arc<dyn ChatModel>,
        sources: &Sources,
        is_scripted: bool,
        session: &Session,
    ) -> Result<Agent, Failure> {
        let name = self.protocol_name(is_scripted);
        let protocol = Protocol::shipped(name).ok_or_else(|| {
            let names: Vec<String> = Protocol::all_shipped().map(|protocol| protocol.name).collect();
            Failure::usage(format!("there is no protocol {name:?}")).hint(format!("there are {}", names.join(", ")))
        })?;
        let policy = context::shipped(&self.context).ok_or_else(|| {
            let hint = format!("there are {}", context::SHIPPED.join(", "));
            Failure::usage(format!("there is no context policy {:?}", self.context)).hint(hint)
        })?;
        let kit = self.tools.kit(name, sources, session).await?;
        let sampling = Sampling {
            temperature: self.temperature.or(protocol.sampling.temperature),
            max_tokens: Some(self.reply_tokens),
            ..protocol.sampling.clone()
        };
        let limits = Limits {
            turns: self.turns,
            calls: self.calls,
            context: self.window,
            reserve: u64::from(self.reply_tokens).saturating_mul(2).min(self.window / 2),
            wall_time: Duration::from_secs(self.seconds),
            ..Limits::default()
        };
        let agent = Agent::new(model, Tools::from(kit)).speaking(protocol).sampling(sampling).limited(limits);
        Ok(agent.remembering(policy).seeded(self.seed))
    }
}

impl ToolArguments {
    /// The tools over some sources. A profile that is not named is that of the protocol, where there is one of its name.
    pub(crate) async fn kit(&self, protocol: &str, sources: &Sources, session: &Session) -> Result<Kit, Failure> {
        let profile = match &self.profile {
            Some(name) => Profile::shipped(name).ok_or_else(|| {
                let names: Vec<&str> = Profile::shipped_names().collect();
                Failure::usage(format!("there is no profile {name:?}")).hint(format!("there are {}", names.join(", ")))
            })?,
            None => Profile::shipped(protocol.trim_end_matches("-told"))
                .unwrap_or_else(|| Profile::shipped("offseeker").expect("it is shipped")),
        };
        let (search, library) = (sources.search.clone(), sources.library.clone());
        let encyclopedia = Arc::new(CorpusEncyclopedia::new(search.clone(), library.clone()));
        let kit = Kit::new(profile).searching(search).reading(library).looking_up(encyclopedia);
        #[cfg(all(unix, feature = "code"))]
        let kit = if self.code {
            kit.running(offseeker_tools::code::Interpreter::detect(Default::default()).await?)
        } else {
            kit
        };
        without_missing(kit, session)
    }
}

/// Takes out the tools that lack what they work with, and says so.
fn without_missing(mut kit: Kit, session: &Session) -> Result<Kit, Failure> {
    loop {
        match kit.toolbox() {
            Ok(_) => return Ok(kit),
            Err(KitError::Profile(ProfileError::Missing { tool, what, .. })) => {
                session.note(format!("without the tool {tool}, which needs {what}"));
                let profile = kit.profile().clone().without(&[tool.as_str()]);
                kit = kit.profiled(profile);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
