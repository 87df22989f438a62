//! Any text as the arguments of a call: no panic, and what was read can be said well and then reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use offseeker_chat::arguments;
use offseeker_trajectory::Repair;

fuzz_target!(|text: &str| {
    if let Ok(read) = arguments::read(text) {
        let again = arguments::read(&read.value.to_string()).expect("its own print");
        assert_eq!((again.value, again.repair), (read.value, Repair::None));
    }
});
