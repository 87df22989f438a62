//! The bytes that each token stands for.

use std::collections::BTreeMap;

/// The bytes that each token stands for, one after the other in one buffer.
pub(super) struct TokenBytes {
    bytes: Vec<u8>,
    ends: Vec<Option<usize>>,
}

impl TokenBytes {
    /// Works out the bytes of the tokens `0..size`; ids without a token are gaps.
    pub(super) fn new(size: u32, token: impl Fn(u32) -> Option<String>) -> Self {
        let byte_of = alphabet();
        let mut bytes = Vec::new();
        let mut ends = Vec::new();
        for id in 0..size {
            let Some(token) = token(id) else {
                ends.push(None);
                continue;
            };
            let spelled: Option<Vec<u8>> = token.chars().map(|c| byte_of.get(&c).copied()).collect();
            // As in the reference: what is not spelled in the byte alphabet stands for itself.
            bytes.extend(spelled.unwrap_or_else(|| token.into_bytes()));
            ends.push(Some(bytes.len()));
        }
        Self { bytes, ends }
    }

    /// The bytes of a token, if there is such a token.
    pub(super) fn of(&self, id: u32) -> Option<&[u8]> {
        let at = usize::try_from(id).ok()?;
        let end = (*self.ends.get(at)?)?;
        let start = self.ends[..at].iter().rev().find_map(|end| *end).unwrap_or(0);
        Some(&self.bytes[start..end])
    }

    /// One more than the largest id.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Which byte each character of the byte alphabet stands for: printable ones for themselves, the others shifted to
/// characters that print, as GPT-2 does.
fn alphabet() -> BTreeMap<char, u8> {
    let mut next = 256;
    (0..=u8::MAX)
        .map(|byte| {
            let prints = matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
            let code = if prints {
                u32::from(byte)
            } else {
                next += 1;
                next - 1
            };
            (char::from_u32(code).expect("all codes below 512 are characters"), byte)
        })
        .collect()
}
