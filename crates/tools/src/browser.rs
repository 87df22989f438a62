//! A browser for models: pages with numbered lines, and a stack of what was opened.
//!
//! What a call shows is put on the stack and known by its number there, the cursor: `[3]`. Links are written
//! `【2†words†host】` and are opened by their number; a model cites lines as `【3†L5-L7】`.

mod find;
mod open;
mod search;
mod session;
mod view;

pub use find::BrowserFind;
pub use open::BrowserOpen;
pub use search::BrowserSearch;
pub(crate) use session::Session;
