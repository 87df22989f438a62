//! The reasoning of a turn, and the script that it is written in.

use std::borrow::Cow;

use offseeker_resemblance::is_dense;
use offseeker_trajectory::Message;

/// The reasoning of a message: what a server returned apart, or what stands in its first pair of `<think>` tags.
pub(crate) fn reasoning(message: &Message) -> Cow<'_, str> {
    if let Some(reasoning) = &message.reasoning {
        return Cow::Borrowed(reasoning);
    }
    let text = message.content.as_str();
    // Some templates write the first tag for the model.
    let begin = text.find("<think>").map_or(0, |at| at + "<think>".len());
    match text.find("</think>") {
        Some(end) if end >= begin => Cow::Borrowed(text[begin..end].trim()),
        _ if begin > 0 => Cow::Borrowed(text[begin..].trim()),
        _ => Cow::Borrowed(""),
    }
}

/// A script, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Script {
    Latin,
    Greek,
    Cyrillic,
    Semitic,
    Indic,
    Hangul,
    /// Scripts that write no spaces.
    Dense,
    Other,
}

/// The script that most letters of a text are of; none where there are too few to tell.
pub(crate) fn script(text: &str) -> Option<Script> {
    let mut counts = [0_usize; 8];
    for char in text.chars().filter(|char| char.is_alphabetic()) {
        // A character without spaces around it says as much as several letters.
        counts[script_of(char) as usize] += if is_dense(char) { 3 } else { 1 };
    }
    let total: usize = counts.iter().sum();
    let (at, most) = counts.into_iter().enumerate().max_by_key(|(_, count)| *count)?;
    (total >= 10 && most * 2 > total).then(|| SCRIPTS[at])
}

const SCRIPTS: [Script; 8] = [
    Script::Latin,
    Script::Greek,
    Script::Cyrillic,
    Script::Semitic,
    Script::Indic,
    Script::Hangul,
    Script::Dense,
    Script::Other,
];

fn script_of(char: char) -> Script {
    match u32::from(char) {
        0x41..=0x24F | 0x1E00..=0x1EFF => Script::Latin,
        0x370..=0x3FF => Script::Greek,
        0x400..=0x52F => Script::Cyrillic,
        0x590..=0x77F => Script::Semitic,
        0x900..=0xDFF => Script::Indic,
        0x1100..=0x11FF | 0xAC00..=0xD7AF => Script::Hangul,
        _ if is_dense(char) => Script::Dense,
        _ => Script::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasoning_is_found_where_it_stands() {
        let check = |message: Message, expected: &str| assert_eq!(reasoning(&message), expected, "{message:?}");
        check(Message::assistant("<think>\nThe mill?\n</think>\n<answer>x</answer>"), "The mill?");
        check(Message::assistant("The mill?</think><answer>x</answer>"), "The mill?");
        check(Message::assistant("<think>never ends"), "never ends");
        check(Message::assistant("</think><think>"), "");
        check(Message::assistant("no tags"), "");
        check(Message { reasoning: Some("apart".into()), ..Message::assistant("<think>x</think>") }, "apart");
    }

    #[test]
    fn the_script_of_most_letters_is_told() {
        let check = |text: &str, expected: Option<Script>| assert_eq!(script(text), expected, "{text}");
        check("Which river does the mill stand on?", Some(Script::Latin));
        check("这座磨坊位于哪条河上", Some(Script::Dense));
        check("Какая река течёт здесь", Some(Script::Cyrillic));
        check("磨坊 (the old mill of the painter)", Some(Script::Latin));
        check("12 + 4", None);
        check("", None);
    }
}
