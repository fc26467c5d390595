//! The stages from a search to a hire, as the funnel shows them and the pages colour them.

use serde::Serialize;
use talent_events::JobEventType::{self, *};

/// What an event type tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    Shown,
    Viewed,
    Applied,
    Interviewed,
    Hired,
    /// No step on the way.
    Other,
}

/// The stages of the funnel, in order.
pub(super) const FUNNEL: [Stage; 5] = [Stage::Shown, Stage::Viewed, Stage::Applied, Stage::Interviewed, Stage::Hired];

impl Stage {
    pub(super) fn of(event_type: JobEventType) -> Self {
        match event_type {
            Impression => Self::Shown,
            View | ViewRedirect => Self::Viewed,
            ApplicationStart
            | ApplicationStartFromSearch
            | ApplicationFinish
            | ApplicationQuickSubmission
            | ApplicationRedirect
            | ApplicationRedirectFromSearch
            | ApplicationCompanySubmit
            | SentCv => Self::Applied,
            InterviewGranted => Self::Interviewed,
            Hired => Self::Hired,
            Bookmark | Notification => Self::Other,
        }
    }

    /// This stage alone, in a set of stages.
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}
