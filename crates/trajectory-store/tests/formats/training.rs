//! Samples and pairs as rows, and back.

use offseeker_trajectory::{
    Body, Message, Pair, QuestionId, Role, Sample, SampleId, Segment, ToolSpec, WeightedMessage, WeightedToken,
};
use offseeker_trajectory_store::formats::{PairFormat, RowError, SampleFormat, read_unpaired, unpaired};
use serde_json::{Map, Value, json};

use crate::{calling, golden, result};

pub(crate) fn sample(messages: impl IntoIterator<Item = Message>) -> Sample {
    let weigh = |message: Message| {
        let weight = if message.role == Role::Assistant { 0.5 } else { 0.0 };
        let mut weighted = WeightedMessage::new(message, weight);
        weighted.segments.insert(Segment::Arguments, 0.25);
        weighted
    };
    let messages: Vec<_> = messages.into_iter().map(weigh).collect();
    let body = Body::Messages { messages, tools: Vec::new() };
    Sample { id: SampleId::new("s"), body, from: None, metadata: Map::new() }
}

pub(crate) fn tokens() -> Sample {
    let token = |id| WeightedToken { id, weight: 1.0, logprob: Some(-0.5) };
    Sample { body: Body::Tokens((0..5).map(token).collect()), ..sample([]) }
}

pub(crate) fn pair() -> Pair {
    let chosen = [Message::user("q"), calling(1), result("r"), Message::assistant("right")];
    let rejected = [Message::user("q"), Message::assistant("wrong")];
    Pair {
        question: QuestionId::new("q"),
        chosen: sample(chosen),
        rejected: sample(rejected),
        fork: 1,
        margin: Some(0.5),
    }
}

fn value(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

#[test]
fn golden_rows_come_back_as_they_were() {
    for row in golden("trl_preference") {
        assert_eq!(value(&PairFormat::Trl.write(&PairFormat::Trl.read(&row).unwrap()).unwrap()), value(&row));
    }
    for row in golden("sharegpt_pairs") {
        assert_eq!(value(&PairFormat::ShareGpt.write(&PairFormat::ShareGpt.read(&row).unwrap()).unwrap()), value(&row));
    }
    for row in golden("sharegpt") {
        let read = SampleFormat::ShareGpt.read(&row).unwrap();
        assert_eq!(value(&SampleFormat::ShareGpt.write(&read).unwrap()), value(&row));
    }
    for (row, expected) in golden("trl_unpaired").iter().zip([true, false]) {
        let (sample, label) = read_unpaired(row).unwrap();
        assert_eq!(label, expected);
        let Body::Messages { messages, .. } = &sample.body else { panic!("{sample:?}") };
        let weights: Vec<f32> = messages.iter().take(3).map(|message| message.weight).collect();
        assert_eq!(weights, [0.0, 0.0, 1.0]);
    }
}

#[test]
fn our_own_lines_keep_everything() {
    for sample in [sample([Message::user("q"), Message::assistant("a")]), tokens()] {
        let line = SampleFormat::Offseeker.write(&sample).unwrap();
        assert_eq!(SampleFormat::Offseeker.read(&line).unwrap(), sample);
    }
    let line = PairFormat::Offseeker.write(&pair()).unwrap();
    assert_eq!(PairFormat::Offseeker.read(&line).unwrap(), pair());
}

#[test]
fn the_prompt_of_a_preference_is_what_both_begin_with() {
    let row = value(&PairFormat::Trl.write(&pair()).unwrap());
    assert_eq!(row["prompt"].as_array().unwrap().len(), 1);
    assert_eq!(row["chosen"].as_array().unwrap().len(), 3);
    assert_eq!(row["rejected"][0]["content"], "wrong");
    let read = PairFormat::Trl.read(&row.to_string()).unwrap();
    assert_eq!(read.fork, 1);
    let [chosen, rejected] = unpaired(&pair()).unwrap().map(|line| value(&line));
    assert_eq!((&chosen["label"], &rejected["label"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(chosen["prompt"], rejected["prompt"]);
    assert_eq!(chosen["completion"], row["chosen"]);
}

#[test]
fn a_pair_that_cannot_be_written_says_why() {
    let check = |format: PairFormat, pair: &Pair, expected: &str| {
        let told = format.write(pair).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
    };
    check(PairFormat::Trl, &Pair { fork: 2, ..pair() }, "the field `fork` is 2");
    check(PairFormat::Trl, &Pair { fork: 9, ..pair() }, "the field `fork` is 9");
    check(PairFormat::Trl, &Pair { chosen: tokens(), ..pair() }, "holds tokens");
    let mut other_tools = pair();
    let Body::Messages { tools, .. } = &mut other_tools.rejected.body else { panic!("{other_tools:?}") };
    tools.push(ToolSpec::new("visit", "Opens.", json!({})));
    check(PairFormat::Trl, &other_tools, "are not those of `chosen`");
    check(PairFormat::ShareGpt, &pair(), "more than one message on a side");
    let alike = Pair { rejected: pair().chosen, fork: 4, ..pair() };
    check(PairFormat::Trl, &alike, "nothing was said");
    assert!(matches!(SampleFormat::OpenAi.write(&tokens()), Err(RowError::Nothing { .. })));
}
