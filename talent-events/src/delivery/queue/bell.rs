//! Wakes the worker. One that loom can look into, which is why it is no `AtomicWaker` of a kept crate.

use std::task::Waker;

use super::super::sync::{Mutex, lock, wake};

#[derive(Debug)]
pub(super) struct Bell(Mutex<Option<Waker>>);

impl Bell {
    pub(super) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Before a look at what there is to do: what comes after it rings.
    pub(super) fn listen(&self, waker: &Waker) {
        if lock(&self.0).as_ref().is_some_and(|kept| kept.will_wake(waker)) {
            return;
        }
        let waker = waker.clone();
        let old = lock(&self.0).replace(waker);
        drop(old);
    }

    pub(super) fn ring(&self) {
        let waker = lock(&self.0).take();
        waker.into_iter().for_each(wake);
    }
}
