//! Chat templates of models: from messages and tools to the text that the model reads.

use std::collections::BTreeMap;
use std::path::Path;

use minijinja::value::Serde;
use minijinja::{Environment, Value};
use offseeker_trajectory::{Message, ToolCall, ToolSpec};
use serde_json::json;

use super::DialogueError;
use super::environment::environment;
use crate::tokenizer::{Tokenizer, text_of};

const QWEN: &str = include_str!("../../templates/qwen.jinja");
const BRIEF: &str = include_str!("../../templates/brief.jinja");
/// The most bytes that a template may have.
const MOST: u64 = 1 << 20;

/// A chat template, as Hugging Face's models bring them.
///
/// It runs as `transformers` runs it: blocks trimmed, `tojson` spelled as Python spells JSON, Python's methods on texts
/// and lists, `raise_exception`, `strftime_now`, `break` and `continue`, `generation` blocks.
///
/// ```
/// use offseeker_language_model::ChatTemplate;
/// use offseeker_trajectory::Message;
///
/// let template = ChatTemplate::qwen();
/// let text = template.render(&[Message::user("Hello")], &[], true)?;
/// assert_eq!(text, "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
/// # Ok::<(), offseeker_language_model::DialogueError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    name: String,
    source: String,
    environment: Environment<'static>,
    variables: BTreeMap<String, Value>,
    arguments_as_written: bool,
}

impl ChatTemplate {
    /// The template of this crate: ChatML with reasoning, tools, calls and results as Qwen3 writes them.
    ///
    /// It differs from Qwen3's own in two points: `keep_thinking` keeps all reasoning, and a last turn without reasoning
    /// has no empty block of it, so that a dialogue begins with what it was a turn ago.
    #[must_use]
    pub fn qwen() -> Self {
        let template = Self::new("qwen", QWEN).expect("a test renders the template that is shipped");
        template.arguments_as_written()
    }

    /// The template of this crate for models of a million weights, to which every token is dear: a mark before each message
    /// and one after what the model says. It leaves out instructions, so that a teacher may be told what a student need
    /// not be, and it knows no tools.
    ///
    /// Its marks are `<|user|>`, `<|assistant|>` and `<|im_end|>`; a tokenizer has to have them.
    #[must_use]
    pub fn brief() -> Self {
        Self::new("brief", BRIEF).expect("a test renders the template that is shipped")
    }

    /// Reads a template.
    ///
    /// # Errors
    ///
    /// When it is no Jinja template.
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Result<Self, DialogueError> {
        let (name, source) = (name.into(), source.into());
        let mut template = Self {
            environment: environment(None),
            name,
            source,
            variables: BTreeMap::new(),
            arguments_as_written: false,
        };
        template.compile()?;
        Ok(template)
    }

    fn compile(&mut self) -> Result<(), DialogueError> {
        let source = without_generation(&self.source);
        self.environment.add_template_owned("chat", source).map_err(|error| failed(&self.name, &error))
    }

    /// Reads a template from a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no Jinja template.
    pub fn load(file: &Path) -> Result<Self, DialogueError> {
        let wrong = |source| DialogueError::Read { file: file.to_owned(), source: Box::new(source) };
        let missing =
            || crate::TokenizerError::Read { file: file.to_owned(), source: std::io::ErrorKind::NotFound.into() };
        let source = text_of(file, MOST).and_then(|text| text.ok_or_else(missing)).map_err(wrong)?;
        Self::new(file.display().to_string(), source)
    }

    /// The template of a name in the folder of a tokenizer; most folders have one, called `default`.
    ///
    /// # Errors
    ///
    /// When there is none of this name, or it is no Jinja template.
    pub fn of(tokenizer: &Tokenizer, name: &str) -> Result<Self, DialogueError> {
        let config = tokenizer.config();
        let source = config.template(name).ok_or_else(|| DialogueError::NoTemplate {
            name: name.to_owned(),
            there_are: config.templates.iter().map(|(name, _)| name.clone()).collect(),
        })?;
        let template = Self::new(name, source)?;
        // What a tokenizer was saved with is ours again when it is read.
        Ok(if source == QWEN { template.arguments_as_written() } else { template })
    }

    /// Hands the arguments of calls to the template as the model spelled them, for templates that write text as it is.
    /// Without this they are handed over as objects, and the template spells them.
    #[must_use]
    pub fn arguments_as_written(mut self) -> Self {
        self.arguments_as_written = true;
        self
    }

    /// Sets a variable of the template, such as `enable_thinking`.
    #[must_use]
    pub fn with(mut self, variable: impl Into<String>, value: serde_json::Value) -> Self {
        self.variables.insert(variable.into(), Value::from(Serde(value)));
        self
    }

    /// Says what `strftime_now` is to take for now, in milliseconds since 1970. Templates that ask for the date fail
    /// without this, because a prompt that changes overnight is none that was trained on.
    #[must_use]
    pub fn dated(mut self, now_ms: u64) -> Self {
        self.environment = environment(Some(now_ms));
        self.compile().expect("it was compiled before");
        self
    }

    /// What it is called: its file or its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The template itself.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Renders messages to text, with what the model goes on from at the end if `prompt` says so.
    ///
    /// # Errors
    ///
    /// When the template fails, or the arguments of a call are no object and the template needs one.
    pub fn render(&self, messages: &[Message], tools: &[ToolSpec], prompt: bool) -> Result<String, DialogueError> {
        let messages = messages.iter().enumerate().map(|(at, message)| self.value(at, message));
        self.render_values(&messages.collect::<Result<Vec<_>, _>>()?, &tool_values(tools), prompt)
    }

    pub(super) fn render_values(
        &self,
        messages: &[Value],
        tools: &Value,
        prompt: bool,
    ) -> Result<String, DialogueError> {
        let given = [
            ("messages", Value::from(messages.to_vec())),
            ("tools", tools.clone()),
            ("documents", Value::from(())),
            ("add_generation_prompt", Value::from(prompt)),
        ];
        let given = given.into_iter().map(|(name, value)| (name.to_owned(), value));
        let all: BTreeMap<String, Value> = self.variables.clone().into_iter().chain(given).collect();
        let template = self.environment.get_template("chat").expect("it was added when it was made");
        template.render(Value::from(all)).map_err(|error| failed(&self.name, &error))
    }

    /// A message as templates expect it.
    pub(super) fn value(&self, at: usize, message: &Message) -> Result<Value, DialogueError> {
        Ok(Value::from(Serde(self.message_json(at, message)?)))
    }

    /// A message as templates expect it, and as `apply_chat_template` of `transformers` takes it.
    ///
    /// # Errors
    ///
    /// When the arguments of a call are no object and the template needs one; `at` is the number of the message in the
    /// error.
    pub fn message_json(&self, at: usize, message: &Message) -> Result<serde_json::Value, DialogueError> {
        let mut fields = serde_json::Map::new();
        fields.insert("role".to_owned(), message.role.as_str().into());
        fields.insert("content".to_owned(), message.content.clone().into());
        if let Some(reasoning) = &message.reasoning {
            fields.insert("reasoning_content".to_owned(), reasoning.clone().into());
            fields.insert("thinking".to_owned(), reasoning.clone().into());
        }
        if !message.tool_calls.is_empty() {
            let calls = message.tool_calls.iter().enumerate().map(|(call, which)| self.call_json(at, call, which));
            fields.insert("tool_calls".to_owned(), calls.collect::<Result<Vec<_>, _>>()?.into());
        }
        let others = [("tool_call_id", &message.tool_call_id), ("name", &message.name)];
        for (key, value) in others {
            if let Some(value) = value {
                fields.insert(key.to_owned(), value.clone().into());
            }
        }
        Ok(serde_json::Value::Object(fields))
    }

    fn call_json(&self, message: usize, at: usize, call: &ToolCall) -> Result<serde_json::Value, DialogueError> {
        let arguments = if self.arguments_as_written {
            call.arguments.clone().into()
        } else {
            let wrong = |reason| DialogueError::Arguments { message, call: at, reason };
            let value: serde_json::Value =
                serde_json::from_str(&call.arguments).map_err(|error| wrong(error.to_string()))?;
            if !value.is_object() {
                return Err(wrong("it is another kind of value".to_owned()));
            }
            value
        };
        Ok(json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}))
    }
}

/// Tools as templates expect them, and as `apply_chat_template` of `transformers` takes them.
#[must_use]
pub fn tool_json(tool: &ToolSpec) -> serde_json::Value {
    let function = json!({"name": tool.name, "description": tool.description, "parameters": tool.parameters});
    json!({"type": "function", "function": function})
}

pub(super) fn tool_values(tools: &[ToolSpec]) -> Value {
    if tools.is_empty() {
        return Value::from(());
    }
    tools.iter().map(|tool| Value::from(Serde(tool_json(tool)))).collect()
}

/// The template with its `generation` blocks, which mark what is trained on elsewhere, turned into blocks that are always
/// written: they take the same white space.
fn without_generation(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{%") {
        let (before, block) = rest.split_at(at);
        out.push_str(before);
        let Some(len) = block.find("%}") else {
            rest = block;
            break;
        };
        let (block, after) = block.split_at(len + 2);
        let word = block[2..len].trim_matches(|c: char| c.is_whitespace() || "-+".contains(c));
        match word {
            "generation" => out.push_str(&block.replace(word, "if true")),
            "endgeneration" => out.push_str(&block.replace(word, "endif")),
            _ => out.push_str(block),
        }
        rest = after;
    }
    out + rest
}

fn failed(name: &str, error: &minijinja::Error) -> DialogueError {
    let reason = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    DialogueError::Template { name: name.to_owned(), line: error.line(), reason }
}
