//! Buffers that belong to a thread, so that an idle connection needs none.

use std::cell::Cell;

/// What one read can bring. Large enough that a busy connection needs few system calls, and paid once per thread.
const READ: usize = 64 * 1024;

/// A write buffer that grew beyond this goes back to the allocator.
const SPARE: usize = 64 * 1024;

thread_local! {
    static READ_BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
    static SPARE_BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends the thread's read buffer. A nested call gets one of its own.
pub(super) fn with_read<R>(body: impl FnOnce(&mut [u8]) -> R) -> R {
    let mut buffer = READ_BUFFER
        .take()
        .unwrap_or_else(|| vec![0; READ].into_boxed_slice());
    let result = body(&mut buffer);
    READ_BUFFER.set(Some(buffer));
    result
}

/// An empty buffer, if possible with the memory of the one that was given back last.
pub(super) fn take() -> Vec<u8> {
    SPARE_BUFFER.take()
}

/// Gives a buffer back.
pub(super) fn give(mut buffer: Vec<u8>) {
    if buffer.capacity() <= SPARE {
        buffer.clear();
        SPARE_BUFFER.set(buffer);
    }
}
