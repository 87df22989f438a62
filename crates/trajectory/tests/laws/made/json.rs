//! Made-up texts, numbers and trees of JSON, odd ones among them.

use std::collections::BTreeMap;

use offseeker_trajectory::Metadata;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

/// Plain words, other scripts, control characters, and letters in more than one normal form.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,12}",
        "[\u{4e00}-\u{4eff}]{1,6}",
        "[\"\\\\/\u{0}-\u{1f}\u{7f}\u{2028}]{1,6}",
        "(e\u{301}|\u{e9}|\u{212b}|\u{1100}\u{1161}|\u{fb01}|q\u{307}\u{323}){1,4}",
        "\\PC{0,12}",
    ]
}

/// Every finite number, the odd ones as often as the rest.
pub(crate) fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![
        NORMAL | SUBNORMAL | ZERO | NEGATIVE | POSITIVE,
        -1.0..1.0,
        select(vec![0.1 + 0.2, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e16, 1e21, 9_007_199_254_740_993.0, -0.0]),
    ]
}

/// The same in 32 bits. 7.038531e-26 goes wrong when it is read as a 64-bit number first.
pub(crate) fn weight() -> impl Strategy<Value = f32> {
    use proptest::num::f32::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![
        NORMAL | SUBNORMAL | ZERO | NEGATIVE | POSITIVE,
        0.0f32..1.0,
        select(vec![7.038_531e-26, -7.038_531e-26, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 1e-45, 16_777_216.0, -0.0]),
    ]
}

/// Any JSON whose keys stay distinct when they are normalised.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        number().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((text(), inner), 0..5).prop_map(|fields| Value::from(object(fields))),
        ]
    })
}

pub(crate) fn metadata() -> impl Strategy<Value = Metadata> {
    vec((text(), json()), 0..3).prop_map(object)
}

fn object(fields: Vec<(String, Value)>) -> Metadata {
    let distinct: BTreeMap<String, (String, Value)> =
        fields.into_iter().map(|(key, value)| (key.nfc().collect(), (key, value))).collect();
    distinct.into_values().rev().collect()
}
