//! The program that loads a program which shares libraries, as the program's own file names it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How many headers of a program are looked at; no real one has so many.
const MOST_HEADERS: u16 = 128;
/// The longest path of a loader.
const LONGEST: u64 = 4_096;

/// The loader of a program, where the program is an ELF file of 64 bits, in little-endian order, that needs one.
pub(super) fn loader(program: &Path) -> Option<PathBuf> {
    read(program).ok().flatten()
}

fn read(program: &Path) -> io::Result<Option<PathBuf>> {
    const INTERPRETER: u64 = 3;
    let mut file = File::open(program)?;
    let mut head = [0; 64];
    file.read_exact(&mut head)?;
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return Ok(None);
    }
    let (start, size, count) = (number(&head, 32, 8), number(&head, 54, 2), number(&head, 56, 2));
    for at in 0..count.min(u64::from(MOST_HEADERS)) {
        let mut header = [0; 56];
        file.seek(SeekFrom::Start(start.saturating_add(at * size)))?;
        file.read_exact(&mut header)?;
        let length = number(&header, 32, 8);
        if number(&header, 0, 4) == INTERPRETER && (1..=LONGEST).contains(&length) {
            file.seek(SeekFrom::Start(number(&header, 8, 8)))?;
            let mut path = String::new();
            file.take(length).read_to_string(&mut path)?;
            return Ok(Some(PathBuf::from(path.trim_end_matches('\0'))));
        }
    }
    Ok(None)
}

/// The number of so many bytes at a place.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_names_its_loader() {
        let own = std::env::current_exe().expect("it runs");
        if let Some(loader) = loader(&own) {
            assert!(loader.is_absolute() && loader.exists(), "{}", loader.display());
        } else {
            let needs_one = cfg!(all(not(target_feature = "crt-static"), target_pointer_width = "64"));
            assert!(!needs_one, "{}", own.display());
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut broken = b"\x7fELF\x02\x01".to_vec();
        broken.resize(64, 0xff);
        for (name, content) in
            [("empty", &b""[..]), ("script", b"#!/bin/sh\n"), ("broken", &broken), ("long", &[0; 999])]
        {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("written");
            assert_eq!(loader(&path), None, "{name}");
        }
        assert_eq!(loader(&folder.path().join("nothing")), None);
    }
}
