//! Finished sequences whose keys and values stay, because a new prompt may begin as they do.

use super::engine::common;

/// Finished sequences whose keys and values stay.
#[derive(Debug, Default)]
pub(super) struct Kept {
    entries: Vec<Entry>,
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    slot: usize,
    tokens: Vec<u32>,
    session: Option<String>,
    used: u64,
}

impl Kept {
    /// How many there are, and how many tokens they have.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.entries.iter().map(|entry| entry.tokens.len()).sum())
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// The one that has most first tokens in common with a prompt, and how many. Where `parts` is not so, it must go on
    /// where the other ended.
    pub(super) fn best(&self, prompt: &[u32], parts: bool) -> Option<(usize, usize)> {
        let found = self.entries.iter().enumerate().map(|(at, entry)| (at, common(&entry.tokens, prompt)));
        let fits = found.filter(|(at, common)| *common > 0 && (parts || *common == self.entries[*at].tokens.len()));
        fits.max_by_key(|(at, common)| (*common, self.entries[*at].used))
    }

    /// Gives up one of which nothing is lost when a new sequence goes on in it, or that the same session had; its slot.
    pub(super) fn take_over(&mut self, at: usize, length: usize, session: Option<&str>) -> Option<usize> {
        let entry = &self.entries[at];
        let is_whole = length == entry.tokens.len();
        let is_of_session = session.is_some() && entry.session.as_deref() == session;
        (is_whole || is_of_session).then(|| self.entries.swap_remove(at).slot)
    }

    /// Notes that one was of use; its slot.
    pub(super) fn touch(&mut self, at: usize) -> usize {
        self.clock += 1;
        self.entries[at].used = self.clock;
        self.entries[at].slot
    }

    /// Gives up the one that was of use least recently; its slot.
    pub(super) fn oldest(&mut self) -> Option<usize> {
        let (at, _) = self.entries.iter().enumerate().min_by_key(|(_, entry)| entry.used)?;
        Some(self.entries.swap_remove(at).slot)
    }

    /// Adds one. The slots of those that are of no more use come back: of the same session, or with nothing that another
    /// does not begin with.
    pub(super) fn add(&mut self, slot: usize, tokens: Vec<u32>, session: Option<String>) -> Vec<usize> {
        self.clock += 1;
        if let Some(longer) = self.entries.iter_mut().find(|entry| entry.tokens.starts_with(&tokens)) {
            longer.used = self.clock;
            return vec![slot];
        }
        let is_useless =
            |entry: &Entry| tokens.starts_with(&entry.tokens) || (session.is_some() && entry.session == session);
        let (useless, others): (Vec<_>, Vec<_>) = self.entries.drain(..).partition(is_useless);
        self.entries = others;
        self.entries.push(Entry { slot, tokens, session, used: self.clock });
        useless.into_iter().map(|entry| entry.slot).collect()
    }
}
