//! The lock of this module, which loom replaces where it explores the orders in which threads can go.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

#[cfg(all(test, talent_loom))]
pub(super) use loom::sync::{Mutex, MutexGuard};
#[cfg(not(all(test, talent_loom)))]
pub(super) use std::sync::{Mutex, MutexGuard};

/// A waker is foreign code: should it panic, that is its owner's matter, and nobody's wait or account.
pub(super) fn wake(waker: Waker) {
    if catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err() {
        tracing::error!(target: "talent_events::delivery", "a waker panicked");
    }
}

/// Nothing panics while it holds one of these locks; if something did, the accounts would still be the best there is.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
