//! The lock of this module. Loom's replaces it in the tests that explore every order of threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

#[cfg(all(test, talent_loom))]
pub(super) use loom::sync::{Mutex, MutexGuard};
#[cfg(not(all(test, talent_loom)))]
pub(super) use std::sync::{Mutex, MutexGuard};

/// Wakes a task. A waker is foreign code; a panic in it harms no wait and no account.
pub(super) fn wake(waker: Waker) {
    if catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err() {
        tracing::error!(target: "talent_events::delivery", "a waker panicked");
    }
}

/// Locks. Nothing panics while it holds one of these locks; if something did, the accounts would still be the best there are.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
