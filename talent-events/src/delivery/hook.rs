//! The app's hook for undelivered events.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::EncodedEvent;

use super::Undelivered;

thread_local! {
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

type Undeliverable = dyn Fn(&EncodedEvent, &Undelivered) + Send + Sync;

/// The app's own code. A panic in it harms no event and no account.
#[derive(Clone, Default)]
pub(super) struct Hook(Option<Arc<Undeliverable>>);

impl Hook {
    pub(super) fn new(hook: impl Fn(&EncodedEvent, &Undelivered) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Whether this thread runs a hook.
    pub(super) fn is_running() -> bool {
        RUNNING.get()
    }

    /// Runs the hook. Returns `false` if it panicked.
    pub(super) fn call(&self, event: &EncodedEvent, why: &Undelivered) -> bool {
        let Some(hook) = &self.0 else { return true };
        // A hook may drop the last handle of another tracker, whose hook runs then.
        let outer = RUNNING.replace(true);
        let ran = catch_unwind(AssertUnwindSafe(|| hook(event, why)));
        RUNNING.set(outer);
        let Err(payload) = ran else { return true };
        // The payload may panic once more when it is dropped.
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(another);
        }
        tracing::error!(target: "talent_events::delivery", "the hook for undelivered events panicked");
        false
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "Hook(set)" } else { "Hook(none)" })
    }
}
