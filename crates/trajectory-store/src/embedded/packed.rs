//! Bytes as they are stored: compressed where that pays.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_frame_content_size;

use super::fault::{Fault, Maybe};

/// What follows is as it was.
const PLAIN: u8 = 0;
/// What follows is a frame of zstd.
const ZSTD: u8 = 1;
/// What follows is a frame of zstd that refers to [`PHRASES`].
const ZSTD_WITH_PHRASES: u8 = 2;

/// How hard zstd tries.
const LEVEL: i32 = 3;

/// Less than this is compressed with [`PHRASES`]: what is longer has phrases of its own.
const SHORT: usize = 4096;

/// What is shorter than this is left as it is.
const TINY: usize = 32;

/// What short pieces have in common; the last are the most likely. It can never be changed, only be followed by
/// another one with a number of its own.
const PHRASES: &[u8] = br#"{"grader":"judge@1","outcome":{"kind":"unscored","reason":""},"components":{"score":0.0},"spans":[{"node":1,"value":0.5,"note":""}],"evidence":[{"claim":"","node":1,"quote":""}]}{"grader":"exact@1","value":1.0,"outcome":{"kind":"correct"}}{"kind":"wrong"}{"kind":"no_answer"}{"kind":"limit","which":"turns"}[{"kind":"answered"},null][{"kind":"forced_answer","why":"context"},""]{"id":"","text":"Which ","answers":[{"text":"","aliases":["the "]}],"language":"en","metadata":{}}{"model":"","tools":[{"name":"search","description":"Searches.","parameters":{"type":"object","properties":{"query":{"type":"string","description":""}},"required":["query"]}}],"metadata":{"seed":1}}{"parent":0,"message":{"role":"user","content":""},"origin":{"kind":"corrective","value":{"why":"unreadable"}}}{"message":{"role":"system","content":""},"origin":{"kind":"given"},"at":{"clock_ms":1790000000000,"spent_ms":0,"waited_ms":0}}{"kind":"rewritten","value":{"of":[1,2,3]}}{"kind":"sampled","value":{"usage":{"requests":1,"prompt_tokens":0,"completion_tokens":0},"discarded":""}}{"parent":3,"message":{"role":"tool","content":"","tool_call_id":"call_","name":"visit"},"origin":{"kind":"observed","value":{"status":"not_found","elapsed_ms":12}},"at":{"clock_ms":1795000000000,"spent_ms":1000,"waited_ms":0}}{"parent":2,"message":{"role":"assistant","content":"<think>\n</think>\n<tool_call>\n{\"name\": \"visit\", \"arguments\": {\"url\": [\"https://en.wikipedia.org/wiki/\"], \"goal\": \"\"}}\n</tool_call>","tool_calls":[{"id":"call_","name":"visit","arguments":"{\"url\": \"https://www.\"}"}]},"origin":{"kind":"sampled","value":{"usage":{"requests":1,"prompt_tokens":12000,"cached_tokens":11000,"completion_tokens":300,"reasoning_tokens":200,"cost_microusd":100},"finish":{"kind":"stop","on":"</tool_call>"},"model":"","aside":"summary","calls":[{"id":"call_","name":"search","arguments":"{\"query\": [\"","repair":"json5"}]}},"at":{"clock_ms":1800000000000,"spent_ms":20000,"waited_ms":100}}{"parent":4,"message":{"role":"tool","content":"","tool_call_id":"call_","name":"search"},"origin":{"kind":"observed","value":{"status":"ok","sources":[{"url":"https://www.","view":"snippet"},{"url":"https://en.wikipedia.org/wiki/","view":"page"}],"elapsed_ms":1200,"usage":{"requests":1,"prompt_tokens":900,"completion_tokens":100}}},"at":{"clock_ms":1785000000000,"spent_ms":30000,"waited_ms":200}}"#;

struct Packer {
    compressor: Compressor<'static>,
    phrases: Compressor<'static>,
}

struct Unpacker {
    decompressor: Decompressor<'static>,
    phrases: Decompressor<'static>,
}

thread_local! {
    // Each holds some hundred kilobytes, so a thread makes them once.
    static PACKER: RefCell<Option<Packer>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Unpacker>> = const { RefCell::new(None) };
}

/// The bytes as they are stored.
pub(super) fn pack(plain: &[u8]) -> Vec<u8> {
    let packed = if plain.len() < TINY { None } else { compressed(plain).ok() };
    match packed {
        Some((form, frame)) if frame.len() < plain.len() => joined(form, &frame),
        _ => joined(PLAIN, plain),
    }
}

/// The bytes as they were.
pub(super) fn unpack(packed: &[u8]) -> Maybe<Vec<u8>> {
    let broken = |error: io::Error| Fault::damage(format!("what is stored cannot be unpacked: {error}"));
    match packed.split_first() {
        Some((&PLAIN, plain)) => Ok(plain.to_vec()),
        Some((&form @ (ZSTD | ZSTD_WITH_PHRASES), frame)) => decompressed(form, frame).map_err(broken),
        _ => Err(Fault::damage("what is stored is packed in an unknown way")),
    }
}

fn joined(form: u8, bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(bytes.len() + 1);
    packed.push(form);
    packed.extend_from_slice(bytes);
    packed
}

fn compressed(plain: &[u8]) -> io::Result<(u8, Vec<u8>)> {
    PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            None => packer.insert(Packer {
                compressor: Compressor::new(LEVEL)?,
                phrases: Compressor::with_dictionary(LEVEL, PHRASES)?,
            }),
        };
        if plain.len() < SHORT {
            Ok((ZSTD_WITH_PHRASES, packer.phrases.compress(plain)?))
        } else {
            Ok((ZSTD, packer.compressor.compress(plain)?))
        }
    })
}

fn decompressed(form: u8, frame: &[u8]) -> io::Result<Vec<u8>> {
    let unsized_frame = || io::Error::other("the frame does not say how long it is");
    let size = get_frame_content_size(frame).ok().flatten().ok_or_else(unsized_frame)?;
    let size = usize::try_from(size).map_err(io::Error::other)?;
    UNPACKER.with_borrow_mut(|unpacker| {
        let unpacker = match unpacker {
            Some(unpacker) => unpacker,
            None => unpacker.insert(Unpacker {
                decompressor: Decompressor::new()?,
                phrases: Decompressor::with_dictionary(PHRASES)?,
            }),
        };
        let unpacker = if form == ZSTD { &mut unpacker.decompressor } else { &mut unpacker.phrases };
        unpacker.decompress(frame, size)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use proptest::prelude::*;

    use super::{PHRASES, SHORT, pack, unpack};

    proptest! {
        #[test]
        fn what_is_packed_comes_back(plain in prop::collection::vec(0_u8..4, 0..2 * SHORT)) {
            prop_assert_eq!(unpack(&pack(&plain)).unwrap(), plain);
        }

        #[test]
        fn what_was_never_packed_is_refused_or_unpacked_but_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn short_pieces_shrink_by_what_they_have_in_common() {
        let piece = &PHRASES[PHRASES.len() - 300..];
        assert!(pack(piece).len() < 40, "{}", pack(piece).len());
    }

    #[test]
    fn the_phrases_are_those_of_the_files_that_there_are() {
        let hash = blake3::hash(PHRASES).to_hex();
        assert_eq!(&hash[..16], "1e33f306923bf7aa");
    }
}
