//! What the rows of a vector index belong to, as it is written.
//!
//! A log that only grows. An entry is a byte that says what it is, the span of a passage as two little-endian numbers
//! of eight bytes, the length of the address as one of four, and the address. [`ROW`] belongs to the next row of the
//! vectors; [`FORGET`] takes away all rows before it that belong to the address.

use std::collections::HashMap;
use std::ops::Range;

/// The next row belongs to a passage of this address.
const ROW: u8 = 0;

/// All rows of this address so far are gone.
const FORGET: u8 = 1;

/// The bytes of an entry before its address.
const HEAD: usize = 1 + 8 + 8 + 4;

/// The longest address, in bytes.
pub(super) const LONGEST_URL: usize = 8 << 10;

pub(super) fn write_row(log: &mut Vec<u8>, url: &str, span: &Range<usize>) {
    write(log, ROW, span, url);
}

pub(super) fn write_forget(log: &mut Vec<u8>, url: &str) {
    write(log, FORGET, &(0..0), url);
}

fn write(log: &mut Vec<u8>, kind: u8, span: &Range<usize>, url: &str) {
    log.push(kind);
    log.extend((span.start as u64).to_le_bytes());
    log.extend((span.end as u64).to_le_bytes());
    log.extend(u32::try_from(url.len()).expect("the length of an address was checked").to_le_bytes());
    log.extend(url.as_bytes());
}

/// What the rows belong to.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// For each row the number of its document; none where it is gone.
    documents: Vec<Option<u32>>,
    /// For each row where its entry begins.
    entries: Vec<u64>,
    /// How many documents have rows.
    living: usize,
}

/// An entry of the log.
struct Entry<'a> {
    kind: u8,
    span: Range<usize>,
    url: &'a str,
}

impl Rows {
    /// Reads the log; what is wrong with it, where something is.
    pub(super) fn read(log: &[u8]) -> Result<Self, String> {
        let mut rows = Self::default();
        let mut known: HashMap<&str, (u32, Vec<usize>)> = HashMap::new();
        let (mut at, mut next) = (0, 0_u32);
        while at < log.len() {
            let (entry, length) = entry(log, at).ok_or_else(|| format!("the entry at byte {at} makes no sense"))?;
            if entry.kind == FORGET {
                for row in known.remove(entry.url).map(|(_, rows)| rows).unwrap_or_default() {
                    rows.documents[row] = None;
                }
            } else {
                let (document, own) = known.entry(entry.url).or_insert_with(|| {
                    next += 1;
                    (next - 1, Vec::new())
                });
                own.push(rows.entries.len());
                rows.documents.push(Some(*document));
                rows.entries.push(at as u64);
            }
            at += length;
        }
        rows.living = known.len();
        Ok(rows)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn living(&self) -> usize {
        self.living
    }

    /// The number of the document that a row belongs to, in the order in which documents were put in.
    pub(super) fn document(&self, row: usize) -> Option<u32> {
        self.documents[row]
    }

    /// The address and the span that a row belongs to.
    pub(super) fn at<'a>(&self, row: usize, log: &'a [u8]) -> (&'a str, Range<usize>) {
        let at = usize::try_from(self.entries[row]).expect("the log is in memory");
        let (entry, _) = entry(log, at).expect("the log was read before");
        (entry.url, entry.span)
    }
}

fn entry(log: &[u8], at: usize) -> Option<(Entry<'_>, usize)> {
    let head = log.get(at..at.checked_add(HEAD)?)?;
    let number = |from: usize| u64::from_le_bytes(head[from..from + 8].try_into().expect("eight bytes"));
    let span = usize::try_from(number(1)).ok()?..usize::try_from(number(9)).ok()?;
    let length = u32::from_le_bytes(head[17..21].try_into().expect("four bytes")) as usize;
    let url = std::str::from_utf8(log.get(at + HEAD..at + HEAD + length)?).ok()?;
    (head[0] <= FORGET && span.start <= span.end).then_some((Entry { kind: head[0], span, url }, HEAD + length))
}
