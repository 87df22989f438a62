//! Where a network computes: on a thread of the pool that its kernels share their work with.

/// Does something on a thread of the pool.
///
/// A kernel that shares its work out waits for the others. A thread of the pool helps them meanwhile; one from outside
/// sleeps, and is woken again for each kernel, which takes longer than a small kernel does.
pub(super) fn inside<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| work())
}
