//! The rows on a page: cells at the leaves of a table, and the records in them.

use rusqlite::types::ValueRef;

use super::pages::Pages;
use crate::embedded::opening::PAGE;

/// The first byte of a page at the leaves of a table.
const LEAF: u8 = 13;

/// The first bytes of pages that hold no rows: inside a table, inside an index, at the leaves of an index.
const NO_LEAVES: [u8; 3] = [5, 2, 10];

/// Bytes before the places of the cells of a leaf.
const LEAF_HEADER: usize = 8;

/// More columns than any table has.
const COLUMNS: usize = 32;

/// A row as it was found: its key, and the bytes of its record.
pub(super) struct Found {
    pub(super) key: i64,
    pub(super) record: Vec<u8>,
}

/// How many cells there are on a page, if it can be a leaf of a table at all.
pub(super) fn cells(page: &[u8]) -> usize {
    let count = usize::from(u16::from_be_bytes([page[3], page[4]]));
    let may_be = page[0] == LEAF || !NO_LEAVES.contains(&page[0]);
    if may_be && LEAF_HEADER + 2 * count <= page.len() { count } else { 0 }
}

/// The row in a cell, if there is one.
pub(super) fn found(pages: &Pages, page: &[u8], cell: usize) -> Option<Found> {
    let pointer = page.get(LEAF_HEADER + 2 * cell..)?.first_chunk()?;
    let mut rest = page.get(usize::from(u16::from_be_bytes(*pointer))..)?;
    let size = usize::try_from(varint(&mut rest)?).ok()?;
    let key = varint(&mut rest)?;
    if size as u64 > pages.size() {
        return None;
    }
    let local = local_size(size);
    let mut record = rest.get(..local)?.to_vec();
    if local < size {
        let next = rest.get(local..)?.first_chunk()?;
        follow(pages, u32::from_be_bytes(*next), size, &mut record)?;
    }
    Some(Found { key, record })
}

/// How many bytes of a record stand in its cell; the others follow on pages of their own.
fn local_size(size: usize) -> usize {
    let most = PAGE - 35;
    let least = (PAGE - 12) * 32 / 255 - 23;
    if size <= most {
        return size;
    }
    let local = least + (size - least) % (PAGE - 4);
    if local <= most { local } else { least }
}

/// Reads the rest of a record, page by page; it is never longer than it says.
fn follow(pages: &Pages, mut next: u32, size: usize, record: &mut Vec<u8>) -> Option<()> {
    while record.len() < size {
        let page = pages.page(next)?;
        next = u32::from_be_bytes(*page.first_chunk()?);
        let wanted = (size - record.len()).min(PAGE - 4);
        record.extend_from_slice(page.get(4..4 + wanted)?);
    }
    Some(())
}

/// The values in a record; none where it is no record.
pub(super) fn values(record: &[u8]) -> Option<Vec<ValueRef<'_>>> {
    let mut header = record;
    let length = usize::try_from(varint(&mut header)?).ok()?;
    let mut body = record.get(length..)?;
    let mut header = header.get(..length.checked_sub(record.len() - header.len())?)?;
    let mut values = Vec::new();
    while !header.is_empty() {
        let kind = varint(&mut header)?;
        if values.len() == COLUMNS {
            return None;
        }
        values.push(value(kind, &mut body)?);
    }
    Some(values)
}

fn value<'r>(kind: i64, body: &mut &'r [u8]) -> Option<ValueRef<'r>> {
    let mut take = |count: usize| {
        let (taken, rest) = body.split_at_checked(count)?;
        *body = rest;
        Some(taken)
    };
    match kind {
        0 => Some(ValueRef::Null),
        1..=4 => take(usize::try_from(kind).ok()?).map(integer),
        5 => take(6).map(integer),
        6 => take(8).map(integer),
        7 => take(8)?.first_chunk().map(|bytes| ValueRef::Real(f64::from_be_bytes(*bytes))),
        8 => Some(ValueRef::Integer(0)),
        9 => Some(ValueRef::Integer(1)),
        12.. => {
            let bytes = take(usize::try_from((kind - 12) / 2).ok()?)?;
            Some(if kind % 2 == 0 { ValueRef::Blob(bytes) } else { ValueRef::Text(bytes) })
        }
        _ => None,
    }
}

fn integer(bytes: &[u8]) -> ValueRef<'_> {
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let start = if negative { -1 } else { 0 };
    ValueRef::Integer(bytes.iter().fold(start, |number: i64, byte| number << 8 | i64::from(*byte)))
}

/// A number in one to nine bytes, seven bits in each but the ninth.
fn varint(bytes: &mut &[u8]) -> Option<i64> {
    let mut number = 0_u64;
    for at in 0..9 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if at == 8 {
            return Some((number << 8 | u64::from(*byte)).cast_signed());
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number.cast_signed())
}
