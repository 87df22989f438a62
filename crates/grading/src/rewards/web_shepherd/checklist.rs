//! What has to be reached on the way to the end of a task.

use offseeker_trajectory::Question;
use serde::{Deserialize, Serialize};

use crate::rewards::prompts::CHECKLIST;
use crate::rewards::reply::object_of;
use crate::rewards::turns::{MOST_SHOWN, clipped};
use crate::{GradeError, Judge, Judgement};

/// The most items of a checklist.
pub const MOST_ITEMS: usize = 5;

/// What has to be reached on the way to the end of a task, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Checklist(pub Vec<String>);

impl Checklist {
    /// The one in the metadata of a question: `checklist`, an array of texts.
    #[must_use]
    pub fn of(question: &Question) -> Option<Self> {
        let items = question.metadata.get("checklist")?.as_array()?;
        let items: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        items.filter(|items| !items.is_empty()).map(Self)
    }

    /// Asks a model for one. Where the task starts, and what is seen there, are read from the metadata of the question:
    /// `start_url`, `start_page`.
    ///
    /// # Errors
    ///
    /// [`GradeError::Judge`] when the model does not reply.
    pub async fn write(model: &Judge, question: &Question) -> Result<Judgement<Self>, GradeError> {
        let given = |name: &str| question.metadata.get(name).and_then(|value| value.as_str()).unwrap_or("(not said)");
        let most = MOST_ITEMS.to_string();
        let seen = clipped(given("start_page"), MOST_SHOWN);
        let values =
            [("task", question.text.as_str()), ("start", given("start_url")), ("seen", &seen), ("most", &most)];
        model.ask("web-shepherd/checklist", &CHECKLIST.prompt(), &values, 0, read).await
    }

    /// The items under their numbers, one a line.
    #[must_use]
    pub fn numbered(&self) -> String {
        let lines: Vec<String> = self.0.iter().enumerate().map(|(at, item)| format!("{}: {item}", at + 1)).collect();
        lines.join("\n")
    }
}

fn read(reply: &str) -> Result<Checklist, String> {
    let fields = object_of(reply, &["items".to_owned()])?;
    let items = fields["items"].as_array().ok_or("\"items\" is no array")?;
    if items.is_empty() || items.len() > MOST_ITEMS {
        return Err(format!("there are {} items; there may be 1 to {MOST_ITEMS}", items.len()));
    }
    let texts: Option<Vec<String>> =
        items.iter().map(|item| item.as_str().map(|item| item.trim().to_owned())).collect();
    texts
        .filter(|texts| texts.iter().all(|text| !text.is_empty()))
        .map(Checklist)
        .ok_or("an item is no text".to_owned())
}
