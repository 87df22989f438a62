//! What a page escapes.

use super::*;

#[test]
fn a_title_is_text() {
    assert_eq!(escaped("a <b> & \"c\"\u{7}\nd"), "a &lt;b&gt; &amp; &quot;c&quot;  d");
    let head = head("{style} {policy}");
    assert!(head.contains("<title>{style} {policy}</title>"));
}
