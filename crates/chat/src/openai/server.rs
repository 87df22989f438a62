//! The kinds of servers, and where they differ.

use serde::{Deserialize, Serialize};

use crate::Request;

/// A kind of server. All speak the same protocol; this says where they differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Server {
    /// OpenAI itself.
    OpenAi,
    /// vLLM.
    Vllm,
    /// SGLang.
    SgLang,
    /// The server of llama.cpp.
    LlamaCpp,
    /// Ollama.
    Ollama,
    /// That of offseeker, for a model that runs on the machine.
    Offseeker,
    /// Any other: asked for nothing but the common ground.
    #[default]
    Other,
}

impl Server {
    /// Guesses the kind from what a server calls the owner of its models.
    pub(crate) fn from_owner(owner: &str) -> Self {
        match owner {
            "vllm" => Self::Vllm,
            "sglang" => Self::SgLang,
            "llamacpp" => Self::LlamaCpp,
            "library" => Self::Ollama,
            "offseeker" => Self::Offseeker,
            "system" | "openai" | "openai-internal" => Self::OpenAi,
            _ => Self::Other,
        }
    }

    /// The field in which a chat request says how much may be written.
    pub(crate) fn max_tokens_field(self) -> &'static str {
        match self {
            // Its reasoning models refuse the old name.
            Self::OpenAi => "max_completion_tokens",
            _ => "max_tokens",
        }
    }

    /// Whether `return_token_ids` is understood.
    pub(crate) fn returns_token_ids(self) -> bool {
        matches!(self, Self::Vllm | Self::SgLang | Self::Offseeker)
    }

    /// Whether it can stream the reply to a chat that asks for this.
    pub(crate) fn streams(self, request: Request<'_>) -> bool {
        let sampling = request.sampling;
        match self {
            // It names the tokens of a chat only in a whole response.
            Self::SgLang => !sampling.token_ids,
            // It leaves out the last token of a streamed chat, and streams no log-probabilities beside tools.
            Self::LlamaCpp => !sampling.token_ids && (request.tools.is_empty() || !sampling.logprobs),
            _ => true,
        }
    }

    /// Whether the reasoning of earlier messages may be sent back.
    pub(crate) fn takes_reasoning(self) -> bool {
        matches!(self, Self::Vllm | Self::SgLang | Self::LlamaCpp | Self::Offseeker)
    }
}

/// A model that a server offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What the server calls it.
    pub id: String,
    /// How many tokens its window holds, where the server says it.
    pub window: Option<u64>,
}

#[derive(Deserialize)]
pub(crate) struct ModelList {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
    #[serde(default)]
    owned_by: Option<String>,
    #[serde(default)]
    max_model_len: Option<u64>,
    #[serde(default)]
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    n_ctx: Option<u64>,
    #[serde(default)]
    n_ctx_train: Option<u64>,
}

impl ModelList {
    pub(crate) fn server(&self) -> Server {
        self.data.iter().find_map(|model| model.owned_by.as_deref()).map_or(Server::Other, Server::from_owner)
    }

    pub(crate) fn offers(self) -> Vec<Offer> {
        let window = |model: &ListedModel| {
            model.max_model_len.or_else(|| model.meta.as_ref().and_then(|meta| meta.n_ctx.or(meta.n_ctx_train)))
        };
        self.data.into_iter().map(|model| Offer { window: window(&model), id: model.id }).collect()
    }
}
