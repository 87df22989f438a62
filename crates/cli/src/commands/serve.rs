//! `offseeker serve`: serves a model, or an index.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use offseeker_chat::ChatModel;
use offseeker_language_model::{LocalModel, LocalOptions, serve as models};
use offseeker_pipeline::model;
use offseeker_remote::Key;
use offseeker_search::serve as indices;

use crate::corpus::CorpusArguments;
use crate::failure::Failure;
use crate::model::check_folder;
use crate::outcome::Outcome;
use crate::session::Session;

/// Serves a model in a folder over OpenAI's protocol, or what is searched over Search-R1's and OpenResearcher's.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker serve target/sft/model --protocol few-words --port 8000
  offseeker serve --index target/index --port 8001

Ctrl-C ends it. Requests need the key that is in the variable of --key-variable, where there is one; without a key, keep to
127.0.0.1.")]
pub(crate) struct Serve {
    /// The folder of a model
    #[arg(value_name = "MODEL", required_unless_present = "corpus", conflicts_with = "corpus")]
    model: Option<PathBuf>,
    #[command(flatten)]
    corpus: CorpusArguments,
    /// The protocol whose tags the model writes its calls in; that of its template, where it is not said
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,
    /// The most tokens of a prompt and its reply together
    #[arg(long, value_name = "N")]
    window: Option<u64>,
    /// The address to listen at
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,
    /// The port; 0 stands for any
    #[arg(long, value_name = "PORT", default_value_t = 8_000)]
    port: u16,
    /// The environment variable that has the key that requests to a model need
    #[arg(long, value_name = "VARIABLE", default_value = "OFFSEEKER_SERVE_KEY")]
    key_variable: String,
}

impl Serve {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let address = format!("{}:{}", self.host, self.port);
        let Some(folder) = &self.model else {
            let sources = self.corpus.opened()?;
            let name = sources.search.name().to_owned();
            let bound = indices::Server::new(sources.search, sources.library).bind(&address).await?;
            let url = format!("http://{}", bound.address());
            session.note(format!("{name} is at {url}/retrieve; Ctrl-C ends it"));
            bound.run(session.stopped()).await?;
            return Ok(Outcome::done("ended").with("served", name).with("address", url));
        };
        check_folder(folder)?;
        let model = self.load(folder)?;
        let (name, context) = (model.name().to_owned(), model.context());
        let mut server = models::Server::local(Arc::new(model));
        if let Some(key) = Key::from_env(&self.key_variable) {
            server = server.key(key);
        }
        let bound = server.bind(&address).await?;
        let url = format!("http://{}/v1", bound.address());
        session.note(format!("{name} is at {url} and reads up to {context} tokens; Ctrl-C ends it"));
        bound.run(session.stopped()).await?;
        Ok(Outcome::done("ended").with("served", name).with("address", url))
    }

    fn load(&self, folder: &std::path::Path) -> Result<LocalModel, Failure> {
        if let Some(protocol) = &self.protocol {
            let name =
                folder.file_name().map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned());
            return Ok(model::local(&name, folder, protocol, self.window.unwrap_or(32_768))?);
        }
        let context = self.window.and_then(|window| usize::try_from(window).ok());
        Ok(LocalModel::load(folder, LocalOptions { context, ..LocalOptions::default() })?)
    }
}
