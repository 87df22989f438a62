//! The third stage: what was found is read.

use std::collections::HashSet;

use async_trait::async_trait;
use offseeker_pages::{Library, Page, PageError};

use super::ledger::Ledger;
use super::settle::{Pace, Step, settle};
use super::urls::{Source, normal};
use super::{ExpandError, Setback, Stage, Tally};
use crate::page_hash;

/// The most links of a page that are kept.
const MOST_LINKS: usize = 2_000;

/// Why a page that could not be reached is passed over.
pub(super) const UNREACHABLE: &str = "unreachable";

struct Pages<'a> {
    library: &'a dyn Library,
    shortest: usize,
    longest: usize,
    leave_out: bool,
}

#[async_trait]
impl Step for Pages<'_> {
    type Item = Source;
    type Outcome = Page;

    fn stage(&self) -> Stage {
        Stage::Pages
    }

    fn key(&self, source: &Source) -> String {
        source.url.clone()
    }

    async fn work(&self, source: &Source, _: &[String]) -> Result<Page, Setback> {
        let mut page = match self.library.get(&source.url).await {
            Ok(page) => page,
            Err(error) if self.leave_out && is_gone(&error) => {
                return Err(Setback::PassedOver { rule: UNREACHABLE.to_owned() });
            }
            Err(error) => return Err(error.into()),
        };
        let characters = page.text.trim().chars().take(self.shortest).count();
        if characters < self.shortest {
            return Err(Setback::PassedOver { rule: format!("under {} characters", self.shortest) });
        }
        cut(&mut page, self.longest);
        page.language.get_or_insert_with(|| source.language.clone());
        Ok(page)
    }
}

/// Whether it is the page alone that cannot be reached, as far as can be told.
pub(super) fn is_gone(error: &PageError) -> bool {
    matches!(error, PageError::Transient { .. } | PageError::Timeout { .. } | PageError::RateLimited { .. })
}

/// Keeps the beginning of a page that is long.
pub(super) fn cut(page: &mut Page, longest: usize) {
    if let Some((end, _)) = page.text.char_indices().nth(longest) {
        page.text.truncate(end);
    }
    page.links.truncate(MOST_LINKS);
}

/// Reads what was found; gives the keys of the pages, each once, also where it has several addresses.
pub(super) async fn pages(
    library: &dyn Library,
    (sources, shortest, longest, leave_out): (&[Source], usize, usize, bool),
    ledger: &mut Ledger<Page>,
    pace: &Pace<'_>,
) -> Result<(Vec<String>, Tally), ExpandError> {
    let step = Pages { library, shortest, longest, leave_out };
    settle(&step, sources, ledger, pace).await?;
    let mut tally = Tally::new(Stage::Pages);
    ledger.tally(sources.iter().map(|source| source.url.as_str()), &mut tally);
    let (mut read, mut seen, mut doubles) = (Vec::new(), HashSet::new(), 0);
    for source in sources {
        let Some(page) = ledger.get(&source.url)? else { continue };
        // Of one that redirects to another only the first counts, and of two with the same text too.
        let (address, text) = (normal(&page.url), page_hash(&page.text));
        let is_new = !seen.contains(&address) && !seen.contains(&text);
        seen.extend([address, text]);
        if is_new {
            read.push(source.url.clone());
        } else {
            doubles += 1;
        }
    }
    tally.drop("double", doubles);
    tally.give("pages", read.len());
    Ok((read, tally))
}
