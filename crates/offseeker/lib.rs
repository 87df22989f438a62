//! Facade.
pub use offseeker_trajectory as trajectory;
