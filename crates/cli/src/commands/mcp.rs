//! `offseeker mcp`: serves the tools of an agent to other programs.

use clap::Args;
use offseeker_tools::mcp;

use crate::corpus::CorpusArguments;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::toolset::ToolArguments;

/// Serves the tools of an agent over the Model Context Protocol, on standard input and output, until the input ends.
#[derive(Debug, Args)]
#[command(after_help = "Example, as other programs configure it:
  {\"mcpServers\": {\"research\": {\"command\": \"offseeker\", \"args\": [\"mcp\", \"--index\", \"/path/to/index\"]}}}

  offseeker mcp --index target/index --profile offseeker --code

The standard output belongs to the protocol, so --json says nothing here.")]
pub(crate) struct Mcp {
    #[command(flatten)]
    corpus: CorpusArguments,
    #[command(flatten)]
    tools: ToolArguments,
}

impl Mcp {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let sources = self.corpus.opened()?;
        let toolbox = self.tools.kit("offseeker", &sources, session).await?.toolbox()?;
        let names: Vec<&str> = toolbox.specs().iter().map(|spec| spec.name.as_str()).collect();
        session.note(format!("serving {} on standard input and output; close the input to stop", names.join(", ")));
        tokio::select! {
            served = mcp::serve_stdio(toolbox) => served?,
            () = session.stopped() => {}
        }
        Ok(Outcome::done(""))
    }
}
