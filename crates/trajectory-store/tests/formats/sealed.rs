//! Questions of sealed benchmarks are written where that is said, and only there.

use offseeker_trajectory::{
    Body, Cipher, Message, Metadata, Pair, Question, QuestionId, Sample, SampleId, SealMark, Trajectory,
    WeightedMessage,
};
use offseeker_trajectory_store::conformance;
use offseeker_trajectory_store::formats::{
    Branches, Format, PairFormat, RowError, SampleFormat, VerlRow, unpaired, unpaired_exposed,
};

fn mark(closed: bool) -> SealMark {
    SealMark { cipher: Cipher::HashedXor, canary: "canary".to_owned(), closed }
}

fn attempt(closed: bool) -> Trajectory {
    let mut attempt = conformance::attempt("sealed", 0);
    mark(closed).put(&mut attempt.question.metadata);
    attempt
}

fn sample(answer: &str) -> Sample {
    let said = |message, weight| WeightedMessage::new(message, weight);
    let messages = vec![said(Message::user("Which river?"), 0.0), said(Message::assistant(answer), 1.0)];
    let mut metadata = Metadata::new();
    mark(false).put(&mut metadata);
    metadata.insert("question".to_owned(), "mill".into());
    let body = Body::Messages { messages, tools: Vec::new() };
    Sample { id: SampleId::new(answer), body, from: None, metadata }
}

fn is_refused<T: std::fmt::Debug>(result: Result<T, RowError>, question: &QuestionId) {
    let error = result.unwrap_err();
    assert!(error.to_string().contains(question.as_str()), "{error}");
    assert_eq!(error, RowError::Sealed { question: question.clone() });
}

#[test]
fn attempts_are_refused_by_every_format() {
    let (open, closed) = (attempt(false), attempt(true));
    for format in Format::ALL {
        is_refused(format.write(&open, Branches::Main), &open.question.id);
        let written = format.write(&closed, Branches::Main).map_err(|error| error.to_string());
        let exposed = format.write_exposed(&open, Branches::Main).map_err(|error| error.to_string());
        assert_eq!(exposed.map(|lines| lines.len()), written.map(|lines| lines.len()), "{format:?}");
    }
    is_refused(VerlRow::new(&open.question, "mills", "test", 0, &[]), &open.question.id);
    assert_eq!(VerlRow::exposed(&open.question, "mills", "test", 0, &[]).prompt[0].content, open.question.text);
}

#[test]
fn samples_and_pairs_are_refused_by_every_format() {
    let mill = QuestionId::new("mill");
    for format in [SampleFormat::Offseeker, SampleFormat::OpenAi, SampleFormat::ShareGpt, SampleFormat::Trl] {
        is_refused(format.write(&sample("the Orsa")), &mill);
        assert!(format.write_exposed(&sample("the Orsa")).unwrap().contains("the Orsa"));
    }
    let unmarked = Sample { metadata: Metadata::new(), ..sample("the Lenne") };
    let pair = Pair { question: mill.clone(), chosen: unmarked, rejected: sample("the Orsa"), fork: 1, margin: None };
    for format in [PairFormat::Offseeker, PairFormat::ShareGpt, PairFormat::Trl] {
        is_refused(format.write(&pair), &mill);
        assert!(format.write_exposed(&pair).unwrap().contains("the Orsa"));
    }
    is_refused(unpaired(&pair), &mill);
    assert!(unpaired_exposed(&pair).unwrap()[1].contains("the Orsa"));
}

#[test]
fn a_sample_that_names_no_question_is_named_itself() {
    let mut sample = sample("the Orsa");
    sample.metadata.shift_remove("question");
    is_refused(SampleFormat::Trl.write(&sample), &QuestionId::new("the Orsa"));
}

#[test]
fn a_mark_that_cannot_be_read_counts_as_one() {
    let mut question = Question::new("Which river?", ["the Orsa"]);
    question.metadata.insert("seal".to_owned(), serde_json::json!({"cipher": "rot13", "closed": true}));
    is_refused(VerlRow::new(&question, "mills", "test", 0, &[]), &question.id);
}

#[cfg(feature = "parquet")]
#[test]
fn columns_are_refused_too() {
    use offseeker_trajectory_store::formats::{FormatError, ParquetWriter};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("attempts.parquet");
    let mut writer = ParquetWriter::<Trajectory>::create(&path).unwrap();
    let error = writer.write(attempt(false)).unwrap_err();
    assert!(matches!(&error, FormatError::Row { line: 1, source: RowError::Sealed { .. }, .. }), "{error}");
    writer.write(attempt(true)).unwrap();
    assert_eq!(writer.finish().unwrap(), 1);
    let mut writer = ParquetWriter::<Trajectory>::create(&path).unwrap().exposing();
    writer.write(attempt(false)).unwrap();
    assert_eq!(writer.finish().unwrap(), 1);
}
