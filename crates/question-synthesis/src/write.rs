//! Words a draft by templates.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::wording::worded_as;
use crate::{Draft, Pass, Phrasebook, Rejection};

const NAME: &str = "write";

/// Words a draft by the phrases of its language, without a model.
#[derive(Debug, Clone, Default)]
pub struct Write {
    phrasebook: Arc<Phrasebook>,
}

impl Write {
    /// Words drafts by a phrasebook.
    pub fn new(phrasebook: impl Into<Arc<Phrasebook>>) -> Self {
        Self { phrasebook: phrasebook.into() }
    }
}

#[async_trait]
impl Pass for Write {
    fn name(&self) -> &str {
        NAME
    }

    fn settings(&self) -> Value {
        json!({ "phrasebook": self.phrasebook.hash() })
    }

    async fn apply(&self, mut draft: Draft) -> Result<Draft, Rejection> {
        let Some(phrases) = self.phrasebook.phrases(&draft.language) else {
            let reason = format!("the phrasebook has no words for the language {:?}", draft.language);
            return Err(Rejection::rejected(NAME, "no_phrases", reason));
        };
        draft.text = worded_as(&draft.plan, &draft.kinds(), phrases);
        Ok(draft)
    }
}
