//! What toolboxes are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use offseeker_pages::Library;
use offseeker_search::{Encyclopedia, SearchBackend};

use crate::browser::{BrowserFind, BrowserOpen, BrowserSearch, Session};
use crate::extract::{ByWords, Extractor};
use crate::profile::{CodeText, Entry, ProfileError, Purpose};
use crate::search::Search;
use crate::visit::Visit;
use crate::wiki::Wiki;
use crate::{Limits, Profile, Tool, Toolbox, ToolboxError};

/// What toolboxes are made of: a profile, and what its tools work with. Each attempt gets a toolbox of its own.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_pages::Page;
/// use offseeker_search::InMemory;
/// use offseeker_tools::{Kit, Profile};
/// use offseeker_trajectory::ToolCall;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let corpus = Arc::new(InMemory::of([Page::new("karlin:mill", "Karlin mill", "It stands on the Orsa.")]));
/// let kit = Kit::new(Profile::shipped("openseeker").expect("it is shipped")).searching(corpus.clone()).reading(corpus);
///
/// let toolbox = kit.toolbox()?;
/// let call = ToolCall::new("1", "visit", r#"{"url": "karlin:mill", "goal": "Which river?"}"#);
/// assert!(toolbox.call(&call).await?.text.contains("It stands on the Orsa."));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Kit {
    profile: Profile,
    limits: Limits,
    backend: Option<Arc<dyn SearchBackend>>,
    library: Option<Arc<dyn Library>>,
    encyclopedia: Option<Arc<dyn Encyclopedia>>,
    extractor: Arc<dyn Extractor>,
    #[cfg(all(unix, any(feature = "python", feature = "monty")))]
    interpreter: Option<crate::code::Interpreter>,
}

/// Why a kit makes no toolbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// The profile needs what the kit does not have.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The tools do not go together.
    #[error(transparent)]
    Toolbox(#[from] ToolboxError),
}

impl Kit {
    /// A kit for a profile, with nothing in it yet.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            limits: Limits::default(),
            backend: None,
            library: None,
            encyclopedia: None,
            extractor: Arc::new(ByWords::default()),
            #[cfg(all(unix, any(feature = "python", feature = "monty")))]
            interpreter: None,
        }
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Puts another profile in the place of this one.
    #[must_use]
    pub fn profiled(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Searches with this backend.
    #[must_use]
    pub fn searching(mut self, backend: Arc<dyn SearchBackend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Reads the pages of this library.
    #[must_use]
    pub fn reading(mut self, library: Arc<dyn Library>) -> Self {
        self.library = Some(library);
        self
    }

    /// Looks names up in this encyclopedia.
    #[must_use]
    pub fn looking_up(mut self, encyclopedia: Arc<dyn Encyclopedia>) -> Self {
        self.encyclopedia = Some(encyclopedia);
        self
    }

    /// Reports on long pages with this extractor, instead of [by their words](ByWords).
    #[must_use]
    pub fn extracting(mut self, extractor: Arc<dyn Extractor>) -> Self {
        self.extractor = extractor;
        self
    }

    /// Runs code with this interpreter.
    #[cfg(all(unix, any(feature = "python", feature = "monty")))]
    #[must_use]
    pub fn running(mut self, interpreter: crate::code::Interpreter) -> Self {
        self.interpreter = Some(interpreter);
        self
    }

    /// Bounds calls by these limits.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What works behind the tools, by what it is for: `profile`, `search`, `pages`, `encyclopedia`, `interpreter`. It
    /// belongs into the record of a run, above all which interpreter was found and what confines it.
    #[must_use]
    pub fn engines(&self) -> BTreeMap<&'static str, String> {
        let mut engines = BTreeMap::from([("profile", self.profile.name.clone())]);
        engines.extend(self.backend.as_ref().map(|backend| ("search", backend.name().to_owned())));
        engines.extend(self.library.as_ref().map(|library| ("pages", library.name().to_owned())));
        engines.extend(self.encyclopedia.as_ref().map(|wiki| ("encyclopedia", wiki.name().to_owned())));
        #[cfg(all(unix, any(feature = "python", feature = "monty")))]
        engines.extend(self.interpreter.as_ref().map(|found| ("interpreter", found.description().to_string())));
        engines
    }

    /// Makes a toolbox for one attempt.
    ///
    /// # Errors
    ///
    /// When a tool of the profile needs what the kit does not have: give it, or take the tool out with
    /// [`Profile::without`].
    pub fn toolbox(&self) -> Result<Toolbox, KitError> {
        let session = Session::default();
        let tools: Result<Vec<_>, _> = self.profile.tools.iter().map(|entry| self.tool(entry, &session)).collect();
        Ok(Toolbox::new(tools?, self.limits.clone())?)
    }

    fn tool(&self, entry: &Entry, session: &Session) -> Result<Box<dyn Tool>, ProfileError> {
        let missing = |what: &'static str| ProfileError::Missing {
            profile: self.profile.name.clone(),
            tool: entry.spec.name.clone(),
            what,
        };
        let backend = || self.backend.clone().ok_or_else(|| missing("a search backend"));
        let library = || self.library.clone().ok_or_else(|| missing("a library of pages"));
        let (own, session) = (entry.clone(), session.clone());
        Ok(match &entry.purpose {
            Purpose::Search(list) => Box::new(Search::new(own, list.clone(), backend()?, self.library.clone())),
            Purpose::Visit(text) => Box::new(Visit::new(own, text.clone(), library()?, self.extractor.clone())),
            Purpose::Wiki(text) => {
                let encyclopedia = self.encyclopedia.clone().ok_or_else(|| missing("an encyclopedia"))?;
                Box::new(Wiki::new(own, text.clone(), encyclopedia))
            }
            Purpose::Code(text) => self.code(own, text).ok_or_else(|| missing("an interpreter"))?,
            Purpose::BrowserSearch(text) => Box::new(BrowserSearch::new(own, text.clone(), backend()?, session)),
            Purpose::BrowserOpen(text) => Box::new(BrowserOpen::new(own, text.clone(), library()?, session)),
            Purpose::BrowserFind(text) => Box::new(BrowserFind::new(own, text.clone(), session)),
        })
    }

    #[cfg(all(unix, any(feature = "python", feature = "monty")))]
    fn code(&self, entry: Entry, text: &CodeText) -> Option<Box<dyn Tool>> {
        let field = entry.field("code").to_owned();
        let tool = crate::code::ExecuteCode::new(self.interpreter.clone()?).specified(entry.spec, field);
        Some(if text.keeps_state { Box::new(tool.keeping_variables()) } else { Box::new(tool) })
    }

    #[cfg(not(all(unix, any(feature = "python", feature = "monty"))))]
    #[allow(clippy::unused_self, clippy::needless_pass_by_value)]
    fn code(&self, _entry: Entry, _text: &CodeText) -> Option<Box<dyn Tool>> {
        None
    }
}
