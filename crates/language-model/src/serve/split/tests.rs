//! Texts taken apart, however they are cut.

use super::*;

fn split(text: &str, size: usize, in_reasoning: bool, with_calls: bool) -> Delta {
    let mut splitter = Splitter::new(Dialect::shipped("qwen").unwrap(), in_reasoning, with_calls);
    let mut whole = Delta::default();
    let letters: Vec<char> = text.chars().collect();
    let pieces = letters.chunks(size).map(|piece| piece.iter().collect::<String>());
    let mut deltas: Vec<Delta> = pieces.map(|piece| splitter.push(&piece)).collect();
    deltas.push(splitter.finish());
    for delta in deltas {
        whole.reasoning.push_str(&delta.reasoning);
        whole.content.push_str(&delta.content);
        whole.calls.extend(delta.calls);
    }
    whole
}

fn check(text: &str, (in_reasoning, with_calls): (bool, bool), (reasoning, content, calls): (&str, &str, &[&str])) {
    for size in [1, 2, 3, 7, 1000] {
        let delta = split(text, size, in_reasoning, with_calls);
        let said: Vec<String> = delta.calls.iter().map(|call| format!("{}{}", call.name, call.arguments)).collect();
        assert_eq!((delta.reasoning.as_str(), delta.content.as_str()), (reasoning, content), "{text:?} by {size}");
        assert_eq!(said, calls, "{text:?} by {size}");
    }
}

#[test]
fn reasoning_and_calls_are_taken_out_and_the_rest_stays() {
    let call = "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": 1}}\n</tool_call>";
    let tricky = "<tool_call>{\"name\": \"say\", \"arguments\": {\"q\": \"</tool_call>\"}}</tool_call>";
    let plain = (false, true);
    check("Hello.", plain, ("", "Hello.", &[]));
    check("<think> let me see</think>\n\nHello world.", plain, (" let me see", "\n\nHello world.", &[]));
    check("hm</think>\n<answer>x</answer>\n", (true, true), ("hm", "\n<answer>x</answer>\n", &[]));
    check("hm, and no end </thin", (true, true), ("hm, and no end </thin", "", &[]));
    check("\n<think>\nA</think>\n", plain, ("\nA", "\n", &[]));
    check(&format!("<think>A</think>\n\n{call}\n{call}\n"), plain, ("A", "", &["search{\"q\": 1}"; 2]));
    check(&format!("First {call} then\n"), plain, ("", "First then", &["search{\"q\": 1}"]));
    check(tricky, plain, ("", "", &["say{\"q\": \"</tool_call>\"}"]));
    check(call, (false, false), ("", call, &[]));
    check("<tool_call>no</tool_call> x", plain, ("", "<tool_call>no</tool_call> x", &[]));
    check("<tool_call>\n{\"name\": \"search\", \"arguments\": {}}\n", plain, ("", "", &["search{}"]));
    check("<tool_call>{\"name\": \"sea", plain, ("", "<tool_call>{\"name\": \"sea", &[]));
    check("a < b <too", plain, ("", "a < b <too", &[]));
    check("", plain, ("", "", &[]));
}
