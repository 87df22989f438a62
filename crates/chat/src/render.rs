//! From messages to a prompt, for servers that continue a bare text.

use std::fmt::{Debug, Write};

use offseeker_trajectory::{Message, ToolSpec};
use serde::{Deserialize, Serialize};

use crate::ChatError;

/// What a model continues: text, or the tokens of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Prompt {
    /// Text that the server splits into tokens.
    Text(String),
    /// Tokens.
    Tokens(Vec<u32>),
}

/// Turns a conversation into a prompt that ends where the model is to go on.
pub trait Render: Debug + Send + Sync {
    /// Renders a conversation.
    ///
    /// # Errors
    ///
    /// [`ChatError::InvalidRequest`] when the conversation has something in it that cannot be rendered.
    fn render(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Prompt, ChatError>;
}

/// ChatML as Qwen speaks it: each message between `<|im_start|>` and `<|im_end|>`.
///
/// The markers themselves may stand in a message, in a page about models for instance. They are broken up by a
/// zero-width space, so that no text can end its message and begin another.
///
/// ```
/// use offseeker_chat::{ChatMl, Prompt, Render};
/// use offseeker_trajectory::Message;
///
/// let prompt = ChatMl::default().render(&[Message::user("Hello")], &[])?;
/// assert_eq!(prompt, Prompt::Text("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n".into()));
/// # Ok::<(), offseeker_chat::ChatError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatMl {
    /// What the model's message begins with: `<think>\n` for a model that is always to reason.
    pub opening: String,
}

impl Render for ChatMl {
    fn render(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Prompt, ChatError> {
        if !tools.is_empty() {
            return Err(ChatError::invalid("ChatML has no place for tools; describe them in the system message"));
        }
        let mut prompt = String::new();
        for (at, message) in messages.iter().enumerate() {
            if message.reasoning.is_some() || !message.tool_calls.is_empty() {
                return Err(ChatError::invalid(format!(
                    "message {at} has reasoning or calls beside its text; ChatML holds text alone, so render them into it by a dialect"
                )));
            }
            let content = message.content.replace("<|im_", "<|\u{200b}im_");
            // Writing to a String cannot fail.
            let _ = writeln!(prompt, "<|im_start|>{}\n{content}<|im_end|>", message.role);
        }
        let _ = write!(prompt, "<|im_start|>assistant\n{}", self.opening);
        Ok(Prompt::Text(prompt))
    }
}
