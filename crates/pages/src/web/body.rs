//! Takes over what a server sends, unpacked, and stops where it is too large or no text.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};

use super::answer::failure;
use crate::PageError;
use crate::sniff::sniff;

/// What packings are asked for; no other is understood.
pub(crate) const PACKINGS: &str = "gzip, br";

/// How much is taken over before a look at what it is.
const FIRST: usize = 4_096;

/// How much is unpacked in one go.
const STEP: usize = 32 * 1024;

/// What a server sent, unpacked.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<String>,
}

/// How to take a body over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many bytes it may have, packed or unpacked.
    pub(crate) largest: usize,
    /// Whether what has more bytes is cut, instead of being no page.
    pub(crate) cut: bool,
}

/// Takes over what a server sends.
///
/// What is packed is unpacked as it comes, so that no more than the largest body is ever held. What is seen to be no
/// text by its first bytes is not taken over.
pub(crate) async fn take(url: &str, mut response: Response, limits: Limits) -> Result<Body, PageError> {
    let unreadable = |reason: String| PageError::Unreadable { url: url.to_owned(), reason };
    let too_large = || unreadable(format!("it has more than {} bytes", limits.largest));
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let content_type = header(CONTENT_TYPE);
    let packing = header(CONTENT_ENCODING).unwrap_or_default();
    if !limits.cut && response.content_length().is_some_and(|length| length > limits.largest as u64) {
        return Err(too_large());
    }
    let mut unpacker = Unpacker::new(&packing, limits.largest)
        .ok_or_else(|| unreadable(format!("it is packed as {packing:?}, which was not asked for")))?;
    let (mut taken, mut looked) = (0, limits.cut);
    while let Some(piece) = response.chunk().await.map_err(|error| failure(url, error))? {
        taken += piece.len();
        let unpacked = unpacker.write(&piece);
        if unpacker.store().full || taken > limits.largest {
            if limits.cut {
                break;
            }
            return Err(too_large());
        }
        unpacked.map_err(|error| unreadable(format!("it cannot be unpacked: {error}")))?;
        if !looked && unpacker.store().bytes.len() >= FIRST {
            sniff(&unpacker.store().bytes, content_type.as_deref(), url).map_err(unreadable)?;
            looked = true;
        }
    }
    let full = unpacker.store().full || taken > limits.largest;
    let whole = unpacker.finish();
    if unpacker.store().full && !limits.cut {
        return Err(too_large());
    }
    if !full {
        whole
            .map_err(|error| PageError::Transient { url: url.to_owned(), reason: format!("it ends early: {error}") })?;
    }
    Ok(Body { bytes: unpacker.into_bytes(), content_type })
}

/// What was unpacked so far.
#[derive(Debug)]
struct Store {
    bytes: Vec<u8>,
    largest: usize,
    full: bool,
}

impl Write for Store {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.largest - self.bytes.len();
        self.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.full |= bytes.len() > room;
        if self.full { Err(io::Error::other("it is too large")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Unpacker {
    Plain(Store),
    Gzip(Box<MultiGzDecoder<Store>>),
    Brotli(Box<DecompressorWriter<Store>>),
}

impl Unpacker {
    fn new(packing: &str, largest: usize) -> Option<Self> {
        let store = Store { bytes: Vec::new(), largest, full: false };
        Some(match packing.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Self::Plain(store),
            "gzip" | "x-gzip" => Self::Gzip(Box::new(MultiGzDecoder::new(store))),
            "br" => Self::Brotli(Box::new(DecompressorWriter::new(store, STEP))),
            _ => return None,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(store) => store.write_all(bytes),
            Self::Gzip(unpacker) => unpacker.write_all(bytes),
            Self::Brotli(unpacker) => unpacker.write_all(bytes),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(unpacker) => unpacker.try_finish(),
            Self::Brotli(unpacker) => unpacker.close(),
        }
    }

    fn store(&self) -> &Store {
        match self {
            Self::Plain(store) => store,
            Self::Gzip(unpacker) => unpacker.get_ref(),
            Self::Brotli(unpacker) => unpacker.get_ref(),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Plain(store) => store,
            Self::Gzip(mut unpacker) => return std::mem::take(&mut unpacker.get_mut().bytes),
            Self::Brotli(unpacker) => unpacker.into_inner().unwrap_or_else(|store| store),
        }
        .bytes
    }
}
