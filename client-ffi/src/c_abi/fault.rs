//! What a function returns when it did not do what it was called for, and the text that explains it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::numbers::{PITAYA_INVALID_ARGUMENT, PITAYA_OK, PITAYA_PANIC};

thread_local! {
    /// Why the last function that this thread called has failed.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A negative number of the ABI, and a text for people.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) status: i32,
    text: String,
}

impl Fault {
    pub(crate) fn new(status: i32, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { status, text }
    }

    pub(crate) fn argument(text: impl Into<String>) -> Self {
        Self::new(PITAYA_INVALID_ARGUMENT, text)
    }
}

/// Does the work of a function whose result is only whether it was done.
pub(crate) fn guard(work: impl FnOnce() -> Result<(), Fault>) -> i32 {
    guard_count(|| work().map(|()| PITAYA_OK))
}

/// Does the work of a function. A panic ends here: what is behind locks is left in order by those who hold them, and the rest is dropped.
pub(crate) fn guard_count(work: impl FnOnce() -> Result<i32, Fault>) -> i32 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(count)) => count,
        Ok(Err(fault)) => {
            remember(fault.text);
            fault.status
        }
        Err(panic) => {
            remember(format!("a fault of the library: {}", words(&*panic)));
            // What a panic carries may panic when it is dropped.
            std::mem::forget(panic);
            PITAYA_PANIC
        }
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text")
}

fn remember(text: String) {
    // An error means that the thread is ending: nobody will ask.
    let _ = LAST.try_with(|last| *last.borrow_mut() = text);
}

/// Shows the last text.
pub(crate) fn last<R>(show: impl FnOnce(&str) -> R) -> R {
    LAST.with_borrow(|last| show(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_at_the_boundary() {
        let status = guard(|| panic!("number {}", 7));
        assert_eq!(status, PITAYA_PANIC);
        last(|text| assert_eq!(text, "a fault of the library: number 7"));
    }

    #[test]
    fn a_fault_leaves_its_number_and_its_text() {
        let status = guard(|| Err(Fault::argument("no such queue")));
        assert_eq!(status, PITAYA_INVALID_ARGUMENT);
        last(|text| assert_eq!(text, "no such queue"));
    }
}
