//! Priorities of events.

use crate::JobEventType;

/// The order in which a queue sends events: a higher priority first, strictly. Within a priority the oldest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// First, and the last to be dropped.
    High,
    /// Between the two.
    Normal,
    /// Last, and the first to be dropped.
    Low,
}

impl Priority {
    pub(super) const COUNT: usize = 3;

    /// The default priority of an event type (our choice): hires, interviews and applications are high, views and bookmarks
    /// normal, impressions and notifications low.
    pub const fn of(event_type: JobEventType) -> Self {
        use JobEventType::*;
        match event_type {
            Hired
            | InterviewGranted
            | SentCv
            | ApplicationStart
            | ApplicationFinish
            | ApplicationQuickSubmission
            | ApplicationRedirect
            | ApplicationStartFromSearch
            | ApplicationRedirectFromSearch
            | ApplicationCompanySubmit => Self::High,
            View | ViewRedirect | Bookmark => Self::Normal,
            Impression | Notification => Self::Low,
        }
    }
}

/// The priority of each event type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Priorities([Priority; 16]);

impl Priorities {
    pub(super) fn set(&mut self, event_type: JobEventType, priority: Priority) {
        self.0[event_type as usize] = priority;
    }

    pub(super) fn of(&self, event_type: JobEventType) -> Priority {
        self.0[event_type as usize]
    }
}

impl Default for Priorities {
    fn default() -> Self {
        let mut all = Self([Priority::Normal; 16]);
        for event_type in JobEventType::ALL {
            all.set(event_type, Priority::of(event_type));
        }
        all
    }
}
