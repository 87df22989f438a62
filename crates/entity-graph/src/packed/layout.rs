//! How a packed graph lies in its file.
//!
//! ```text
//! "OFFSEEK\x01"                    8 bytes
//! the records, as JSON lines
//! arrays, one after the other      little-endian
//! end: for each section its place and length, the hashes of records and arrays, the hash of the end itself
//! "OFFSEEK\x01"                    8 bytes
//! ```
//!
//! The end is written last, so a file that was cut off has none. Opening a graph reads the arrays and checks their hash;
//! the records are read when they are asked for.

use std::io::{self, Write};
use std::ops::Range;

/// What a file begins and ends with; its last byte is the version.
pub(super) const MAGIC: &[u8; 8] = b"OFFSEEK\x01";

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Section {
    /// The records, as JSON lines.
    Records,
    /// For each node its id, in order: 16 bytes.
    NodeIds,
    /// For each node where its entity is recorded: 8 bytes, as all places in the records.
    NodeRecords,
    /// For each node the string that is its name: 4 bytes, as all numbers of strings, nodes and edges.
    NodeNames,
    NodeKinds,
    /// For each node its first fact, and the number of facts.
    FactStarts,
    FactRecords,
    /// For each node its first edge, and the number of edges.
    OutStarts,
    EdgeSources,
    EdgeTargets,
    EdgeKinds,
    EdgeRecords,
    /// For each edge 1 if there is evidence, else 0.
    EdgeSupport,
    /// For each node the first of its edges in `InEdges`, and their number.
    InStarts,
    InEdges,
    /// The hashes of the keys of all names, in order: 8 bytes.
    KeyHashes,
    KeyNodes,
    /// For each string its first byte, and the number of bytes: 8 bytes.
    StringStarts,
    Strings,
}

pub(super) const SECTIONS: usize = Section::Strings as usize + 1;
const HASH: usize = 32;

/// How many bytes the end has, with the magic.
pub(super) const END: usize = SECTIONS * 16 + 3 * HASH + MAGIC.len();

/// The end of the file, read or to be written.
#[derive(Debug, Clone)]
pub(super) struct End {
    places: [(u64, u64); SECTIONS],
    pub(super) records_hash: [u8; HASH],
    pub(super) arrays_hash: [u8; HASH],
}

impl End {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(END);
        for (place, length) in self.places {
            bytes.extend_from_slice(&place.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        bytes.extend_from_slice(&self.records_hash);
        bytes.extend_from_slice(&self.arrays_hash);
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes
    }

    /// Reads the end of a file of so many bytes.
    pub(super) fn read(bytes: &[u8], file: usize) -> Result<Self, String> {
        let (told, hash) = bytes[..END - MAGIC.len()].split_at(SECTIONS * 16 + 2 * HASH);
        if blake3::hash(told).as_bytes() != hash {
            return Err("its table of contents is not as it was written".to_owned());
        }
        let mut end = Self { places: [(0, 0); SECTIONS], records_hash: [0; HASH], arrays_hash: [0; HASH] };
        let mut next = MAGIC.len() as u64;
        for (at, place) in end.places.iter_mut().enumerate() {
            let number = |from: usize| u64::from_le_bytes(std::array::from_fn(|byte| told[at * 16 + from + byte]));
            *place = (number(0), number(8));
            if place.0 != next {
                return Err("its table of contents has gaps".to_owned());
            }
            next = place.0.checked_add(place.1).ok_or("its table of contents is nonsense")?;
        }
        if next != (file - END) as u64 {
            return Err("it has another length than when it was written".to_owned());
        }
        end.records_hash.copy_from_slice(&told[SECTIONS * 16..SECTIONS * 16 + HASH]);
        end.arrays_hash.copy_from_slice(&told[SECTIONS * 16 + HASH..]);
        Ok(end)
    }

    pub(super) fn range(&self, section: Section) -> Range<usize> {
        let (place, length) = self.places[section as usize];
        place as usize..(place + length) as usize
    }

    /// All sections but the first.
    pub(super) fn arrays(&self) -> Range<usize> {
        self.range(Section::NodeIds).start..self.range(Section::Strings).end
    }
}

/// Writes the sections in their order, and then the end.
#[derive(Debug)]
pub(super) struct SectionWriter<W> {
    out: W,
    written: u64,
    section: usize,
    end: End,
    hash: blake3::Hasher,
    buffer: Vec<u8>,
}

/// How many bytes are written at once.
const CHUNK: usize = 1 << 18;

impl<W: Write> SectionWriter<W> {
    /// Begins with the records.
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(MAGIC)?;
        let start = MAGIC.len() as u64;
        let mut places = [(0, 0); SECTIONS];
        places[0].0 = start;
        let end = End { places, records_hash: [0; HASH], arrays_hash: [0; HASH] };
        Ok(Self { out, written: start, section: 0, end, hash: blake3::Hasher::new(), buffer: Vec::new() })
    }

    /// How many bytes the section under way has.
    pub(super) fn length(&self) -> u64 {
        self.written + self.buffer.len() as u64 - self.end.places[self.section].0
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hash.update(&self.buffer);
        self.out.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the section under way and begins the next, which has to be this one.
    pub(super) fn begin(&mut self, section: Section) -> io::Result<()> {
        self.flush()?;
        self.end.places[self.section].1 = self.length();
        if self.section == 0 {
            self.end.records_hash = *self.hash.finalize().as_bytes();
            self.hash = blake3::Hasher::new();
        }
        self.section += 1;
        assert_eq!(self.section, section as usize, "sections are written in their order");
        self.end.places[self.section].0 = self.written;
        Ok(())
    }

    /// Writes a section of 32-bit numbers.
    pub(super) fn u32s(&mut self, section: Section, numbers: impl IntoIterator<Item = u32>) -> io::Result<()> {
        self.begin(section)?;
        numbers.into_iter().try_for_each(|number| self.write(&number.to_le_bytes()))
    }

    /// Writes a section of 64-bit numbers.
    pub(super) fn u64s(&mut self, section: Section, numbers: impl IntoIterator<Item = u64>) -> io::Result<()> {
        self.begin(section)?;
        numbers.into_iter().try_for_each(|number| self.write(&number.to_le_bytes()))
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        assert_eq!(self.section, SECTIONS - 1, "all sections are written");
        self.end.places[self.section].1 = self.length();
        self.end.arrays_hash = *self.hash.finalize().as_bytes();
        self.out.write_all(&self.end.bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}
