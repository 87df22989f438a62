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
    Branches, Format, LineWriter, PairFormat, SampleFormat, VerlRow, unpaired, write_dataset_info,
};
use serde_json::json;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let count: u32 = arguments.next().map_or(Ok(2), |count| count.parse())?;
    let attempts = (0..count).map(attempt).collect::<Result<Vec<_>, Failure>>()?;
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder)?;
    }
    for (name, lines) in lines(&attempts)? {
        match &folder {
            Some(folder) => write(&folder.join(format!("{name}.jsonl")), lines)?,
            None => println!("{name}\n  {}…\n", lines[0].chars().take(300).collect::<String>()),
        }
    }
    if let Some(folder) = &folder {
        write_dataset_info(folder, "attempts", "sharegpt.jsonl", false)?;
        write_dataset_info(folder, "pairs", "sharegpt_pairs.jsonl", true)?;
        #[cfg(feature = "parquet")]
        write_parquet(folder, &attempts)?;
    }
    Ok(())
}

/// The lines of every file, with its name.
fn lines(attempts: &[Trajectory]) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let mut files = Vec::new();
    for format in Format::ALL {
        let lines: Result<Vec<_>, _> = attempts.iter().map(|made| format.write(made, Branches::Main)).collect();
        files.push((format.name().to_owned(), lines?.concat()));
    }
    let sample_line = |made| SampleFormat::Offseeker.write(&sample(made));
    files.push(("samples".to_owned(), attempts.iter().map(sample_line).collect::<Result<_, _>>()?));
    let pairs: Vec<Pair> = attempts.iter().map(pair).collect();
    for (name, format) in
        [("pairs", PairFormat::Offseeker), ("trl_pairs", PairFormat::Trl), ("sharegpt_pairs", PairFormat::ShareGpt)]
    {
        files.push((name.to_owned(), pairs.iter().map(|pair| format.write(pair)).collect::<Result<_, _>>()?));
    }
    let single = pairs.iter().map(unpaired).collect::<Result<Vec<_>, _>>()?;
    files.push(("trl_unpaired".to_owned(), single.concat()));
    files.push(("verl".to_owned(), questions(attempts).iter().map(VerlRow::line).collect()));
    Ok(files)
}

fn write(path: &Path, lines: Vec<String>) -> Result<(), Failure> {
    let mut writer = LineWriter::create(path)?;
    writer.write_all(lines)?;
    println!("{}: {} lines", path.display(), writer.finish()?);
    Ok(())
}

#[cfg(feature = "parquet")]
fn write_parquet(folder: &Path, attempts: &[Trajectory]) -> Result<(), Failure> {
    use offseeker_trajectory_store::formats::{ParquetRow, ParquetWriter};

    fn write<T: ParquetRow>(path: &Path, rows: impl IntoIterator<Item = T>) -> Result<(), Failure> {
        let mut writer = ParquetWriter::create(path)?;
        rows.into_iter().try_for_each(|row| writer.write(row))?;
        println!("{}: {} rows", path.display(), writer.finish()?);
        Ok(())
    }
    write(&folder.join("attempts.parquet"), attempts.iter().cloned())?;
    write(&folder.join("samples.parquet"), attempts.iter().map(sample))?;
    write(&folder.join("pairs.parquet"), attempts.iter().map(pair))?;
    write(&folder.join("verl.parquet"), questions(attempts))
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

fn questions(attempts: &[Trajectory]) -> Vec<VerlRow> {
    let row = |(index, made): (i64, &Trajectory)| VerlRow::new(&made.question, "mills", "train", index, &[]);
    (0..).zip(attempts).map(row).collect()
}
