//! What a page escapes, and which questions it refuses.

use offseeker_trajectory::Question;
use serde_json::json;

use super::*;

#[test]
fn a_title_is_text() {
    assert_eq!(escaped("a <b> & \"c\"\u{7}\nd"), "a &lt;b&gt; &amp; &quot;c&quot;  d");
    let head = head("{style} {policy}");
    assert!(head.contains("<title>{style} {policy}</title>"));
}

#[test]
fn a_sealed_question_in_clear_is_told() {
    let check = |mark: serde_json::Value, expected: bool| {
        let mut question = Question::new("Which river?", ["the Orsa"]);
        question.metadata.insert("seal".to_owned(), mark);
        assert_eq!(is_exposed(&question), expected, "{:?}", question.metadata);
    };
    check(json!({"closed": false}), true);
    check(json!({"closed": true}), false);
    check(json!({}), true);
    check(json!("a word"), false);
    assert!(!is_exposed(&Question::new("Which river?", ["the Orsa"])));
}
