//! Writes a page: attempts into a nameless file as they come, then everything into its place.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::PathBuf;

use offseeker_durable::Draft;
use offseeker_trajectory::is_exposed;

use crate::assets::{FRAME, POLICY, PROGRAM, STYLE};
use crate::index::Index;
use crate::pack::{Chunk, write_element};
use crate::page::folder_of;
use crate::record::Record;
use crate::{Page, Shown, ViewError};

/// The most attempts of a page.
const MOST_ATTEMPTS: u32 = 1_000_000;

/// A page that is being written. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub struct PageWriter<'a> {
    page: &'a Page,
    path: PathBuf,
    /// Chunks wait here, because the list, which stands before them, is known last.
    waiting: BufWriter<File>,
    index: Index,
    chunk: Chunk,
    chunks: usize,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// How many attempts.
    pub attempts: u64,
    /// How many bytes.
    pub bytes: u64,
}

impl<'a> PageWriter<'a> {
    pub(crate) fn new(page: &'a Page, path: PathBuf) -> Result<Self, ViewError> {
        let waiting = tempfile::tempfile_in(folder_of(&path)).map_err(ViewError::io(&path))?;
        let (index, chunk) = (Index::default(), Chunk::default());
        Ok(Self { page, path, waiting: BufWriter::new(waiting), index, chunk, chunks: 0 })
    }

    /// Adds an attempt.
    ///
    /// # Errors
    ///
    /// When it was added before, is at a sealed question, or cannot be written; the page can go on without it.
    pub fn add(&mut self, shown: &Shown) -> Result<(), ViewError> {
        if self.index.len() >= MOST_ATTEMPTS as usize {
            return Err(ViewError::TooMany { most: MOST_ATTEMPTS });
        }
        let attempt = &shown.trajectory.id;
        if !self.page.sealed_in_clear && is_exposed(&shown.trajectory.question) {
            return Err(ViewError::Sealed { attempt: attempt.clone() });
        }
        if self.index.has(attempt) {
            return Err(ViewError::Twice { attempt: attempt.clone() });
        }
        let record = Record::of(shown, self.page.longest_text);
        let place = self
            .chunk
            .add(&record)
            .map_err(|error| ViewError::Unsayable { what: format!("attempt {attempt}"), reason: error.to_string() })?;
        self.index.add(shown, self.chunks, place);
        if self.chunk.is_full() { self.write_chunk() } else { Ok(()) }
    }

    fn write_chunk(&mut self) -> Result<(), ViewError> {
        self.chunk.write(self.chunks, &mut self.waiting).map_err(ViewError::io(&self.path))?;
        self.chunks += 1;
        Ok(())
    }

    /// Writes the page into its place, in one step.
    ///
    /// # Errors
    ///
    /// When it cannot be written; what was there is still there then.
    pub fn finish(mut self) -> Result<Written, ViewError> {
        if !self.chunk.is_empty() {
            self.write_chunk()?;
        }
        let io = ViewError::io(&self.path);
        let mut chunks = self.waiting.into_inner().map_err(|error| io(error.into_error()))?;
        chunks.rewind().map_err(&io)?;

        let draft = Draft::beside(&self.path).map_err(&io)?;
        let mut to = Counted { to: BufWriter::new(draft), bytes: 0 };
        write!(to, "{}", head(&self.page.title)).map_err(&io)?;
        write_element("page", self.page, &mut to).map_err(|error| error.of("the page", &self.path))?;
        write_element("index", &self.index, &mut to).map_err(|error| error.of("the list", &self.path))?;
        writeln!(to, "<script>{PROGRAM}</script>").map_err(&io)?;
        io::copy(&mut chunks, &mut to).map_err(&io)?;
        to.write_all(b"</body>\n</html>\n").map_err(&io)?;

        let (attempts, bytes) = (self.index.len() as u64, to.bytes);
        let draft = to.to.into_inner().map_err(|error| io(error.into_error()))?;
        draft.publish(&self.path).map_err(&io)?;
        Ok(Written { path: self.path, attempts, bytes })
    }
}

/// Everything before the data.
fn head(title: &str) -> String {
    FRAME.replacen("{policy}", &POLICY, 1).replacen("{style}", STYLE, 1).replacen("{title}", &escaped(title), 1)
}

/// Marks that turn the direction of the text after them.
const TURNING: [char; 9] =
    ['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

/// A text as HTML has it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            char if char.is_control() || TURNING.contains(&char) => escaped.push(' '),
            char => escaped.push(char),
        }
    }
    escaped
}

/// Counts what is written.
struct Counted<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;
