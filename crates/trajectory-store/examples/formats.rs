//! What does each format look like? Writes two made attempts, and what is cut from them, in every format.
//!
//! ```text
//! cargo run -p offseeker-trajectory-store --no-default-features --example formats
//! cargo run -p offseeker-trajectory-store --no-default-features --features parquet --example formats -- FOLDER 1000
//! ```
//!
//! Without a folder the lines are printed, cut to the width of a screen. With one they are written there, from as many
//! attempts as are asked for, with a `dataset_info.json` for `LLaMA-Factory`, and with `parquet` in Parquet too.

use std::error::Error;
use std::path::{Path, PathBuf};

use offseeker_trajectory::{
    Body, CallStatus, Message, Metadata, Node, NodeId, Observed, Pair, Question, Role, Sample, SampleId, StopReason,
    ToolCall, ToolSpec, Trajectory, WeightedMessage,
};
use offseeker_trajectory_store::formats::{
    Branches, Format, LineWriter, PairFormat, RowError, SampleFormat, VerlRow, unpaired, write_dataset_info,
};
use serde_json::json;

type Failure = Box<dyn Error>;

/// The lines of a file that one attempt makes.
type Lines = fn(&Trajectory) -> Result<Vec<String>, RowError>;

/// The files beside those of [`Format`], and what is written into each.
const FILES: [(&str, Lines); 6] = [
    ("samples", |made| SampleFormat::Offseeker.write(&sample(made)).map(|line| vec![line])),
    ("pairs", |made| PairFormat::Offseeker.write(&pair(made)).map(|line| vec![line])),
    ("trl_pairs", |made| PairFormat::Trl.write(&pair(made)).map(|line| vec![line])),
    ("sharegpt_pairs", |made| PairFormat::ShareGpt.write(&pair(made)).map(|line| vec![line])),
    ("trl_unpaired", |made| unpaired(&pair(made)).map(Vec::from)),
    ("verl", |made| Ok(vec![question(made)?.line()])),
];

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next().map(PathBuf::from) else { return print() };
    let count = arguments.next().map_or(Ok(2), |count| count.parse())?;
    std::fs::create_dir_all(&folder)?;
    for format in Format::ALL {
        write(&folder, format.name(), count, |made| format.write(made, Branches::Main))?;
    }
    for (name, lines) in FILES {
        write(&folder, name, count, lines)?;
    }
    write_dataset_info(&folder, "attempts", "sharegpt.jsonl", false)?;
    write_dataset_info(&folder, "pairs", "sharegpt_pairs.jsonl", true)?;
    #[cfg(feature = "parquet")]
    write_parquet(&folder, count)?;
    Ok(())
}

fn print() -> Result<(), Failure> {
    let made = attempt(0)?;
    let formats = Format::ALL.map(|format| (format.name(), format.write(&made, Branches::Main)));
    for (name, lines) in formats.into_iter().chain(FILES.map(|(name, lines)| (name, lines(&made)))) {
        println!("{name}\n  {}…\n", lines?[0].chars().take(300).collect::<String>());
    }
    Ok(())
}

fn write(
    folder: &Path,
    name: &str,
    count: u32,
    lines: impl Fn(&Trajectory) -> Result<Vec<String>, RowError>,
) -> Result<(), Failure> {
    let mut writer = LineWriter::create(folder.join(format!("{name}.jsonl")))?;
    for number in 0..count {
        writer.write_all(lines(&attempt(number)?)?)?;
    }
    println!("{name}.jsonl: {} lines", writer.finish()?);
    Ok(())
}

#[cfg(feature = "parquet")]
fn write_parquet(folder: &Path, count: u32) -> Result<(), Failure> {
    use offseeker_trajectory_store::formats::{ParquetRow, ParquetWriter};

    type Row<T> = fn(Trajectory) -> Result<T, RowError>;

    fn write<T: ParquetRow>(folder: &Path, name: &str, count: u32, row: Row<T>) -> Result<(), Failure> {
        let mut writer = ParquetWriter::create(folder.join(name))?;
        for number in 0..count {
            writer.write(row(attempt(number)?)?)?;
        }
        println!("{name}: {} rows", writer.finish()?);
        Ok(())
    }
    write(folder, "attempts.parquet", count, Ok)?;
    write(folder, "samples.parquet", count, |made| Ok(sample(&made)))?;
    write(folder, "pairs.parquet", count, |made| Ok(pair(&made)))?;
    write(folder, "verl.parquet", count, |made| question(&made))
}

/// An attempt: every other one with calls that a server returned apart, the others with tags in the text.
fn attempt(number: u32) -> Result<Trajectory, Failure> {
    let text = format!("Which river does mill {number} stand on?");
    let mut made = Trajectory::new(Question::new(&*text, ["the Orsa"]), 0);
    let schema = json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]});
    made.tools = vec![ToolSpec::new("search", "Searches the encyclopedia.", schema)];
    made.model = Some("small".to_owned());
    made.push(Node::given(None, Message::system("You answer questions with a tool that searches.")))?;
    let asked = made.push(Node::given(Some(NodeId::new(0)), Message::user(text)))?;
    let found = format!("Mill {number} stands on the Orsa.");
    let (call, result) = if number.is_multiple_of(2) {
        let call = ToolCall::new("c1", "search", format!(r#"{{"query":"mill {number}"}}"#));
        let said =
            Message { reasoning: Some("I look it up.".to_owned()), tool_calls: vec![call], ..Message::assistant("") };
        (said, Message::tool("c1", "search", found))
    } else {
        let call = json!({"name": "search", "arguments": {"query": format!("mill {number}")}});
        let said = format!("<think>\nI look it up.\n</think>\n\n<tool_call>\n{call}\n</tool_call>");
        (Message::assistant(said), Message::user(format!("<tool_response>\n{found}\n</tool_response>")))
    };
    let called = made.push(Node::sampled(asked, call))?;
    let told = made.push(Node::observed(called, result, Observed::new(CallStatus::Ok)))?;
    made.push(Node::sampled(told, Message::assistant("<answer>the Orsa</answer>")))?;
    made.answer = Some("the Orsa".to_owned());
    made.stop = Some(StopReason::Answered);
    Ok(made)
}

/// A sample in which all that the model says counts.
fn sample(made: &Trajectory) -> Sample {
    let weigh = |node: &Node| {
        let weight = if node.message.role == Role::Assistant { 1.0 } else { 0.0 };
        WeightedMessage::new(node.message.clone(), weight)
    };
    let body = Body::Messages { messages: made.nodes().iter().map(weigh).collect(), tools: made.tools.clone() };
    Sample { id: SampleId::new(made.id.as_str()), body, from: None, metadata: Metadata::new() }
}

/// The attempt, and one that is the same but for a wrong answer.
fn pair(made: &Trajectory) -> Pair {
    let (chosen, mut rejected) = (sample(made), sample(made));
    if let Body::Messages { messages, .. } = &mut rejected.body
        && let Some(last) = messages.last_mut()
    {
        last.message.content = "<answer>the Lenne</answer>".to_owned();
    }
    Pair { question: made.question.id.clone(), chosen, rejected, fork: made.nodes().len() - 1, margin: Some(1.0) }
}

/// The question, to learn from by reward.
fn question(made: &Trajectory) -> Result<VerlRow, RowError> {
    VerlRow::new(&made.question, "mills", "train", i64::from(made.attempt), &[])
}
