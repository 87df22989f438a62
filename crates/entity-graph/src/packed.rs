//! A graph in one file that is read where it lies.

mod layout;
mod lookup;
mod packer;
mod read;

pub use packer::Packer;
pub use read::{Edge, Node, PackedGraph};
