//! The stages from a search to a hire, for the funnel and for the colours of the pages.

use serde::Serialize;
use talent_events::JobEventType::{self, *};

/// The stage that an event type reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Stage {
    Shown,
    Viewed,
    Applied,
    Interviewed,
    Hired,
    /// No stage of the funnel.
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

    /// The bit of this stage in a set of stages.
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}
