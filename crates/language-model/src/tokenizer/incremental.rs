//! Text from tokens as they come, though a character may be spread over several.

use super::{Tokenizer, TokenizerError};

/// Text from tokens as they come, though a character may be spread over several.
///
/// All pieces together, with the one from [`finish`](Self::finish), are what [`Tokenizer::decode`] gives for all tokens.
///
/// ```
/// # use offseeker_language_model::{BytePairTraining, IncrementalText};
/// # let tokenizer = BytePairTraining::new(300).train(["some text"])?;
/// let mut text = IncrementalText::new(&tokenizer);
/// let mut pieces = String::new();
/// for id in tokenizer.encode("the 河 Orsa")? {
///     pieces += &text.push(id)?;
/// }
/// pieces += &text.finish();
/// assert_eq!(pieces, "the 河 Orsa");
/// # Ok::<(), offseeker_language_model::TokenizerError>(())
/// ```
#[derive(Debug)]
pub struct IncrementalText<'t> {
    tokenizer: &'t Tokenizer,
    held: Vec<u8>,
}

impl<'t> IncrementalText<'t> {
    /// Begins with no tokens.
    #[must_use]
    pub fn new(tokenizer: &'t Tokenizer) -> Self {
        Self { tokenizer, held: Vec::new() }
    }

    /// Adds a token. What can be said of the text by now comes back; it may be nothing.
    ///
    /// # Errors
    ///
    /// When the vocabulary has no such token.
    pub fn push(&mut self, id: u32) -> Result<String, TokenizerError> {
        self.held.extend_from_slice(self.tokenizer.bytes_of(id)?);
        let mut text = String::new();
        let mut from = 0;
        loop {
            match str::from_utf8(&self.held[from..]) {
                Ok(rest) => {
                    text.push_str(rest);
                    from = self.held.len();
                    break;
                }
                Err(error) => {
                    let valid = from + error.valid_up_to();
                    text.push_str(str::from_utf8(&self.held[from..valid]).expect("it was found valid"));
                    from = valid;
                    let Some(wrong) = error.error_len() else { break };
                    text.push(char::REPLACEMENT_CHARACTER);
                    from += wrong;
                }
            }
        }
        self.held.drain(..from);
        Ok(text)
    }

    /// What is left: half a character at the end shows as `U+FFFD`.
    #[must_use]
    pub fn finish(self) -> String {
        String::from_utf8_lossy(&self.held).into_owned()
    }
}
