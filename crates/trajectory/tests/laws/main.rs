//! What holds for every value of the shared words, and what their files look like for ever.

mod branches;
mod canonical;
mod finite;
mod golden;
mod made;
mod references;
mod round_trip;
mod spelling;
