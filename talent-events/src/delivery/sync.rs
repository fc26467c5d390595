//! The lock of this module. Loom's replaces it in the tests that explore every order of threads.

#[cfg(all(test, talent_loom))]
pub(super) use loom::sync::{Mutex, MutexGuard};
#[cfg(not(all(test, talent_loom)))]
pub(super) use std::sync::{Mutex, MutexGuard};

pub(super) use crate::client::sync::wake;

/// Locks. Nothing panics while it holds one of these locks; if something did, the accounts would still be the best there are.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
