//! What is learnt of graded attempts?
fn main() {}
