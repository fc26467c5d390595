//! What the app wants to be told.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::EncodedEvent;

use super::Undelivered;

type Undeliverable = dyn Fn(&EncodedEvent, &Undelivered) + Send + Sync;

/// The app's own code: what it does is its matter, and no event's.
#[derive(Clone, Default)]
pub(super) struct Hook(Option<Arc<Undeliverable>>);

impl Hook {
    pub(super) fn new(hook: impl Fn(&EncodedEvent, &Undelivered) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Whether it came back.
    pub(super) fn call(&self, event: &EncodedEvent, why: &Undelivered) -> bool {
        let Some(hook) = &self.0 else { return true };
        let ran = catch_unwind(AssertUnwindSafe(|| hook(event, why)));
        if ran.is_err() {
            tracing::error!(target: "talent_events::delivery", "the hook for undelivered events panicked");
        }
        ran.is_ok()
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "Hook(set)" } else { "Hook(none)" })
    }
}
