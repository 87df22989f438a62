//! Learns a byte-level vocabulary from texts.

use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::normalizers::unicode::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;
use tokenizers::{AddedToken, ModelWrapper, NormalizerWrapper, TokenizerImpl};

use super::{Tokenizer, TokenizerConfig, TokenizerError};

/// Where a text is cut before pairs are joined: contractions, words, single digits, marks, line breaks, white space.
pub(crate) const CUTS: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// The same, but for words that begin with a capital: the space before them belongs to what stands there.
const CAPITALS: &str = concat!(
    r"\p{Lu}\p{Ll}*| ?\p{Ll}+(?: (?=\p{Lu}))?|\p{L}+|\p{N}",
    r"| ?[^\s\p{L}\p{N}]+(?: (?=[\p{L}\p{N}]))?[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
);

/// Learns a byte-level vocabulary from texts, cut as Qwen's is.
///
/// The same texts in the same or any other order give the same vocabulary. The ids are: bytes, learnt pairs, special
/// tokens, markup.
///
/// ```
/// use offseeker_language_model::BytePairTraining;
///
/// let tokenizer = BytePairTraining::new(400).train(["The Karlin mill stands on the Orsa."])?;
/// let ids = tokenizer.encode("the mill")?;
/// assert_eq!(tokenizer.decode(&ids)?, "the mill");
/// assert_eq!(tokenizer.ends(), [tokenizer.id("<|im_end|>").expect("it is among the special tokens")]);
/// # Ok::<(), offseeker_language_model::TokenizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BytePairTraining {
    /// How many tokens there are to be in all. Texts that hold too few pairs give fewer.
    pub vocabulary: usize,
    /// Tokens that no text may hold, only a template.
    pub specials: Vec<String>,
    /// Tokens that are one piece but may stand in any text, such as `<think>`.
    pub markup: Vec<String>,
    /// The token that ends a turn; it has to be one of the special ones.
    pub eos: String,
    /// The token that fills up a batch; it has to be one of the special ones.
    pub pad: String,
    /// How often a pair has to occur to be joined.
    pub least: u64,
    /// Where texts are cut before pairs are joined; nothing is joined over a cut.
    pub cuts: Cuts,
}

/// Where texts are cut before pairs are joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cuts {
    /// Where Qwen's are: a word and the space before it are one.
    #[default]
    Qwen,
    /// Before each capital too, and a word that begins with one is without the space before it. So `SteamNithi` is two
    /// words, each the same wherever it stands, and a small model copies names instead of learning their spellings.
    Capitals,
}

impl Cuts {
    fn pattern(self) -> &'static str {
        match self {
            Self::Qwen => CUTS,
            Self::Capitals => CAPITALS,
        }
    }
}

impl BytePairTraining {
    /// A vocabulary of this size with the special tokens of ChatML and the markup of Qwen3.
    #[must_use]
    pub fn new(vocabulary: usize) -> Self {
        let owned = |tokens: &[&str]| tokens.iter().map(|&token| token.to_owned()).collect();
        Self {
            vocabulary,
            specials: owned(&["<|endoftext|>", "<|im_start|>", "<|im_end|>"]),
            markup: owned(&[
                "<tool_call>",
                "</tool_call>",
                "<tool_response>",
                "</tool_response>",
                "<think>",
                "</think>",
            ]),
            eos: "<|im_end|>".to_owned(),
            pad: "<|endoftext|>".to_owned(),
            least: 1,
            cuts: Cuts::Qwen,
        }
    }

    /// Learns from texts. They are read one at a time; what is kept are the distinct words and how often each occurs.
    ///
    /// # Errors
    ///
    /// When the vocabulary is too small for the bytes and the added tokens, an added token is empty or named twice, or
    /// the ending token is none of the special ones.
    pub fn train<T>(&self, texts: impl IntoIterator<Item = T, IntoIter: Send>) -> Result<Tokenizer, TokenizerError>
    where
        T: AsRef<str> + Send,
    {
        let added: Vec<&String> = self.specials.iter().chain(&self.markup).collect();
        let odd = |(at, token): (usize, &&String)| token.is_empty() || added[..at].contains(token);
        if let Some((_, token)) = added.iter().enumerate().find(|&entry| odd(entry)) {
            return Err(TokenizerError::AddedToken { token: (*token).clone() });
        }
        for token in [&self.eos, &self.pad] {
            if !self.specials.contains(token) {
                let (file, place) = ("tokenizer_config.json".into(), "eos_token or pad_token".to_owned());
                return Err(TokenizerError::UnknownToken { file, place, token: token.clone() });
            }
        }
        let least = 256 + added.len();
        if self.vocabulary < least {
            return Err(TokenizerError::Vocabulary { asked: self.vocabulary, least });
        }
        let inner = self
            .learn(texts.into_iter(), self.vocabulary - added.len())
            .map_err(|error| TokenizerError::Training { reason: error.to_string() })?;
        let config =
            TokenizerConfig { eos: Some(self.eos.clone()), pad: Some(self.pad.clone()), ..TokenizerConfig::default() };
        Tokenizer::new(inner, config, "tokenizer.json".as_ref())
    }

    fn learn<T: AsRef<str> + Send>(
        &self,
        texts: impl Iterator<Item = T> + Send,
        pairs_and_bytes: usize,
    ) -> tokenizers::Result<tokenizers::Tokenizer> {
        let cut =
            Split::new(SplitPattern::Regex(self.cuts.pattern().to_owned()), SplitDelimiterBehavior::Isolated, false)?;
        let to_bytes = ByteLevel::new(false, false, false);
        let mut model =
            TokenizerImpl::<BPE, NormalizerWrapper, PreTokenizerWrapper, ByteLevel, ByteLevel>::new(BPE::default());
        model.with_normalizer(Some(NFC))?;
        model.with_pre_tokenizer(Some(Sequence::new(vec![cut.into(), to_bytes.into()])));
        let mut trainer = BpeTrainer::builder()
            .show_progress(false)
            .vocab_size(pairs_and_bytes)
            .min_frequency(self.least)
            .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
            .build();
        model.train(&mut trainer, texts)?;
        let mut tokenizer = tokenizers::Tokenizer::new(ModelWrapper::BPE(model.get_model().clone()));
        tokenizer.with_normalizer(model.get_normalizer().cloned())?;
        tokenizer.with_pre_tokenizer(model.get_pre_tokenizer().cloned());
        tokenizer.with_decoder(Some(to_bytes));
        tokenizer.with_post_processor(Some(to_bytes));
        let token = |text: &String, special| AddedToken::from(text.clone(), special).normalized(false);
        tokenizer.add_special_tokens(self.specials.iter().map(|text| token(text, true)))?;
        tokenizer.add_tokens(self.markup.iter().map(|text| token(text, false)))?;
        Ok(tokenizer)
    }
}
