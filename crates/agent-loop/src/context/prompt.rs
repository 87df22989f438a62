//! The prompts of the policies, which are text files with names in braces.

use offseeker_tools::Template;

/// Fills a prompt in that is shipped.
pub(crate) fn filled(prompt: &str, values: &[(&str, &str)]) -> String {
    Template::parse(prompt.trim_end()).expect("a test reads every prompt that is shipped").fill(values)
}

/// What stands between a pair of tags, the last one where there are several; none where there is nothing.
pub(crate) fn within<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let (before, _) = text.rsplit_once(close.as_str())?;
    let (_, inside) = before.rsplit_once(open.as_str())?;
    Some(inside.trim()).filter(|inside| !inside.is_empty())
}

/// The text without what stands between a pair of tags, and without the tags.
pub(crate) fn without(text: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let (mut kept, mut rest) = (String::new(), text);
    while let Some((before, inside)) = rest.split_once(open.as_str()) {
        let Some((_, after)) = inside.split_once(close.as_str()) else { break };
        kept.push_str(before.trim_end_matches([' ', '\n']));
        if !kept.is_empty() && !after.trim().is_empty() {
            kept.push('\n');
        }
        rest = after.trim_start_matches([' ', '\n']);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_tags_is_found_and_taken_out() {
        let check = |text: &str, inside: Option<&str>, outside: &str| {
            assert_eq!(within(text, "r"), inside, "{text}");
            assert_eq!(without(text, "r"), outside, "{text}");
        };
        check("", None, "");
        check("plain", None, "plain");
        check("<r> a </r>", Some("a"), "");
        check("x\n<r>a</r>\ny", Some("a"), "x\ny");
        check("<r>a</r>\ny", Some("a"), "y");
        check("x <r>a</r>", Some("a"), "x");
        check("<r>a</r> and <r>b</r>", Some("b"), "and");
        check("<r></r>", None, "");
        check("<r>open", None, "<r>open");
        check("close</r>", None, "close</r>");
        check("</r>a<r>", None, "</r>a<r>");
    }
}
