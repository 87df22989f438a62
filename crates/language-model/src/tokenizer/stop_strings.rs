//! Stops a text at the first of some strings, however the text is cut into pieces.

/// Stops a text at the first of some strings, however the text is cut into pieces.
///
/// Text that may yet turn out to begin a stop string is held back. The string that ends first counts, and of those that
/// end together the longest.
///
/// ```
/// use offseeker_language_model::StopStrings;
///
/// let mut stops = StopStrings::new(["</answer>"]);
/// assert_eq!(stops.push("<answer>the Orsa</ans"), "<answer>the Orsa");
/// assert_eq!(stops.push("wer> and more"), "");
/// assert_eq!(stops.stopped_on(), Some("</answer>"));
/// ```
#[derive(Debug, Clone)]
pub struct StopStrings {
    stops: Vec<String>,
    held: String,
    stopped: Option<usize>,
}

impl StopStrings {
    /// Stops at any of these; empty ones are left out.
    pub fn new(stops: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let stops = stops.into_iter().map(Into::into).filter(|stop: &String| !stop.is_empty()).collect();
        Self { stops, held: String::new(), stopped: None }
    }

    /// Adds text; what is certain to stand before any stop string comes back.
    pub fn push(&mut self, text: &str) -> String {
        if self.stopped.is_some() {
            return String::new();
        }
        self.held.push_str(text);
        let found = self.stops.iter().enumerate().filter_map(|(which, stop)| {
            let at = self.held.find(stop.as_str())?;
            Some((at + stop.len(), at, which))
        });
        if let Some((_, at, which)) = found.min() {
            self.stopped = Some(which);
            self.held.truncate(at);
            return std::mem::take(&mut self.held);
        }
        let certain = self.held.len() - self.open();
        self.held.drain(..certain).collect()
    }

    /// The bytes at the end that may begin a stop string.
    fn open(&self) -> usize {
        let begun = |stop: &String| {
            let longest = self.held.len().min(stop.len() - 1);
            (1..=longest).rev().find(|len| self.held.as_bytes().ends_with(&stop.as_bytes()[..*len])).unwrap_or(0)
        };
        // Where the bytes of a stop string end inside a character, the bytes before it end inside one too and match none.
        self.stops.iter().map(begun).max().unwrap_or(0)
    }

    /// The string that ended the text, if one did.
    #[must_use]
    pub fn stopped_on(&self) -> Option<&str> {
        self.stopped.map(|which| self.stops[which].as_str())
    }

    /// What was held back, once there is no more text.
    #[must_use]
    pub fn finish(self) -> String {
        self.held
    }
}
