//! Bytes as they lie in a table: compressed, with a checksum, where that makes them shorter.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// What is shorter is not worth the work.
const SHORT: usize = 120;

/// How hard `zstd` tries.
const LEVEL: i32 = 3;

/// More than a row can hold; a length that is greater is not one.
const MOST: u32 = 1 << 30;

/// The first byte: what follows is the bytes themselves.
const PLAIN: u8 = 0;

/// The first byte: four bytes of length follow, then a frame of `zstd`.
const ZSTD: u8 = 1;

/// Bytes as they are stored.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let frame = compressed(bytes).filter(|frame| frame.len() + 5 < bytes.len());
    match (frame, u32::try_from(bytes.len())) {
        (Some(frame), Ok(length)) => [&[ZSTD][..], &length.to_le_bytes(), &frame].concat(),
        _ => [&[PLAIN][..], bytes].concat(),
    }
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < SHORT {
        return None;
    }
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).ok()?;
    compressor.include_checksum(true).ok()?;
    compressor.compress(bytes).ok()
}

/// The bytes that were stored, or what is wrong with them.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, String> {
    match packed.split_first() {
        Some((&PLAIN, bytes)) => Ok(bytes.to_vec()),
        Some((&ZSTD, rest)) => {
            let (length, frame) = rest.split_first_chunk().ok_or("it is cut off")?;
            let length = u32::from_le_bytes(*length);
            if length > MOST {
                return Err(format!("{length} bytes are more than a row can hold"));
            }
            zstd::bulk::decompress(frame, length as usize).map_err(|error| error.to_string())
        }
        Some((tag, _)) => Err(format!("its first byte is {tag}")),
        None => Err("it is empty".to_owned()),
    }
}

/// A value as it is stored.
pub(super) fn pack_json<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(value).map_err(|error| StoreError::invalid(format!("it is no JSON: {error}")))?;
    Ok(pack(&json))
}

/// A value as it is stored, once it is sure that it is read back: what is nested too deep is not.
pub(super) fn pack_json_checked<T: Serialize + DeserializeOwned + PartialEq>(value: &T) -> Result<Vec<u8>, StoreError> {
    let packed = pack_json(value)?;
    match unpack_json::<T>(&packed) {
        Ok(back) if back == *value => Ok(packed),
        Ok(_) => Err(StoreError::invalid("a value in it changes when it is written as JSON")),
        Err(error) => Err(StoreError::invalid(format!("it could not be read back: {error}"))),
    }
}

/// The value that was stored, or what is wrong with it.
pub(super) fn unpack_json<T: DeserializeOwned>(packed: &[u8]) -> Result<T, String> {
    serde_json::from_slice(&unpack(packed)?).map_err(|error| error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use proptest::prelude::*;

    use super::{pack, unpack};

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(text in prop::collection::vec(any::<u8>(), 0..300), times in 1..20_usize) {
            let bytes = text.repeat(times);
            prop_assert_eq!(unpack(&pack(&bytes)).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_long_and_repeats_itself_is_shorter_and_any_damage_to_it_is_seen() {
        let packed = pack(&b"The mill stands on the Orsa. ".repeat(100));
        assert!(packed.len() < 100, "{} bytes", packed.len());
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            // The first bytes say how to read the rest, and a plain text has no checksum.
            let is_plain = damaged[0] == super::PLAIN;
            assert!(is_plain || unpack(&damaged).map_or(true, |bytes| bytes == unpack(&packed).unwrap()), "byte {at}");
        }
        assert!(unpack(&[]).is_err());
        assert!(unpack(&[super::ZSTD, 1]).is_err());
        assert!(unpack(&[super::ZSTD, 255, 255, 255, 255]).is_err());
    }
}
