//! How far something long has come.

/// How far a corpus has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many documents there were.
    pub documents: u64,
    /// How many bad lines and files were skipped.
    pub skipped: u64,
    /// How many bytes were read.
    pub bytes: u64,
    /// How many there are, where that is known.
    pub total_bytes: Option<u64>,
}

impl Progress {
    /// How much is done, from nought to one, where that is known.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn share(&self) -> Option<f64> {
        let total = self.total_bytes?;
        Some(if total == 0 { 1.0 } else { (self.bytes as f64 / total as f64).min(1.0) })
    }
}
