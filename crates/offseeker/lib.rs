//! Facade.
pub use offseeker_chat as chat;
pub use offseeker_trajectory as trajectory;
