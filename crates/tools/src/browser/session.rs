//! What one attempt has opened in its browser.

use std::sync::Arc;

use offseeker_trajectory::{CallStatus, Source, View};
use tokio::sync::{Mutex, MutexGuard};

use super::view::{Link, Sheet};
use crate::Observation;
use crate::profile::BrowserText;

/// The most sheets that a session keeps; the oldest ones cannot be gone back to after that.
const MAX_SHEETS: usize = 1_000;

/// What one attempt has opened in its browser. Clones share it, for the tools of one toolbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session(Arc<Mutex<Stack>>);

/// What was shown, by cursor.
#[derive(Debug, Default)]
pub(super) struct Stack {
    sheets: Vec<Arc<Sheet>>,
    /// The cursor of the first sheet that is kept.
    first: usize,
}

impl Session {
    /// Waits for the calls that began before. The lock is fair, so calls pass in the order in which they began.
    pub(super) async fn lock(&self) -> MutexGuard<'_, Stack> {
        self.0.lock().await
    }
}

impl Stack {
    /// The sheet at a cursor, or the latest where the cursor is negative; else words for the model.
    pub(super) fn at(&self, cursor: i64) -> Result<Arc<Sheet>, String> {
        let Some(latest) = self.sheets.last() else { return Err("No page is open yet.".to_owned()) };
        let Ok(cursor) = usize::try_from(cursor) else { return Ok(latest.clone()) };
        let place = cursor.checked_sub(self.first);
        place.and_then(|place| self.sheets.get(place)).cloned().ok_or_else(|| {
            let last = self.first + self.sheets.len() - 1;
            format!("There is no cursor {cursor}. The cursors are {} to {last}.", self.first)
        })
    }

    /// The link with a number on the sheet at a cursor, or words for the model.
    pub(super) fn link(&self, cursor: i64, number: i64) -> Result<Link, String> {
        let sheet = self.at(cursor)?;
        let link = usize::try_from(number).ok().and_then(|number| sheet.links.get(number));
        link.cloned().ok_or_else(|| match sheet.links.len() {
            0 => format!("There is no link {number} on \"{}\", nor any other.", sheet.title),
            links => format!("There is no link {number} on \"{}\". The links are 0 to {}.", sheet.title, links - 1),
        })
    }

    /// Puts a sheet on the stack and shows a part of it.
    pub(super) fn show(&mut self, sheet: Arc<Sheet>, part: Part, text: &BrowserText) -> Observation {
        let cursor = self.first + self.sheets.len();
        let shown = match sheet.view(cursor, part.line, part.lines, text.tokens) {
            Ok(shown) => Observation::ok(shown).showing(sheet.sources()),
            Err(reason) => return wrong(reason),
        };
        self.sheets.push(sheet);
        if self.sheets.len() > MAX_SHEETS {
            self.sheets.remove(0);
            self.first += 1;
        }
        shown
    }
}

/// Which part of a sheet is shown: from a line on, so many lines; negative numbers leave it to the browser.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) line: i64,
    pub(super) lines: i64,
}

impl Part {
    /// The beginning.
    pub(super) const BEGINNING: Self = Self { line: -1, lines: -1 };
}

/// Words for the model about something it asked for.
pub(super) fn wrong(reason: String) -> Observation {
    Observation::new(CallStatus::InvalidArguments, reason)
}

/// A place that was shown.
pub(super) fn source(url: &str, view: View) -> Source {
    Source { url: url.to_owned(), view }
}
