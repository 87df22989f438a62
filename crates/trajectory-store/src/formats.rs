//! Export and import: attempts, samples and pairs as the rows of other systems, and as our own.

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
pub use trl::{read_unpaired, unpaired};
pub use verl_row::{VerlExtra, VerlMessage, VerlReward, VerlRow, VerlTruth};

/// The longest line that is read or written, in bytes: 64 MiB.
pub const LONGEST_LINE: usize = 64 << 20;
