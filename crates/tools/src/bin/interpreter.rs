//! Runs one guest of the embedded interpreter. The library starts it; by hand it does nothing.

/// Counts what is allocated, so that code is stopped when it has used its memory.
#[global_allocator]
static ALLOCATOR: monty_alloc::LimitedAllocator = monty_alloc::LimitedAllocator;

fn main() {
    offseeker_tools::code::serve_if_guest();
    eprintln!("offseeker-interpreter is started by offseeker-tools, and does nothing by itself");
    std::process::exit(2);
}
