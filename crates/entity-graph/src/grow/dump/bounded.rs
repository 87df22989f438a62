//! A reader that ends in an error where too much is read at once.

use std::io::{self, BufRead, Read};

/// A reader that ends in an error where more than so many bytes are read before it is refilled.
pub(super) struct Bounded<R> {
    from: R,
    most: u64,
    left: u64,
}

impl<R> Bounded<R> {
    pub(super) fn new(from: R, most: u64) -> Self {
        Self { from, most, left: most }
    }

    /// Lets as much be read again as in the beginning.
    pub(super) fn refill(&mut self) {
        self.left = self.most;
    }

    fn check(&self) -> io::Result<()> {
        if self.left > 0 { Ok(()) } else { Err(io::Error::other(format!("a page has more than {} bytes", self.most))) }
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.from.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount as u64);
        self.from.consume(amount);
    }
}
