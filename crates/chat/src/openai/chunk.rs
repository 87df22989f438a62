//! A response on the wire: a whole one, or a piece of a streamed one; of a chat or of a bare completion.

use serde::Deserialize;
use serde_json::Value;

/// A response, or a piece of one. Fields that are not needed here are passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Chunk {
    #[serde(default)]
    pub(crate) model: Option<String>,
    #[serde(default)]
    pub(crate) choices: Vec<Choice>,
    #[serde(default)]
    pub(crate) usage: Option<Counts>,
    #[serde(default)]
    pub(crate) error: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    pub(crate) index: usize,
    /// What a piece of a chat adds, or the message of a whole one.
    #[serde(default, alias = "message")]
    pub(crate) delta: Option<Delta>,
    /// What a bare completion says.
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) logprobs: Option<Logprobs>,
    #[serde(default)]
    pub(crate) finish_reason: Option<String>,
    /// What stopped it: vLLM calls it so, SGLang `matched_stop`. Text, or the number of a token.
    #[serde(default, alias = "matched_stop")]
    pub(crate) stop_reason: Option<Value>,
    /// SGLang calls the tokens of a chat so, and those of a bare completion like vLLM.
    #[serde(default, alias = "response_token_ids")]
    pub(crate) token_ids: Option<Vec<u32>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Delta {
    #[serde(default)]
    pub(crate) content: Option<String>,
    /// The older name is the commoner one.
    #[serde(default)]
    pub(crate) reasoning_content: Option<String>,
    #[serde(default)]
    pub(crate) reasoning: Option<String>,
    #[serde(default)]
    pub(crate) refusal: Option<String>,
    #[serde(default)]
    pub(crate) tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CallDelta {
    #[serde(default)]
    pub(crate) index: Option<usize>,
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) function: Option<FunctionDelta>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FunctionDelta {
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Text by the protocol; some servers send the object itself.
    #[serde(default)]
    pub(crate) arguments: Option<Value>,
}

/// Log-probabilities: a list of entries for a chat, parallel lists for a bare completion.
#[derive(Debug, Deserialize)]
pub(crate) struct Logprobs {
    #[serde(default)]
    pub(crate) content: Option<Vec<TokenLogprob>>,
    #[serde(default)]
    pub(crate) tokens: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) token_logprobs: Option<Vec<Option<f64>>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct TokenLogprob {
    #[serde(default)]
    pub(crate) token: String,
    #[serde(default)]
    pub(crate) logprob: Option<f64>,
    /// llama.cpp gives the token itself.
    #[serde(default)]
    pub(crate) id: Option<u32>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Counts {
    #[serde(default)]
    pub(crate) prompt_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) completion_tokens: Option<u64>,
    #[serde(default)]
    pub(crate) prompt_tokens_details: Option<PromptDetails>,
    #[serde(default)]
    pub(crate) completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct PromptDetails {
    #[serde(default)]
    pub(crate) cached_tokens: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct CompletionDetails {
    #[serde(default)]
    pub(crate) reasoning_tokens: Option<u64>,
}
