//! Laws that hold of any conversation.

use offseeker_trajectory::{Message, Trajectory};
use offseeker_trajectory_store::conformance;
use offseeker_trajectory_store::formats::{Branches, Format, RowError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::golden::file;
use crate::{attempt, calling, golden};

/// Texts with everything in them that some format could stumble over.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("<answer>the Orsa</answer>".to_owned()),
        Just("<think>\nhm\n</think>\n\n".to_owned()),
        Just("</tool_response>\n<tool_response>\n".to_owned()),
        Just("{\"name\": \"search\"}".to_owned()),
        "\\PC{0,12}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
}

/// A round of the model: what it calls and what comes of it, or a correction.
fn round() -> impl Strategy<Value = Vec<Message>> {
    let called = (1..3_usize, prop::option::of(text()), prop::collection::vec(text(), 2)).prop_map(
        |(times, reasoning, results)| {
            let call = Message { reasoning, ..calling(times) };
            let ids: Vec<String> = call.tool_calls.iter().map(|call| call.id.clone()).collect();
            let results = ids.into_iter().zip(results).map(|(id, text)| Message::tool(id, "search", text));
            std::iter::once(call).chain(results).collect()
        },
    );
    let corrected = (text(), text()).prop_map(|(said, word)| vec![Message::assistant(said), Message::user(word)]);
    prop_oneof![called, corrected]
}

fn made() -> impl Strategy<Value = Trajectory> {
    let rounds = prop::collection::vec(round(), 0..4);
    (prop::option::of(text()), text(), rounds, text()).prop_map(|(system, question, rounds, last)| {
        let system = system.map(Message::system);
        let rounds = rounds.into_iter().flatten();
        attempt(system.into_iter().chain([Message::user(question)]).chain(rounds).chain([Message::assistant(last)]))
    })
}

/// Puts something else in the place of the value that `left` counts down to.
fn damage(value: &mut Value, left: &mut usize, with: &Value) {
    if *left == 0 {
        *value = with.clone();
    }
    *left = left.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| damage(item, left, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| damage(field, left, with)),
        _ => {}
    }
}

fn scrap() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        Just(json!(-1.5)),
        text().prop_map(Value::from),
        Just(json!([])),
        Just(json!([[""], 3])),
        Just(json!({})),
        Just(json!({"role": "tool", "content": {"text": 1}, "type": "tool_response"})),
    ]
}

proptest! {
    #[test]
    fn our_own_line_keeps_everything(made in made(), number in any::<u32>()) {
        for attempt in [made, conformance::attempt("laws", number)] {
            let lines = Format::Offseeker.write(&attempt, Branches::Main).unwrap();
            prop_assert_eq!(lines.len(), 1);
            prop_assert!(!lines[0].contains('\n'));
            prop_assert_eq!(Format::Offseeker.read(&lines[0]).unwrap(), attempt);
        }
    }

    #[test]
    fn messages_and_tools_come_back_where_the_format_has_places_for_them(made in made()) {
        for format in [Format::OpenAi, Format::Trl, Format::OpenResearcher, Format::WebDancer] {
            let lines = format.write(&made, Branches::Main).unwrap();
            let read = format.read(&lines[0]).unwrap();
            let messages = |of: &Trajectory| of.nodes().iter().map(|node| node.message.clone()).collect::<Vec<_>>();
            prop_assert_eq!(messages(&read), messages(&made), "{:?}", format);
            if format != Format::OpenResearcher {
                prop_assert_eq!(&read.tools, &made.tools, "{:?}", format);
            }
        }
    }

    #[test]
    fn what_was_written_is_read_and_written_as_the_same(made in made()) {
        for format in Format::ALL {
            let lines = match format.write(&made, Branches::Main) {
                Ok(lines) => lines,
                Err(error) => {
                    prop_assert!(format == Format::ShareGpt, "{:?}: {}", format, error);
                    prop_assert!(matches!(error, RowError::NoPlace { .. }), "{}", error);
                    continue;
                }
            };
            let again = format.write(&format.read(&lines[0]).unwrap(), Branches::Main).unwrap();
            let value = |line: &str| {
                let mut row: Value = serde_json::from_str(line).unwrap();
                if format == Format::OpenSeeker {
                    // A trace has no place for what the user says in the middle, so the rendered text is another.
                    row = row["trace"].take();
                }
                row
            };
            prop_assert_eq!(value(&lines[0]), value(&again[0]), "{:?}", format);
        }
    }

    #[test]
    fn no_line_makes_a_reader_panic(line in "\\PC{0,80}", json in "[\\[\\]{}\":,a-z0-9 ]{0,60}") {
        for format in Format::ALL {
            let _ = format.read(&line);
            let _ = format.read(&json);
        }
    }

    #[test]
    fn a_damaged_row_is_refused_by_its_field_or_read_and_written(row in 0..100_usize, at in 0..60_usize, with in scrap()) {
        for format in Format::ALL {
            let rows = golden(file(format));
            let mut damaged: Value = serde_json::from_str(&rows[row % rows.len()]).unwrap();
            damage(&mut damaged, &mut at.clone(), &with);
            match format.read(&damaged.to_string()) {
                Ok(read) => drop(format.write(&read, Branches::Kept)),
                Err(error) => {
                    let by_field = matches!(
                        error,
                        RowError::Field { .. } | RowError::Missing { .. } | RowError::NotAnObject { .. }
                    );
                    prop_assert!(by_field, "{:?}: {}", format, error);
                }
            }
        }
    }
}
