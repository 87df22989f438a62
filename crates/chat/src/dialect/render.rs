//! Writes a turn as a model would have written it.

use std::fmt::Write;

use offseeker_trajectory::ToolCall;
use serde_json::{Map, Value};

use super::{AnswerSyntax, CallSyntax, CodeBody, Dialect, DialectError, Tags, Turn, body, boxed};

impl Dialect {
    /// Writes a turn as a model would have written it. Reading it gives the turn again, but for the ids of its calls,
    /// their repairs and its flaws, which no text can say.
    ///
    /// # Errors
    ///
    /// When the turn holds what the dialect cannot say, such as a tag that would end a part in its middle.
    pub fn render(&self, turn: &Turn) -> Result<String, DialectError> {
        if turn.answer.is_some() && !turn.calls.is_empty() {
            return Err(DialectError::NoPlace { what: "calls and an answer in one turn".to_owned() });
        }
        if turn.calls.len() > self.most_calls {
            return Err(DialectError::NoPlace { what: format!("more than {} calls", self.most_calls) });
        }
        let mut blocks = Vec::new();
        if !turn.text.is_empty() {
            blocks.push(self.text(&turn.text)?);
        }
        blocks.extend(self.calls(&turn.calls)?);
        if let Some(answer) = &turn.answer {
            blocks.push(self.answer(answer)?);
        }
        let rest = blocks.join("\n");
        match &turn.reasoning {
            Some(reasoning) => Ok(format!("{}{rest}", self.reasoning(reasoning)?)),
            None if self.starts_in_reasoning => {
                Err(DialectError::NoPlace { what: "a turn without reasoning".to_owned() })
            }
            None => Ok(rest),
        }
    }

    /// Writes what a tool answered. Tags in it that would end it are broken up by a zero-width space.
    #[must_use]
    pub fn render_observation(&self, text: &str) -> String {
        let Tags { open, close } = &self.observation;
        let broken = |tag: &str| format!("<\u{200b}{}", tag.strip_prefix('<').unwrap_or(tag));
        let text = text.replace(open.as_str(), &broken(open)).replace(close.as_str(), &broken(close));
        if self.compact { format!("{open}{text}{close}") } else { format!("{open}\n{text}\n{close}") }
    }

    fn reasoning(&self, reasoning: &str) -> Result<String, DialectError> {
        let Some(Tags { open, close }) = &self.reasoning else {
            return Err(DialectError::NoPlace { what: "reasoning".to_owned() });
        };
        trimmed("reasoning", reasoning)?;
        without("reasoning", reasoning, [close.as_str(), &self.observation.open])?;
        if self.starts_in_reasoning {
            without("reasoning", reasoning, [open.as_str()])?;
            return Ok(if self.compact { format!("{reasoning}{close}") } else { format!("{reasoning}\n{close}\n\n") });
        }
        Ok(if self.compact { format!("{open}{reasoning}{close}") } else { format!("{open}\n{reasoning}\n{close}\n\n") })
    }

    fn text(&self, text: &str) -> Result<String, DialectError> {
        trimmed("text", text)?;
        let boxed = (self.answer == AnswerSyntax::Boxed).then_some(boxed::OPEN);
        without("text", text, self.outer_tags().into_iter().chain(boxed))?;
        Ok(text.to_owned())
    }

    /// The tags that mean something outside of any other.
    fn outer_tags(&self) -> Vec<&str> {
        self.meanings().into_iter().map(|(tag, _)| tag).collect()
    }

    fn answer(&self, answer: &str) -> Result<String, DialectError> {
        trimmed("answer", answer)?;
        match &self.answer {
            AnswerSyntax::Tagged { tags } => {
                without("answer", answer, [tags.close.as_str(), &self.observation.open])?;
                Ok(format!("{}{answer}{}", tags.open, tags.close))
            }
            AnswerSyntax::Boxed if !boxed::fits(answer) => {
                Err(DialectError::Unsayable { part: "answer", found: "a brace without its pair".to_owned() })
            }
            AnswerSyntax::Boxed => {
                // To the reader a box is text until the end.
                without("answer", answer, self.outer_tags())?;
                Ok(format!("{}{answer}}}", boxed::OPEN))
            }
        }
    }

    fn calls(&self, calls: &[ToolCall]) -> Result<Vec<String>, DialectError> {
        if calls.is_empty() {
            return Ok(Vec::new());
        }
        let mut blocks =
            calls.iter().enumerate().map(|(at, call)| self.call(at, call)).collect::<Result<Vec<_>, _>>()?;
        if let Some(Tags { open, close }) = self.wrapper() {
            blocks.insert(0, open.clone());
            blocks.push(close.clone());
        }
        Ok(blocks)
    }

    fn call(&self, at: usize, call: &ToolCall) -> Result<String, DialectError> {
        match &self.calls {
            CallSyntax::Json { tags, code, .. } => json(at, call, tags, code.as_ref()),
            CallSyntax::Xml { tags } => xml(at, call, tags),
            CallSyntax::Tagged { actions } => {
                let action = actions.iter().find(|action| action.tool == call.name);
                let action =
                    action.ok_or_else(|| DialectError::NoPlace { what: format!("a call of {:?}", call.name) })?;
                let fields = fields(at, call)?;
                let value = fields.get(&action.argument).and_then(Value::as_str).unwrap_or_default();
                if body::spelled(&action.argument, value.trim()) != call.arguments {
                    let reason = format!("they are to be {{\"{}\":\"...\"}} and nothing else", action.argument);
                    return Err(DialectError::Arguments { call: at, reason });
                }
                without("call", value, [action.tags.close.as_str()])?;
                Ok(format!("{}{value}{}", action.tags.open, action.tags.close))
            }
        }
    }
}

fn json(at: usize, call: &ToolCall, tags: &Tags, code: Option<&CodeBody>) -> Result<String, DialectError> {
    let fields = fields(at, call)?;
    let name = Value::from(call.name.as_str());
    if let Some((code, program)) = code.and_then(|code| Some((code, program(call, &fields, code)?))) {
        return Ok(format!(
            "{}\n{{\"name\": {name}, \"arguments\": {{}}}}\n{}\n{program}\n{}\n{}",
            tags.open, code.tags.open, code.tags.close, tags.close
        ));
    }
    if call.name.is_empty() {
        return Err(DialectError::NoPlace { what: "a call without a name".to_owned() });
    }
    let arguments = call.arguments.trim();
    if arguments.len() != call.arguments.len() {
        return Err(DialectError::Untrimmed { part: "arguments" });
    }
    Ok(format!("{}\n{{\"name\": {name}, \"arguments\": {arguments}}}\n{}", tags.open, tags.close))
}

/// The program of a call, if it is one that is written apart and can be.
fn program(call: &ToolCall, fields: &Map<String, Value>, code: &CodeBody) -> Option<String> {
    let program = fields.get(&code.argument)?.as_str()?;
    let is_meant = code.tools.contains(&call.name) && body::spelled(&code.argument, program) == call.arguments;
    (is_meant && !program.contains(&code.tags.close)).then(|| program.to_owned())
}

fn xml(at: usize, call: &ToolCall, tags: &Tags) -> Result<String, DialectError> {
    let fields = fields(at, call)?;
    let spelled = Value::Object(fields.clone()).to_string();
    if spelled != call.arguments {
        let reason = "they are to be JSON without needless space, each name once".to_owned();
        return Err(DialectError::Arguments { call: at, reason });
    }
    for name in fields.keys().chain([&call.name]) {
        if name.is_empty() || name.contains(['>', '<']) {
            return Err(DialectError::Unsayable { part: "name of a tool or argument", found: name.clone() });
        }
    }
    let mut text = format!("{}\n<function={}>\n", tags.open, call.name);
    for (key, value) in &fields {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "<parameter={key}>\n{}\n</parameter>", xml_value(value));
    }
    let _ = write!(text, "</function>\n{}", tags.close);
    Ok(text)
}

fn xml_value(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<Value>(text).is_err() && !text.contains("</parameter>") => {
            text.clone()
        }
        // Escaped, so that no text in it can end the parameter.
        other => other.to_string().replace("</", "<\\/"),
    }
}

fn fields(at: usize, call: &ToolCall) -> Result<Map<String, Value>, DialectError> {
    let reason = "they are to be an object in JSON".to_owned();
    match crate::arguments::read(&call.arguments) {
        Ok(read) if read.repair.is_none() => match read.value {
            Value::Object(fields) => Ok(fields),
            _ => Err(DialectError::Arguments { call: at, reason }),
        },
        _ => Err(DialectError::Arguments { call: at, reason }),
    }
}

fn trimmed(part: &'static str, text: &str) -> Result<(), DialectError> {
    if text.trim().len() == text.len() { Ok(()) } else { Err(DialectError::Untrimmed { part }) }
}

fn without<'a>(part: &'static str, text: &str, tags: impl IntoIterator<Item = &'a str>) -> Result<(), DialectError> {
    match tags.into_iter().find(|tag| text.contains(tag)) {
        Some(tag) => Err(DialectError::Unsayable { part, found: tag.to_owned() }),
        None => Ok(()),
    }
}
