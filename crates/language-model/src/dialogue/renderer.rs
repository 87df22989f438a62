//! From messages to tokens, for the prompt of a model that speaks and for one that learns.

use std::sync::Arc;

use minijinja::Value;
use offseeker_chat::dialect::Dialect;
use offseeker_chat::{ChatError, Prompt, Render};
use offseeker_trajectory::{Message, Role, Segment, ToolSpec};

use super::check::check;
use super::marks::Marked;
use super::segments::segments;
use super::template::tool_values;
use super::thinking::{last_asked, reasoning, stripped};
use super::{ChatTemplate, DialogueError, Thinking};
use crate::Tokenizer;
use crate::tokenizer::Encoded;

/// From messages to tokens, for the prompt of a model that speaks and for one that learns, by the same rules.
#[derive(Debug, Clone)]
pub struct Renderer {
    tokenizer: Arc<Tokenizer>,
    template: ChatTemplate,
    pub(super) dialect: Dialect,
    pub(super) thinking: Thinking,
}

/// A dialogue as text and as tokens, and where each token comes from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// The tokens.
    pub ids: Vec<u32>,
    /// Where each token comes from.
    pub origins: Vec<Origin>,
    /// The turns of the model that stand in it otherwise than they were sampled, or after another prompt, because their
    /// reasoning or that of others was taken out. Their tokens count as given.
    pub altered: Vec<usize>,
}

/// Where a token of a dialogue comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The template, or a message that the model did not write.
    Given,
    /// The model.
    Written {
        /// The number of the message, from nought.
        message: usize,
        /// The part of it in which the token begins. The token that ends a turn belongs to its last part.
        segment: Segment,
    },
}

impl Renderer {
    /// A renderer that keeps all reasoning and reads turns in the dialect `qwen`.
    ///
    /// # Errors
    ///
    /// When the template writes special tokens that the tokenizer does not have, or the tokenizer does not say at which
    /// token a turn ends.
    pub fn new(tokenizer: Arc<Tokenizer>, template: ChatTemplate) -> Result<Self, DialogueError> {
        if tokenizer.ends().is_empty() {
            return Err(DialogueError::NoEndToken);
        }
        for (number, line) in template.source().lines().enumerate() {
            if let Some(token) = markers(line).find(|token| tokenizer.id(token).is_none()) {
                let (name, token) = (template.name().to_owned(), token.to_owned());
                return Err(DialogueError::MissingToken { name, line: number + 1, token });
            }
        }
        let config = tokenizer.config();
        let parts = [
            ("bos_token", &config.bos),
            ("eos_token", &config.eos),
            ("pad_token", &config.pad),
            ("unk_token", &config.unk),
        ];
        let named = parts.into_iter().filter_map(|(name, token)| Some((name, token.clone()?)));
        // What is to be taken out is taken out before the template is asked.
        let template = named
            .fold(template, |template, (name, token)| template.with(name, token.into()))
            .with("keep_thinking", true.into());
        let dialect = Dialect::shipped("qwen").expect("it comes with the crate").clone();
        Ok(Self { tokenizer, template, dialect, thinking: Thinking::default() })
    }

    /// Reads turns in another dialect.
    #[must_use]
    pub fn speaking(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// Says which reasoning the model sees again.
    #[must_use]
    pub fn thinking(self, thinking: Thinking) -> Self {
        Self { thinking, ..self }
    }

    /// The tokenizer.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The tokenizer, to be shared.
    #[must_use]
    pub fn shared_tokenizer(&self) -> Arc<Tokenizer> {
        self.tokenizer.clone()
    }

    /// The same renderer with some variables of the template set, such as `enable_thinking`.
    #[must_use]
    pub fn with_variables(&self, variables: &serde_json::Map<String, serde_json::Value>) -> Self {
        let set =
            |template: ChatTemplate, (name, value): (&String, &serde_json::Value)| template.with(name, value.clone());
        Self { template: variables.iter().fold(self.template.clone(), set), ..self.clone() }
    }

    /// The dialect in which turns are read.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The template.
    #[must_use]
    pub fn template(&self) -> &ChatTemplate {
        &self.template
    }

    /// The prompt from which the model goes on after these messages.
    ///
    /// # Errors
    ///
    /// When the messages cannot be rendered, or the last one is the model's own.
    pub fn prompt(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Vec<u32>, DialogueError> {
        check(messages)?;
        if let Some((at, last)) =
            messages.iter().enumerate().next_back().filter(|(_, last)| last.role == Role::Assistant)
        {
            let reason = "the model goes on after somebody else has spoken";
            return Err(DialogueError::Role { message: at, role: last.role, reason });
        }
        let script = self.script(messages, tools, true)?;
        Ok(self.encode(&script, messages, tools)?.ids)
    }

    /// A whole dialogue, with the origin of every token.
    ///
    /// # Errors
    ///
    /// When the messages cannot be rendered, or it cannot be told exactly which tokens the model wrote.
    pub fn render(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Rendered, DialogueError> {
        check(messages)?;
        let script = self.script(messages, tools, false)?;
        let encoded = self.encode(&script, messages, tools)?;
        let mut origins = vec![Origin::Given; encoded.ids.len()];
        let mut altered = Vec::new();
        for turn in &script.turns {
            if turn.is_exact {
                self.mark_turn(turn, &script.text, messages, &encoded, &mut origins)?;
            } else if turn.is_current {
                return Err(turn.not_the_prompt());
            } else {
                altered.push(turn.message);
            }
        }
        Ok(Rendered { text: script.text, ids: encoded.ids, origins, altered })
    }

    /// The text, and where the turns of the model begin in it.
    fn script(&self, messages: &[Message], tools: &[ToolSpec], prompt: bool) -> Result<Script, DialogueError> {
        let cast = Cast::new(self, messages, tools)?;
        let text = self.template.render_values(&cast.seen(messages.len()), &cast.tools, prompt)?;
        let last = cast.asked_before(messages.len());
        let written = messages.iter().enumerate().filter(|(_, message)| message.role == Role::Assistant);
        let turns = written.map(|(at, _)| {
            let before = self.template.render_values(&cast.seen(at), &cast.tools, true)?;
            let same = before.bytes().zip(text.bytes()).take_while(|(left, right)| left == right).count();
            let is_prompt = same == before.len();
            let is_current = last.is_none_or(|last| at > last);
            let is_exact = is_prompt && (is_current || cast.stripped[at].is_none());
            let starts_in_reasoning =
                self.dialect.reasoning.as_ref().is_some_and(|tags| before.trim_end().ends_with(&tags.open));
            Ok(Turn { message: at, start: same, is_prompt, is_exact, is_current, starts_in_reasoning })
        });
        let turns = turns.collect::<Result<_, DialogueError>>()?;
        Ok(Script { text, turns, prompt })
    }

    fn encode(&self, script: &Script, messages: &[Message], tools: &[ToolSpec]) -> Result<Encoded, DialogueError> {
        let literal = match Marked::of(messages, tools, &self.tokenizer) {
            None => Vec::new(),
            Some(marked) => {
                let cast = Cast::new(self, &marked.messages, &marked.tools)?;
                let text = self.template.render_values(&cast.seen(messages.len()), &cast.tools, script.prompt)?;
                let places = marked.places(&text, &script.text, &self.tokenizer);
                places.ok_or(DialogueError::Unmarkable { message: marked.first })?
            }
        };
        let cuts: Vec<usize> = script.turns.iter().filter(|turn| turn.is_prompt).map(|turn| turn.start).collect();
        Ok(self.tokenizer.encode_around(&script.text, &literal, &cuts)?)
    }

    /// Says of the tokens of a turn that the model wrote them: from the end of its prompt to its ending token.
    fn mark_turn(
        &self,
        turn: &Turn,
        text: &str,
        messages: &[Message],
        encoded: &Encoded,
        origins: &mut [Origin],
    ) -> Result<(), DialogueError> {
        let message = turn.message;
        let ends = self.tokenizer.ends();
        let first = encoded.places.partition_point(|place| place.start < turn.start);
        let len = encoded.ids[first..].iter().position(|id| ends.contains(id));
        let last = first + len.ok_or_else(|| DialogueError::NoEnd { message, ends: ends.to_vec() })?;
        let written = &text[turn.start..encoded.places[last].start];
        self.check_whole(message, &messages[message], written, turn.starts_in_reasoning)?;
        let parts = segments(written, &self.dialect, turn.starts_in_reasoning);
        let mut part = 0;
        for (origin, place) in origins[first..=last].iter_mut().zip(&encoded.places[first..=last]) {
            let begin = place.start - turn.start;
            while part + 1 < parts.len() && begin >= parts[part].0 {
                part += 1;
            }
            let segment = parts.get(part).map_or(Segment::Text, |&(_, segment)| segment);
            *origin = Origin::Written { message, segment };
        }
        Ok(())
    }

    fn check_whole(
        &self,
        at: usize,
        message: &Message,
        written: &str,
        in_reasoning: bool,
    ) -> Result<(), DialogueError> {
        let left_out = |what| Err(DialogueError::LeftOut { message: at, what });
        let reasoned = reasoning(message, &self.dialect);
        if reasoned.is_some_and(|text| !written.contains(text)) {
            return left_out("reasoning");
        }
        let said = if message.reasoning.is_none() && reasoned.is_some() {
            stripped(message, &self.dialect).map_or_else(String::new, |rest| rest.content)
        } else {
            message.content.clone()
        };
        // Where the prompt opens the reasoning, the text may begin with the tag that stands in the prompt.
        let open = self.dialect.reasoning.as_ref().filter(|_| in_reasoning).map_or("", |tags| tags.open.as_str());
        let said = said.trim();
        let said = said.strip_prefix(open).unwrap_or(said).trim();
        if !written.contains(said) {
            return left_out("text");
        }
        if message.tool_calls.iter().any(|call| !written.contains(&call.name)) {
            return left_out("calls");
        }
        Ok(())
    }
}

impl Render for Renderer {
    fn render(&self, messages: &[Message], tools: &[ToolSpec]) -> Result<Prompt, ChatError> {
        let ids = self.prompt(messages, tools).map_err(|error| ChatError::invalid(error.to_string()))?;
        Ok(Prompt::Tokens(ids))
    }
}

/// A rendered dialogue before it is split into tokens.
struct Script {
    text: String,
    turns: Vec<Turn>,
    prompt: bool,
}

/// A message of the model in the text.
struct Turn {
    message: usize,
    /// Where its prompt ends, or the first byte that is not its prompt's.
    start: usize,
    is_prompt: bool,
    /// Whether it stands there as it was sampled, after the prompt that it was sampled from.
    is_exact: bool,
    /// Whether no reasoning is taken out of it or of what came since the last message of the user.
    is_current: bool,
    starts_in_reasoning: bool,
}

impl Turn {
    fn not_the_prompt(&self) -> DialogueError {
        DialogueError::NotThePrompt { message: self.message, at: self.start }
    }
}

/// The messages as the template is given them, with and without their reasoning.
struct Cast<'m> {
    messages: &'m [Message],
    dialect: &'m Dialect,
    thinking: Thinking,
    whole: Vec<Value>,
    stripped: Vec<Option<Value>>,
    tools: Value,
}

impl<'m> Cast<'m> {
    fn new(renderer: &'m Renderer, messages: &'m [Message], tools: &[ToolSpec]) -> Result<Self, DialogueError> {
        let Renderer { template, dialect, thinking, .. } = renderer;
        let numbered = || messages.iter().enumerate();
        let whole = numbered().map(|(at, message)| template.value(at, message)).collect::<Result<_, _>>()?;
        let without =
            |(at, message)| stripped(message, dialect).map(|message| template.value(at, &message)).transpose();
        let stripped = match thinking {
            Thinking::Keep => vec![None; messages.len()],
            _ => numbered().map(without).collect::<Result<_, _>>()?,
        };
        Ok(Self { messages, dialect, thinking: *thinking, whole, stripped, tools: tool_values(tools) })
    }

    /// The last message of the user among the first ones.
    fn asked_before(&self, until: usize) -> Option<usize> {
        match self.thinking {
            Thinking::Keep => None,
            _ => last_asked(&self.messages[..until], self.dialect),
        }
    }

    /// What the model sees of the first messages.
    fn seen(&self, until: usize) -> Vec<Value> {
        let asked = self.asked_before(until).unwrap_or(0);
        let value = |at: usize| match &self.stripped[at] {
            Some(stripped) if at < asked => stripped.clone(),
            _ => self.whole[at].clone(),
        };
        (0..until).map(value).collect()
    }
}

/// What looks like a special token in a line of a template: `<|im_end|>`.
fn markers(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("<|").filter_map(|(at, _)| {
        let inner = &line[at + 2..];
        let end = inner.find("|>")?;
        let is_word = !inner[..end].is_empty() && inner[..end].chars().all(|c| c.is_alphanumeric() || c == '_');
        is_word.then(|| &line[at..at + 2 + end + 2])
    })
}
