//! Graphs in the formats of others.

mod deep_forge;
mod dot;
mod graphml;
mod web_shaper;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use deep_forge::{DeepForgeEntity, DeepForgeRow};
pub use dot::write_dot;
pub use graphml::write_graphml;
pub use web_shaper::web_shaper_triples;
