//! The browser's allocator: a tenth of the size of the standard one. It keeps a list of what is free, in which neighbours are merged, so that a
//! page open for days does not grow; a client has few blocks to look through.

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

// SAFETY: the module is built without threads: every caller is the one agent that instantiated it.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };
