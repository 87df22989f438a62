//! All texts of an attempt, which are encrypted or decrypted together.

use offseeker_trajectory::{
    Finish, Grade, Message, Metadata, Node, Origin, Outcome, Sampled, SampledTokens, StopReason, ToolCall,
};

use crate::benchmark::changed_metadata;
use crate::{Seal, SealError};

/// Changes all texts of a part of an attempt, one way or the other.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    seal: &'a Seal,
    closes: bool,
}

impl<'a> Texts<'a> {
    pub(super) fn closing(seal: &'a Seal) -> Self {
        Self { seal, closes: true }
    }

    pub(super) fn opening(seal: &'a Seal) -> Self {
        Self { seal, closes: false }
    }

    fn changed(self, text: &str) -> Result<String, SealError> {
        if self.closes { Ok(self.seal.close(text)) } else { self.seal.open(text) }
    }

    fn text(self, text: &mut String) -> Result<(), SealError> {
        *text = self.changed(text)?;
        Ok(())
    }

    fn maybe(self, text: &mut Option<String>) -> Result<(), SealError> {
        text.as_mut().map_or(Ok(()), |text| self.text(text))
    }

    pub(super) fn metadata(self, metadata: &Metadata) -> Result<Metadata, SealError> {
        changed_metadata(metadata, &|text| self.changed(text))
    }

    pub(super) fn node(self, node: &mut Node) -> Result<(), SealError> {
        self.message(&mut node.message)?;
        match &mut node.origin {
            Origin::Sampled(sampled) => self.sampled(sampled),
            Origin::Observed(observed) => observed.sources.iter_mut().try_for_each(|source| self.text(&mut source.url)),
            _ => Ok(()),
        }
    }

    fn message(self, message: &mut Message) -> Result<(), SealError> {
        self.text(&mut message.content)?;
        self.maybe(&mut message.reasoning)?;
        self.maybe(&mut message.tool_call_id)?;
        self.maybe(&mut message.name)?;
        message.tool_calls.iter_mut().try_for_each(|call| self.call(call))
    }

    fn call(self, call: &mut ToolCall) -> Result<(), SealError> {
        self.text(&mut call.id)?;
        self.text(&mut call.name)?;
        self.text(&mut call.arguments)
    }

    fn sampled(self, sampled: &mut Sampled) -> Result<(), SealError> {
        sampled.tokens = sampled.tokens.take().map(|tokens| self.tokens(&tokens));
        match &mut sampled.finish {
            Some(Finish::Stop { on }) => self.maybe(on)?,
            Some(Finish::Other { reason }) => self.text(reason)?,
            _ => {}
        }
        self.maybe(&mut sampled.discarded)?;
        sampled.calls.iter_mut().try_for_each(|call| self.call(call))
    }

    /// Tokens are a text in other words. The same once more gives them back.
    fn tokens(self, tokens: &SampledTokens) -> SampledTokens {
        let bytes: Vec<u8> = tokens.ids().iter().flat_map(|id| id.to_le_bytes()).collect();
        let crossed = self.seal.crossed(&bytes);
        let ids = crossed.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
        SampledTokens::new(ids.collect(), tokens.logprobs().to_vec()).expect("there are as many as before")
    }

    pub(super) fn end(self, stop: &mut StopReason, answer: &mut Option<String>) -> Result<(), SealError> {
        match stop {
            StopReason::ModelFailure { reason } | StopReason::StoreFailure { reason } => self.text(reason)?,
            StopReason::ToolFailure { tool, reason } => {
                self.text(tool)?;
                self.text(reason)?;
            }
            _ => {}
        }
        self.maybe(answer)
    }

    pub(super) fn grade(self, grade: &mut Grade) -> Result<(), SealError> {
        if let Outcome::Unscored { reason } = &mut grade.outcome {
            self.text(reason)?;
        }
        grade.spans.iter_mut().try_for_each(|span| self.text(&mut span.note))?;
        grade.evidence.iter_mut().try_for_each(|evidence| {
            self.text(&mut evidence.claim)?;
            self.text(&mut evidence.quote)
        })
    }
}
