//! What the records of a window come to.

use std::collections::BTreeMap;

use offseeker_trajectory::QuestionId;

use super::Measure;
use super::record::Record;

/// How little an independent evaluation may rise and still be flat.
const FLAT: f64 = 0.01;

/// A figure, and which records make it what it is, by how much.
pub(super) struct Figure<'r> {
    pub(super) value: f64,
    pub(super) concerned: Vec<&'r Record>,
}

/// What the records of a window come to; none where there is nothing to measure.
pub(super) fn figure<'r>(measure: Measure, records: &[&'r Record], evaluations: &[f64]) -> Option<Figure<'r>> {
    let found = measured(measure, records, evaluations);
    found.filter(|figure| figure.value.is_finite())
}

fn measured<'r>(measure: Measure, records: &[&'r Record], evaluations: &[f64]) -> Option<Figure<'r>> {
    let answered: Vec<&Record> = records.iter().copied().filter(|record| record.answered).collect();
    match measure {
        Measure::CitationsPerSentence => highest(&answered, Record::citations_per_sentence),
        Measure::LengthInflation => inflation(&answered),
        Measure::KeywordRepeats => {
            let rewarded: Vec<&Record> =
                answered.into_iter().filter(|record| record.value.is_some_and(|value| value > 0.0)).collect();
            highest(&rewarded, |record| record.repeats as f64)
        }
        Measure::LoopRate => rate(records, |record| record.circles),
        Measure::ZeroStdFraction => zero_std(records),
        Measure::NoAnswerRate => rate(records, |record| !record.answered),
        Measure::NoSearchRate => rate(records, |record| record.calls == 0),
        Measure::MeanCalls => {
            let mut calls = highest(records, |record| record.calls as f64)?;
            calls.concerned.reverse();
            Some(calls)
        }
        Measure::RewardWithoutEvaluation => without_evaluation(records, evaluations),
        Measure::UnscoredRate => rate(records, |record| record.value.is_none()),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// A mean, and the records by how much each has, the most first.
fn highest<'r>(records: &[&'r Record], of: impl Fn(&Record) -> f64) -> Option<Figure<'r>> {
    let value = mean(records.iter().map(|record| of(record)))?;
    let mut concerned = records.to_vec();
    concerned.sort_by(|left, right| of(right).total_cmp(&of(left)));
    Some(Figure { value, concerned })
}

fn rate<'r>(records: &[&'r Record], is: impl Fn(&Record) -> bool) -> Option<Figure<'r>> {
    let value = mean(records.iter().map(|record| f64::from(u8::from(is(record)))))?;
    Some(Figure { value, concerned: records.iter().copied().filter(|record| is(record)).collect() })
}

fn inflation<'r>(answered: &[&'r Record]) -> Option<Figure<'r>> {
    let (earlier, later) = answered.split_at(answered.len() / 2);
    let words = |record: &Record| record.words as f64;
    let before = mean(earlier.iter().map(|record| words(record))).filter(|before| *before > 0.0)?;
    let after = highest(later, words)?;
    Some(Figure { value: after.value / before, concerned: after.concerned })
}

fn zero_std<'r>(records: &[&'r Record]) -> Option<Figure<'r>> {
    let mut groups: BTreeMap<&QuestionId, Vec<(&'r Record, f64)>> = BTreeMap::new();
    for record in records {
        if let Some(value) = record.value {
            groups.entry(&record.question).or_default().push((record, value));
        }
    }
    let groups: Vec<_> = groups.into_values().filter(|group| group.len() > 1).collect();
    let same = |group: &Vec<(&Record, f64)>| group.iter().all(|(_, value)| *value == group[0].1);
    let value = mean(groups.iter().map(|group| f64::from(u8::from(same(group)))))?;
    let concerned = groups.iter().filter(|group| same(group)).map(|group| group[0].0).collect();
    Some(Figure { value, concerned })
}

/// How much a series rises from its earlier half to its later.
fn rise(values: &[f64]) -> Option<f64> {
    let (earlier, later) = values.split_at(values.len() / 2);
    Some(mean(later.iter().copied())? - mean(earlier.iter().copied())?)
}

fn without_evaluation<'r>(records: &[&'r Record], evaluations: &[f64]) -> Option<Figure<'r>> {
    let valued: Vec<(&Record, f64)> = records.iter().filter_map(|record| Some((*record, record.value?))).collect();
    let rewards: Vec<f64> = valued.iter().map(|(_, value)| *value).collect();
    let value = if rise(evaluations)? <= FLAT { rise(&rewards)? } else { 0.0 };
    let mut later = valued[valued.len() / 2..].to_vec();
    later.sort_by(|left, right| right.1.total_cmp(&left.1));
    Some(Figure { value, concerned: later.into_iter().map(|(record, _)| record).collect() })
}
