//! The bounds of a backlog.

use std::time::Duration;

use crate::InvalidField;

use super::Overflow;
use super::priority::{Priorities, Priority};

#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) overflow: Overflow,
    pub(super) max_age: Duration,
    pub(super) max_attempts: u32,
    pub(super) in_flight: usize,
    pub(super) priorities: Priorities,
    /// The events are from a store. An earlier process may have sent any of them.
    pub(super) from_store: bool,
}

const MAX_EVENTS: usize = 1 << 30;
const MAX_IN_FLIGHT: usize = 10_000;
const MIN_BYTES: usize = 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            events: 65_536,
            bytes: 64 * 1024 * 1024,
            overflow: Overflow::default(),
            max_age: Duration::from_secs(24 * 60 * 60),
            max_attempts: 20,
            in_flight: 64,
            priorities: Priorities::default(),
            from_store: false,
        }
    }
}

impl Limits {
    /// What a relay's window has for each priority.
    pub(super) fn share(&self) -> usize {
        self.events / Priority::COUNT
    }

    /// The first setting that is out of bounds.
    pub(super) fn check(&self) -> Result<(), InvalidField> {
        let wrong = |setting: &'static str, found: String, allowed: &'static str| {
            Err(InvalidField::new(setting, found, allowed))
        };
        let Limits { events, bytes, max_age, max_attempts, in_flight, .. } = self;
        if !(1..=MAX_EVENTS).contains(events) {
            return wrong("max_events", format!("{events} events"), "1 to 1073741824 events");
        }
        if !(MIN_BYTES..=isize::MAX as usize).contains(bytes) {
            return wrong("max_bytes", format!("{bytes} bytes"), "1024 bytes or more");
        }
        if !(Duration::from_millis(50)..=Duration::from_secs(365 * 24 * 60 * 60)).contains(max_age) {
            return wrong("max_age", format!("{max_age:?}"), "50 ms to 1 year");
        }
        if *max_attempts == 0 {
            return wrong("max_attempts", "0 attempts".into(), "1 attempt or more");
        }
        if !(1..=MAX_IN_FLIGHT).contains(in_flight) {
            return wrong("max_in_flight", format!("{in_flight} calls"), "1 to 10000 calls");
        }
        Ok(())
    }
}
