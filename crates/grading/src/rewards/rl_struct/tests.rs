//! RL-Struct: levels of structure.

use serde_json::json;

use super::*;
use crate::rewards::made::{Fixed, Goes, attempt, graded, near, ours_is_unscored, reason};
use crate::rewards::{Parts, preset};

fn schema() -> Value {
    json!({
        "required": ["river", "length"],
        "properties": {"river": {"type": "string"}, "length": {"type": "number"}, "mills": {"type": "array"}},
    })
}

#[test]
fn levels_are_walked_from_the_lowest() {
    let content = Fixed::at(0.5);
    let parts = Parts::default().with("content", content.clone()).with("expression", Fixed::at(1.0));
    let grader = preset("rl-struct/levels").unwrap().build(&parts).unwrap().as_grader().unwrap();
    let check = |answer: &str, expected: f64| {
        let attempt = attempt().knows("schema", schema()).answers(answer);
        let grade = graded(&*grader, &attempt);
        assert!((grade.value.unwrap() - expected).abs() < 1e-12, "RL-Struct, {answer}: {grade:?}");
    };
    check(r#"{"river": "the Orsa", "length": 12}"#, 0.2 * (1.0 + 1.0 + 1.0 + 0.5 + 1.0));
    check(r#"{"river": "the Orsa"}"#, 0.2 * (1.0 + 0.5 + 1.0 + 0.5 + 1.0));
    check(r#"{"river": 7, "length": 12}"#, 0.2 * (1.0 + 1.0 + 0.5 + 0.5 + 1.0));
    check("[]", 0.2 * (1.0 + 0.0 + 1.0 + 0.5 + 1.0));
    let asked = content.asked.load(std::sync::atomic::Ordering::Relaxed);
    check("the Orsa", 0.0);
    assert_eq!(content.asked.load(std::sync::atomic::Ordering::Relaxed), asked, "nobody is asked above a hard failure");
}

#[test]
fn what_is_no_json_is_malformed() {
    let grade = graded(&Structure::Validity, &attempt().answers("{"));
    assert_eq!((grade.value, grade.outcome), (Some(0.0), Outcome::Malformed));
    near(graded(&Structure::Validity, &attempt().answers("{}")).value, 1.0);
    assert_eq!(reason(&graded(&Structure::Fields, &attempt().answers("{}"))), "the question's metadata has no schema");
    for structure in [Structure::Validity, Structure::Fields, Structure::Types] {
        ours_is_unscored(&structure, &attempt().answers("{}"));
    }
}

#[test]
fn shares_are_of_what_the_schema_names() {
    let check = |answer: Value, fields: f64, types: f64| {
        near(fields_share(&schema(), &answer), fields);
        near(types_share(&schema(), &answer), types);
    };
    check(json!({}), 0.0, 1.0);
    check(json!({"river": "x", "length": 1.5, "mills": []}), 1.0, 1.0);
    check(json!({"river": null, "mills": {}}), 0.5, 0.0);
    near(fields_share(&json!({}), &json!({})), 1.0);
    for (name, right) in [("integer", json!(1)), ("boolean", json!(true)), ("object", json!({})), ("null", json!(null))]
    {
        let schema = json!({"properties": {"a": {"type": name}}});
        near(types_share(&schema, &json!({"a": right})), 1.0);
        near(types_share(&schema, &json!({"a": "text"})), 0.0);
    }
}
