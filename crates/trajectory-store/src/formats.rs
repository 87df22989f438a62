//! Export and import: attempts, samples and pairs as the rows of other systems, and as our own.
//!
//! A format is a pair of functions between a thing and a line: [`Format`] for attempts, [`SampleFormat`] and
//! [`PairFormat`] for training data, [`VerlRow`] for questions. A [`LineWriter`] and a [`LineReader`] put lines into
//! files and take them out, one at a time, so that no file is too large; packed with zstd where the name ends in `.zst`.
//! With the feature `parquet`, `ParquetWriter` and `ParquetReader` do the same for columns.
//!
//! ```
//! use offseeker_trajectory::{Message, Node, Question, Trajectory};
//! use offseeker_trajectory_store::formats::{Branches, Format, LineReader, LineWriter};
//!
//! let mut attempt = Trajectory::new(Question::new("Which river?", ["the Orsa"]), 0);
//! let asked = attempt.push(Node::given(None, Message::user("Which river?")))?;
//! attempt.push(Node::sampled(asked, Message::assistant("<answer>the Orsa</answer>")))?;
//!
//! # let folder = tempfile::tempdir()?;
//! let path = folder.path().join("iter1.jsonl");
//! let mut writer = LineWriter::create(&path)?;
//! writer.write_all(Format::Tongyi.write(&attempt, Branches::Main)?)?;
//! writer.finish()?;
//!
//! for read in LineReader::open(&path)?.rows(|line| Format::Tongyi.read(line)) {
//!     match read {
//!         Ok(attempt) => assert_eq!(attempt.nodes().len(), 2),
//!         Err(error) => eprintln!("{error}"), // File, line and field; the next row is read all the same.
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is kept, and what is lost
//!
//! Only our own formats keep everything. All others are conversations: they lose how each message came about (tokens,
//! cost, when, sources, how calls went), branches that are not written, grades and weights. What is never written is
//! what was thrown away and what was said beside the attempt. Beyond that:
//!
//! | format | written | lost in writing | read |
//! | --- | --- | --- | --- |
//! | `openai` | `{messages, tools}` | the question, the answer, the stop reason; how arguments were mended | the question is what the user says first |
//! | `trl` | `{messages, tools}`, the tools as a text | as `openai` | as `openai` |
//! | `sharegpt` | `{conversations, system, tools}`; the order of `LLaMA-Factory`, kept, mended or refused | as `openai`; ids of calls, the spelling of arguments, words after the last reply | results have the names of the calls, and no ids |
//! | `offseeker_result` | one row, a session for each branch | tools, all right answers but the first, the stop reason | sessions that begin alike are branches; the verdict is a grade |
//! | `offseeker_run` | `{task, model, status, turns, conversations}` | tools, right answers | the answer is what stands in its tags |
//! | `tongyi` | `{question, answer, messages, prediction, termination}` | tools, the model, all right answers but the first | terminations in our words |
//! | `open_seeker` | the result with `full_traj` and `trace` | tools, all right answers but the first; what the user says in the middle stands in `full_traj` alone | from `trace`, else from `full_traj` |
//! | `open_researcher` | the shard's fields | tools, all right answers but the first | a row with an `error` failed through the model |
//! | `web_dancer` | `{type, task, messages, functions, tool_calls, answer, tag}` | the stop reason | all spellings of all right answers |
//!
//! In `offseeker_result`, `offseeker_run`, `tongyi` and `open_seeker` messages have only roles and texts, so calls,
//! reasoning and results that stand apart are put into tags.
//!
//! What a row says for which there are no words here is kept in the attempt's metadata under the name of the format, and
//! written back by it, so that a row that is read and written is the same row. A message is taken to be the model's,
//! a tool's or given by who speaks; what the user says that begins with `<tool_response>` is a tool's. Of a result that
//! was read nobody knows how the call went, so its status is [`Ok`](offseeker_trajectory::CallStatus::Ok). The id of an
//! attempt that was read is the content id of its row.
//!
//! # Sealed benchmarks
//!
//! What is cut from attempts at a benchmark that is spread encrypted must not come into a file by accident. Every writer
//! here asks for the [mark](offseeker_trajectory::SealMark) and [refuses](RowError::Sealed) what is in clear, unless it is
//! told `exposed`. The mark is lost in formats of others: what was read from them carries none.

mod conversation;
mod dataset_info;
mod error;
mod fields;
mod format;
mod kept;
mod line_reader;
mod line_writer;
mod message;
mod offseeker_result;
mod offseeker_run;
mod open_researcher;
mod open_seeker;
mod openai;
#[cfg(feature = "parquet")]
mod parquet;
mod share_gpt;
mod stop;
mod tagged;
mod tongyi;
mod tool;
mod training_format;
mod trl;
mod verl_row;
mod web_dancer;

pub use conversation::Branches;
pub use dataset_info::write_dataset_info;
pub use error::{FormatError, RowError};
pub use format::Format;
pub use line_reader::LineReader;
pub use line_writer::LineWriter;
#[cfg(feature = "parquet")]
pub use parquet::{ParquetReader, ParquetRow, ParquetWriter};
pub use training_format::{PairFormat, SampleFormat};
pub use trl::{read_unpaired, unpaired, unpaired_exposed};
pub use verl_row::{VerlExtra, VerlMessage, VerlReward, VerlRow, VerlTruth};

/// The longest line that is read or written, in bytes: 64 MiB.
pub const LONGEST_LINE: usize = 64 << 20;
