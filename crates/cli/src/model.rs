//! Which model is asked: one behind a server, one in a folder, or the scripted teacher of a made-up encyclopedia.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use offseeker_chat::ChatModel;
use offseeker_pipeline::config::EndpointTeacher;
use offseeker_pipeline::{model, teaching};

use crate::failure::Failure;

/// Which model is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct ModelArguments {
    /// A server that speaks OpenAI's protocol: what stands before `/chat/completions`
    #[arg(long, value_name = "URL", requires = "model", conflicts_with = "model_folder")]
    pub(crate) base_url: Option<String>,
    /// The name of the model behind the server
    #[arg(long, value_name = "NAME", requires = "base_url")]
    pub(crate) model: Option<String>,
    /// The environment variable that has the key to the server
    #[arg(long, value_name = "VARIABLE", default_value = "OFFSEEKER_API_KEY")]
    pub(crate) key_variable: String,
    /// A Qwen3 in a folder, in Hugging Face's layout; it runs here
    #[arg(long, value_name = "FOLDER")]
    pub(crate) model_folder: Option<PathBuf>,
}

impl ModelArguments {
    /// The model behind the server, where one is named.
    pub(crate) fn behind_server(&self) -> Result<Option<Arc<dyn ChatModel>>, Failure> {
        let (Some(base_url), Some(model)) = (&self.base_url, &self.model) else { return Ok(None) };
        let endpoint = EndpointTeacher {
            base_url: base_url.clone(),
            model: model.clone(),
            key_variable: self.key_variable.clone(),
            ..EndpointTeacher::default()
        };
        Ok(Some(teaching::endpoint(&endpoint)?))
    }

    /// The model, where one is named. One in a folder speaks the protocol.
    pub(crate) fn open(&self, protocol: &str, window: u64) -> Result<Option<Arc<dyn ChatModel>>, Failure> {
        if let Some(folder) = &self.model_folder {
            check_folder(folder)?;
            let name = std::path::absolute(folder)?.display().to_string();
            return Ok(Some(Arc::new(model::local(&name, folder, protocol, window)?)));
        }
        self.behind_server()
    }
}

/// Refuses a folder that is no model.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Failure> {
    let wants =
        "a model is a folder with config.json, model.safetensors and tokenizer.json, as Hugging Face keeps a Qwen3";
    if !folder.is_dir() {
        return Err(Failure::new(format!("{} is no model: there is no such folder", folder.display())).hint(wants));
    }
    if !folder.join("config.json").exists() {
        return Err(Failure::new(format!("{} is no model: it has no config.json", folder.display())).hint(wants));
    }
    Ok(())
}
