//! The browser's allocator: a tenth of the size of the standard one, and it gives no block a long search either.

/// Two-level segregated fit: freed blocks merge with their neighbours, so that a page open for days does not grow.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
