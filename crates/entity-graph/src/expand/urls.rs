//! The second stage: nouns are searched for.

use std::collections::HashSet;

use async_trait::async_trait;
use offseeker_search::{Locale, Query, SearchBackend};
use rand::seq::SliceRandom;
use url::Url;

use super::ledger::Ledger;
use super::settle::{Pace, Step, settle};
use super::{ExpandError, Noun, Setback, Stage, Tally};
use crate::rng;

/// The longest address, in bytes.
const LONGEST: usize = 4_096;

/// What is added to addresses to see where readers come from.
const TRACKING: [&str; 5] = ["fbclid", "gclid", "msclkid", "ref_src", "spm"];

/// A page that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Where.
    pub(super) url: String,
    /// The language of the noun that led to it.
    pub(super) language: String,
}

struct Urls<'a> {
    search: &'a dyn SearchBackend,
    hits: usize,
}

#[async_trait]
impl Step for Urls<'_> {
    type Item = Noun;
    type Outcome = Vec<String>;

    fn stage(&self) -> Stage {
        Stage::Urls
    }

    fn key(&self, noun: &Noun) -> String {
        format!("{}/{}", noun.language, noun.text)
    }

    async fn work(&self, noun: &Noun, _: &[String]) -> Result<Vec<String>, Setback> {
        let locale = match noun.language.as_str() {
            "zh" => Some(Locale::new("cn", "zh-cn")),
            "en" => Some(Locale::new("us", "en")),
            _ => None,
        };
        let hits = self.search.search(&Query { locale, ..Query::new(&noun.text).limit(self.hits) }).await?;
        let urls = hits.into_iter().take(self.hits).map(|hit| hit.url);
        Ok(urls.filter(|url| !url.is_empty() && url.len() <= LONGEST).collect())
    }
}

/// Searches for nouns; each page is found once, by the first noun that leads to it.
pub(super) async fn urls(
    search: &dyn SearchBackend,
    (nouns, hits, most, seed): (&[Noun], usize, Option<usize>, u64),
    ledger: &mut Ledger<Vec<String>>,
    pace: &Pace<'_>,
) -> Result<(Vec<Source>, Tally), ExpandError> {
    let step = Urls { search, hits };
    settle(&step, nouns, ledger, pace).await?;
    let mut tally = Tally::new(Stage::Urls);
    let keys: Vec<String> = nouns.iter().map(|noun| step.key(noun)).collect();
    ledger.tally(keys.iter().map(String::as_str), &mut tally);
    let (mut sources, mut seen, mut doubles) = (Vec::new(), HashSet::new(), 0);
    for (noun, key) in nouns.iter().zip(&keys) {
        for url in ledger.get(key)?.unwrap_or_default() {
            if seen.insert(normal(&url)) {
                sources.push(Source { url, language: noun.language.clone() });
            } else {
                doubles += 1;
            }
        }
    }
    tally.drop("double", doubles);
    if let Some(most) = most.filter(|most| *most < sources.len()) {
        tally.drop("not drawn", sources.len() - most);
        let mut places: Vec<usize> = (0..sources.len()).collect();
        places.shuffle(&mut rng(seed, "urls", "draw"));
        places.truncate(most);
        places.sort_unstable();
        sources = places.into_iter().map(|place| sources[place].clone()).collect();
    }
    tally.give("addresses", sources.len());
    Ok((sources, tally))
}

/// What an address is compared by: without what makes two spellings of the address of one page.
///
/// Pages are still asked for as they were found, because a library may know only that spelling.
pub(super) fn normal(address: &str) -> String {
    let Ok(mut url) = Url::parse(address.trim()) else { return address.trim().to_owned() };
    url.set_fragment(None);
    let is_tracking = |name: &str| name.starts_with("utm_") || TRACKING.contains(&name);
    if url.query().is_some() {
        let kept: Vec<(String, String)> =
            url.query_pairs().filter(|(name, _)| !is_tracking(name)).map(|(k, v)| (k.into(), v.into())).collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
    let Some(host) = url.host_str().filter(|_| url.scheme().starts_with("http")) else { return url.into() };
    let host = host.trim_start_matches("www.");
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
    format!("{host}{port}{}{query}", url.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        for other in [
            "https://karlin.example/mill",
            "HTTP://www.Karlin.example:80/mill/",
            "https://karlin.example/mill#history",
            "https://karlin.example/mill?utm_source=x&gclid=1",
        ] {
            assert_eq!(normal(other), "karlin.example/mill", "{other}");
        }
        assert_eq!(normal("https://karlin.example/mill?id=7&utm_medium=x"), "karlin.example/mill?id=7");
        assert_eq!(normal("file:///docs/mill.md#a"), "file:///docs/mill.md");
        assert_eq!(normal(" document 7 "), "document 7");
        assert_ne!(normal("https://karlin.example/Mill"), normal("https://karlin.example/mill"));
    }
}
