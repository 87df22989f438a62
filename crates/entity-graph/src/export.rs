//! Graphs in the formats of others.

mod deep_forge;
mod dot;
mod graphml;
mod svg;
mod web_shaper;
mod xml;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use deep_forge::{DeepForgeEntity, DeepForgeRow};
pub use dot::write_dot;
pub use graphml::write_graphml;
pub use svg::write_svg;
pub use web_shaper::web_shaper_triples;
