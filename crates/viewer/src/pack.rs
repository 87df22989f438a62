//! Data as a page holds it: JSON that is packed, and written in letters that end no element.

use std::io::{self, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::ViewError;

/// The most bytes of a chunk before it is packed, and the most attempts in it: what is unpacked to open one of them.
const CHUNK_BYTES: usize = 512 << 10;
const CHUNK_ATTEMPTS: usize = 64;

/// Attempts that are packed together.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    json: Vec<u8>,
    attempts: usize,
}

impl Chunk {
    /// Adds an attempt and says its place; what cannot be written leaves the chunk as it was.
    pub(crate) fn add(&mut self, record: &impl Serialize) -> Result<usize, serde_json::Error> {
        let before = self.json.len();
        self.json.push(if self.attempts == 0 { b'[' } else { b',' });
        if let Err(error) = serde_json::to_writer(&mut self.json, record) {
            self.json.truncate(before);
            return Err(error);
        }
        self.attempts += 1;
        Ok(self.attempts - 1)
    }

    /// Whether it should take no more.
    pub(crate) fn is_full(&self) -> bool {
        self.json.len() >= CHUNK_BYTES || self.attempts >= CHUNK_ATTEMPTS
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.attempts == 0
    }

    /// Writes it as the element of a page, and is empty then.
    pub(crate) fn write(&mut self, number: usize, to: &mut impl Write) -> io::Result<()> {
        self.json.push(b']');
        element(&format!("chunk-{number}"), &self.json, to)?;
        *self = Self::default();
        Ok(())
    }
}

/// Writes a thing as the element of a page.
pub(crate) fn write_element(id: &str, what: &impl Serialize, to: &mut impl Write) -> Result<(), Packing> {
    let json = serde_json::to_vec(what).map_err(Packing::Json)?;
    element(id, &json, to).map_err(Packing::Io)
}

/// Why a thing is not packed.
#[derive(Debug)]
pub(crate) enum Packing {
    Json(serde_json::Error),
    Io(io::Error),
}

impl Packing {
    pub(crate) fn of(self, what: &str, path: &std::path::Path) -> ViewError {
        match self {
            Self::Json(error) => ViewError::Unsayable { what: what.to_owned(), reason: error.to_string() },
            Self::Io(source) => ViewError::io(path)(source),
        }
    }
}

fn element(id: &str, bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
    write!(to, "<script type=\"application/gzip\" id=\"{id}\">")?;
    let mut letters = EncoderWriter::new(&mut *to, &STANDARD);
    let mut packer = GzEncoder::new(&mut letters, Compression::default());
    packer.write_all(bytes)?;
    packer.finish()?;
    letters.finish()?;
    drop(letters);
    to.write_all(b"</script>\n")
}
