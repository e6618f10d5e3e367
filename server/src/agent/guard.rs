//! Panics of the application's code end where they began.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs application code; its panic comes back as text.
///
/// What the code has touched is dropped by the caller or belongs to the application, whose locks tell for themselves (they are poisoned).
pub(crate) fn call<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| text(&*panic))
}

pub(crate) fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
        .to_owned()
}
