//! The pages of a file of SQLite as they were last committed: those in its log, and else those in the file.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::embedded::opening::PAGE;

/// Bytes before the frames of a log.
const LOG_HEADER: usize = 32;

/// Bytes before the page in each frame.
const FRAME_HEADER: usize = 24;

/// The pages of a file.
pub(super) struct Pages {
    file: RefCell<File>,
    log: Option<RefCell<File>>,
    /// Where in the log the pages stand that were written after those in the file.
    newer: HashMap<u32, u64>,
    count: u32,
}

impl Pages {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let mut count = u32::try_from(file.metadata()?.len() / PAGE as u64).unwrap_or(u32::MAX);
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        let mut log = match File::open(&name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            opened => Some(opened?),
        };
        let newer = log.as_mut().map(committed).transpose()?.unwrap_or_default();
        count = newer.keys().copied().max().unwrap_or(0).max(count);
        Ok(Self { file: RefCell::new(file), log: log.map(RefCell::new), newer, count })
    }

    /// The numbers of all pages.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        1..=self.count
    }

    /// How many bytes all pages have.
    pub(super) fn size(&self) -> u64 {
        u64::from(self.count) * PAGE as u64
    }

    /// A page; none where it is not there or cannot be read.
    pub(super) fn page(&self, number: u32) -> Option<Vec<u8>> {
        match (self.newer.get(&number), &self.log) {
            (Some(at), Some(log)) => page_at(log, *at),
            _ => page_at(&self.file, u64::from(number.checked_sub(1)?) * PAGE as u64),
        }
    }
}

fn page_at(file: &RefCell<File>, at: u64) -> Option<Vec<u8>> {
    let mut page = vec![0; PAGE];
    let mut file = file.borrow_mut();
    file.seek(SeekFrom::Start(at)).ok()?;
    file.read_exact(&mut page).ok()?;
    Some(page)
}

/// Where each page stands in a log that a committed transaction has written.
fn committed(log: &mut File) -> io::Result<HashMap<u32, u64>> {
    let mut reader = io::BufReader::with_capacity(1 << 20, log);
    let mut header = [0; LOG_HEADER];
    let mut newer = HashMap::new();
    if reader.read_exact(&mut header).is_err() {
        return Ok(newer);
    }
    let big_endian = match number(&header, 0) {
        0x377f_0682 => false,
        0x377f_0683 => true,
        _ => return Ok(newer),
    };
    if number(&header, 8) as usize != PAGE {
        return Ok(newer);
    }
    let mut sum = checksum([0, 0], &header[..24], big_endian);
    if sum != [number(&header, 24), number(&header, 28)] {
        return Ok(newer);
    }
    let salt = header[16..24].to_vec();
    let mut frame = vec![0; FRAME_HEADER + PAGE];
    let mut at = LOG_HEADER as u64;
    let mut waiting = Vec::new();
    while read_frame(&mut reader, &mut frame)? {
        sum = checksum(sum, &frame[..8], big_endian);
        sum = checksum(sum, &frame[FRAME_HEADER..], big_endian);
        if frame[8..16] != salt || sum != [number(&frame, 16), number(&frame, 20)] {
            break;
        }
        waiting.push((number(&frame, 0), at + FRAME_HEADER as u64));
        // The last frame of a transaction says how many pages there are.
        if number(&frame, 4) != 0 {
            newer.extend(waiting.drain(..));
        }
        at += frame.len() as u64;
    }
    Ok(newer)
}

fn read_frame(reader: &mut impl Read, frame: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(frame) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

/// The checksum of a log, which goes on from what came before.
fn checksum([mut one, mut two]: [u32; 2], bytes: &[u8], big_endian: bool) -> [u32; 2] {
    let word = |bytes: [u8; 4]| if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    for pair in bytes.as_chunks::<8>().0 {
        let [a, b, c, d, e, f, g, h] = *pair;
        one = one.wrapping_add(word([a, b, c, d])).wrapping_add(two);
        two = two.wrapping_add(word([e, f, g, h])).wrapping_add(one);
    }
    [one, two]
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
