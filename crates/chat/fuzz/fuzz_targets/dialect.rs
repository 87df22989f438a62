//! Any text in any dialect: no panic, the same turn in pieces as in one, and what can be written reads as it was.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_trajectory::{Repair, ToolCall};

fuzz_target!(|input: (u8, &str)| {
    let (size, text) = input;
    for dialect in Dialect::all_shipped() {
        let whole = dialect.parse(text);
        assert_eq!(in_pieces(dialect, text, usize::from(size % 16) + 1), whole, "{}", dialect.name);
        let sound = Turn { flaws: Vec::new(), ..whole };
        if let Ok(written) = dialect.render(&sound) {
            let calls = sound.calls.iter().map(|call| ToolCall { repair: Repair::None, ..call.clone() }).collect();
            assert_eq!(dialect.parse(&written), Turn { calls, ..sound }, "{}: {written:?}", dialect.name);
        }
    }
});

fn in_pieces(dialect: &Dialect, text: &str, size: usize) -> Turn {
    let mut parser = dialect.parser();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = size.min(rest.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        parser.push(&rest[..end]);
        rest = &rest[end..];
    }
    parser.finish()
}
