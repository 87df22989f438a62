//! A judge without weights: compares an answer with what is right in its world.

use std::collections::HashMap;

use async_trait::async_trait;
use offseeker_chat::{ChatError, ChatModel, Reply, Request};
use offseeker_entity_graph::key;
use offseeker_trajectory::{Answer, Message, Question};
use serde_json::json;

/// What stands before the answer that is to be judged, in the prompts of published judges. The last of them that a
/// prompt has counts.
const LABELS: [&str; 15] = [
    "<response>",
    "[response]:",
    "[response]",
    "Given answer:",
    "prediction:",
    "Response:",
    "Predicted answer:",
    "Predicted Answer:",
    "Prediction:",
    "Model answer:",
    "Student answer:",
    "Candidate answer:",
    "Final answer:",
    "回答：",
    "【回答】",
];

/// The forms that it replies in, by words of which one is in a prompt that asks for them. The first that fits counts.
const FORMS: [(&str, Form); 6] = [
    ("\"judgement\"", Form::Judgement),
    ("extracted_final_answer", Form::Lines),
    ("最终答案", Form::Chinese),
    ("[[YES]]", Form::Brackets),
    ("verdict", Form::Verdict),
    ("<judge>", Form::Tag),
];

/// A form of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Judgement,
    Lines,
    Chinese,
    Brackets,
    Verdict,
    Tag,
    Letter,
}

/// A judge without weights: it knows the right answers to some questions and compares, by what is left of a text when
/// case, marks and punctuation are taken away.
///
/// It finds the question in the prompt, and the answer after one of the labels that prompts of judges have, such as
/// `Response:`. What it says has the form that the prompt speaks of, one of those that judges of agents have: a JSON object
/// with `verdict`, a letter, `<judge>Yes</judge>` and so on. A prompt with a question that it does not know, or without an answer, is undetermined.
///
/// ```
/// use offseeker_chat::ChatModelExt;
/// use offseeker_toy_world::Judge;
/// use offseeker_trajectory::Question;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), offseeker_chat::ChatError> {
/// let judge = Judge::new([&Question::new("Where is the Karlin mill?", ["Orsa"])]);
/// let prompt = "Say {\"verdict\": ..}.\nQuestion: Where is the Karlin mill?\nResponse: the orsa.";
/// assert!(judge.ask(prompt).await?.contains(r#""verdict":"correct""#));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Judge {
    answers: HashMap<String, Vec<Answer>>,
}

/// What a judge holds of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Correct,
    Incorrect,
    Undetermined,
}

impl Judge {
    /// A judge of these questions.
    pub fn new<'a>(questions: impl IntoIterator<Item = &'a Question>) -> Self {
        let answers = questions.into_iter().map(|question| (question.text.clone(), question.answers.clone()));
        Self { answers: answers.collect() }
    }

    fn judge(&self, prompt: &str) -> (Verdict, String) {
        let Some(golds) = self.asked(prompt) else { return (Verdict::Undetermined, String::new()) };
        let Some(response) = response(prompt) else { return (Verdict::Undetermined, String::new()) };
        let is_right = golds.iter().flat_map(Answer::spellings).any(|gold| key(gold) == key(response));
        (if is_right { Verdict::Correct } else { Verdict::Incorrect }, response.to_owned())
    }

    /// The right answers to the question that a prompt holds; of several that it holds, the longest.
    fn asked(&self, prompt: &str) -> Option<&[Answer]> {
        // Most prompts have the question in a line of its own, after a label.
        let in_line = prompt.lines().find_map(|line| {
            let tail = line.split_once(':').map_or(line, |(_, tail)| tail);
            self.answers.get(line.trim()).or_else(|| self.answers.get(tail.trim()))
        });
        let anywhere = || {
            let held = self.answers.iter().filter(|(text, _)| prompt.contains(text.as_str()));
            held.max_by_key(|(text, _)| text.len()).map(|(_, golds)| golds)
        };
        in_line.or_else(anywhere).map(Vec::as_slice)
    }
}

/// The answer that is to be judged.
fn response(prompt: &str) -> Option<&str> {
    let places = LABELS.iter().filter_map(|label| prompt.rfind(label).map(|at| at + label.len()));
    let line = prompt[places.max()?..].trim_start().lines().next()?.trim();
    Some(line.trim_matches('"')).filter(|line| !line.is_empty())
}

/// A verdict in the form that a prompt speaks of.
fn written(prompt: &str, verdict: Verdict, extracted: &str) -> String {
    let form = FORMS.iter().find(|(words, _)| prompt.contains(words)).map_or(Form::Letter, |(_, form)| *form);
    let one_of = |correct, incorrect, undetermined| match verdict {
        Verdict::Correct => correct,
        Verdict::Incorrect => incorrect,
        Verdict::Undetermined => undetermined,
    };
    let word = one_of("correct", "incorrect", "undetermined");
    let reason = "compared with the right answers";
    match form {
        Form::Verdict => json!({"verdict": word, "extracted": extracted, "reason": reason}).to_string(),
        Form::Judgement => json!({"rationale": reason, "judgement": word}).to_string(),
        Form::Lines => {
            let correct = one_of("yes", "no", "unknown");
            format!("extracted_final_answer: {extracted}\nreasoning: {reason}\ncorrect: {correct}\nconfidence: 100%")
        }
        Form::Chinese => {
            format!("最终答案: {extracted}\n解释: 与标准答案比较\n结论: {}", one_of("正确", "错误", "不明"))
        }
        Form::Brackets => format!("[[{}]]", one_of("YES", "NO", "UNKNOWN")),
        Form::Tag => format!("<judge>{}</judge>", one_of("Yes", "No", "Unknown")),
        Form::Letter => one_of("A", "B", "C").to_owned(),
    }
}

#[async_trait]
impl ChatModel for Judge {
    fn name(&self) -> &str {
        "toy-judge"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        if request.messages.is_empty() {
            return Err(ChatError::invalid("there is nothing to judge"));
        }
        let prompt = request.messages.iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n");
        let (verdict, extracted) = self.judge(&prompt);
        Ok(Reply::new(Message::assistant(written(&prompt, verdict, &extracted))))
    }
}

#[cfg(test)]
mod tests {
    use offseeker_chat::ChatModelExt;

    use super::*;

    #[tokio::test]
    async fn verdicts_have_the_form_that_is_asked_for() {
        check("Answer A or B.\nQuestion: Who?\nPredicted answer: voss", "A").await;
        check("Answer A or B.\nQuestion: Who?\nPredicted answer: Ida", "B").await;
        check("Answer A or B.\nQuestion: Who?\nPredicted answer:\n", "C").await;
        check("Answer A or B.\nQuestion: Where?\nPredicted answer: Voss", "C").await;
        check("Say <judge>Yes</judge> or no.\n[question]: Who?\n[response]: VOSS.", "<judge>Yes</judge>").await;
        check("Say <judge>Yes</judge> or no.\nWho?\n[correct_answer]: Voss\n[response]: Ida", "<judge>No</judge>")
            .await;
    }

    async fn check(prompt: &str, expected: &str) {
        let judge = Judge::new([&Question::new("Who?", ["Voss"])]);
        assert_eq!(judge.ask(prompt).await.unwrap(), expected, "{prompt}");
    }
}
