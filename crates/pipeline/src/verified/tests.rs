//! What counts as verified.
