//! Which entities are the same, by their names.

mod components;
mod grams;
mod key;
mod keys;
mod merges;
mod near;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests;

pub use key::key;
pub use merges::Merges;

use crate::Entity;
use components::Components;
use keys::Keys;

/// Finds out which entities are the same.
///
/// Two entities are the same where they share a name or nearly do, and where their kinds are not known to be different.
/// Names are compared by their [`key`]; nearly the same are keys of which the sets of three characters in a row have a
/// Jaccard similarity of 0.85 or more, of which numbers and words of one or two letters are the same, and which do not
/// differ in one word alone that is another one: "Henry IV" is not "Henry V", and the north bank is not the south bank. They are found by `MinHash` (128 permutations, 32 bands of 4 rows) and then verified. Aliases count as
/// names do. An entity whose kind is not known, and which could be of several kinds, stays on its own.
///
/// What is found depends on neither the order of the entities nor on what was merged before: it is a law that merging
/// twice is merging once.
///
/// ```
/// use offseeker_entity_graph::{Entity, EntityId, duplicates};
///
/// let named = |id, name: &str| Entity::new(EntityId::from_u128(id), name);
/// let entities = [named(1, "The Karlin Mill"), named(2, "karlin mill"), named(3, "Karlin Castle")];
/// let merges = duplicates(&entities);
///
/// assert_eq!(merges.of(entities[1].id), entities[0].id);
/// assert_eq!(merges.len(), 1);
/// ```
#[must_use]
pub fn duplicates(entities: &[Entity]) -> Merges {
    let keys = Keys::of(entities);
    let mut components = Components::new(entities, &keys);
    near::pairs(&keys, &mut components);
    Merges::new(&components.leaders(entities))
}
