//! The stages of an application, and what may follow in each: the one table, and its values.

use std::fmt;

use super::CannotFollow;
use crate::event::JobEventType;

/// What an event does to an application at some stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The application moves to this stage.
    Next(Stage),
    /// The application stays where it is.
    Stays,
    /// The event cannot follow.
    Refused(CannotFollow),
}

/// The table as rows, for the two macros that make values and types of it. One row a stage: which event types lead
/// where, each type once. IMPRESSION and NOTIFICATION belong to the search and are refused in every row.
macro_rules! table {
    ($make:ident) => {
        $make! {
            /// Nothing happened yet.
            Open {
                View => Viewed;
                ViewRedirect => ViewedElsewhere;
                ApplicationStart => Started;
                ApplicationStartFromSearch => StartedFromSearch;
                ApplicationFinish | ApplicationCompanySubmit | SentCv => Applied;
                ApplicationQuickSubmission => QuickApplied;
                ApplicationRedirect => Redirected;
                ApplicationRedirectFromSearch => RedirectedFromSearch;
                Bookmark => stays;
                InterviewGranted | Hired => refused HireWithoutApplication;
            }
            /// The job was viewed on another site, and not here. Google says nothing of such a view beside an application from
            /// the search, so what is refused for it is ours.
            ViewedElsewhere {
                ViewRedirect | Bookmark => stays;
                View => Viewed;
                ApplicationStart => Started;
                ApplicationFinish | ApplicationCompanySubmit | SentCv => Applied;
                ApplicationQuickSubmission => QuickApplied;
                ApplicationRedirect => Redirected;
                ApplicationStartFromSearch | ApplicationRedirectFromSearch => refused FromSearchAfterViewElsewhere;
                InterviewGranted | Hired => refused HireWithoutApplication;
            }
            /// The job was viewed here.
            Viewed {
                View | ViewRedirect | Bookmark => stays;
                ApplicationStart => Started;
                ApplicationFinish | ApplicationCompanySubmit | SentCv => Applied;
                ApplicationQuickSubmission => QuickApplied;
                ApplicationRedirect => Redirected;
                ApplicationStartFromSearch => refused StartFromSearchAfterView;
                ApplicationRedirectFromSearch => refused RedirectFromSearchNotAlone;
                InterviewGranted | Hired => refused HireWithoutApplication;
            }
            /// The application was started.
            Started {
                View | ViewRedirect | ApplicationRedirect | SentCv | Bookmark => stays;
                ApplicationFinish | ApplicationCompanySubmit => Applied;
                InterviewGranted => Interviewing;
                Hired => Hired;
                ApplicationStart | ApplicationStartFromSearch => refused StartedAlready;
                ApplicationQuickSubmission => refused QuickAfterStart;
                ApplicationRedirectFromSearch => refused RedirectFromSearchNotAlone;
            }
            /// The application was started from the search, without a view of the job.
            StartedFromSearch {
                ApplicationRedirect | SentCv | Bookmark => stays;
                ApplicationFinish | ApplicationCompanySubmit => Applied;
                InterviewGranted => Interviewing;
                Hired => Hired;
                View => refused ViewAfterStartFromSearch;
                ViewRedirect | ApplicationQuickSubmission | ApplicationRedirectFromSearch => refused AfterStartFromSearch;
                ApplicationStart | ApplicationStartFromSearch => refused StartedAlready;
            }
            /// The application was submitted.
            Applied {
                ApplicationCompanySubmit | SentCv | Bookmark => stays;
                InterviewGranted => Interviewing;
                Hired => Hired;
                View | ViewRedirect | ApplicationStart | ApplicationStartFromSearch | ApplicationFinish
                    | ApplicationQuickSubmission | ApplicationRedirect | ApplicationRedirectFromSearch => refused AppliedAlready;
            }
            /// The application was submitted by one click.
            QuickApplied {
                ApplicationCompanySubmit | SentCv | Bookmark => stays;
                InterviewGranted => Interviewing;
                Hired => Hired;
                ApplicationStart | ApplicationFinish => refused AfterQuick;
                View | ViewRedirect | ApplicationStartFromSearch | ApplicationQuickSubmission | ApplicationRedirect
                    | ApplicationRedirectFromSearch => refused AppliedAlready;
            }
            /// Applying led to another site.
            Redirected {
                ApplicationFinish | ApplicationCompanySubmit | SentCv => Applied;
                Bookmark => stays;
                InterviewGranted => Interviewing;
                Hired => Hired;
                View | ViewRedirect | ApplicationStart | ApplicationStartFromSearch | ApplicationQuickSubmission
                    | ApplicationRedirect | ApplicationRedirectFromSearch => refused LeftForAnotherSite;
            }
            /// One click in the search led to another site.
            RedirectedFromSearch {
                ApplicationCompanySubmit | SentCv | Bookmark => stays;
                InterviewGranted => Interviewing;
                Hired => Hired;
                View | ApplicationStart | ApplicationFinish => refused AfterRedirectFromSearch;
                ViewRedirect | ApplicationStartFromSearch | ApplicationQuickSubmission | ApplicationRedirect
                    | ApplicationRedirectFromSearch => refused LeftForAnotherSite;
            }
            /// An interview was granted.
            Interviewing {
                ApplicationCompanySubmit | SentCv | Bookmark => stays;
                Hired => Hired;
                View | ViewRedirect | ApplicationStart | ApplicationStartFromSearch | ApplicationFinish
                    | ApplicationQuickSubmission | ApplicationRedirect | ApplicationRedirectFromSearch | InterviewGranted
                    => refused InterviewedAlready;
            }
            /// The applicant was hired.
            Hired {
                Bookmark => stays;
                View | ViewRedirect | ApplicationStart | ApplicationStartFromSearch | ApplicationFinish
                    | ApplicationQuickSubmission | ApplicationRedirect | ApplicationRedirectFromSearch
                    | ApplicationCompanySubmit | SentCv | InterviewGranted | Hired => refused HiredAlready;
            }
        }
    };
}
pub(super) use table;

macro_rules! values {
    ($(
        $(#[doc = $doc:literal])+
        $stage:ident {
            $($($event_type:ident)|+ => $verdict:ident $($refusal:ident)?;)+
        }
    )+) => {
        /// How far one person's application for one job has come.
        ///
        /// The table is stricter than [`RULES`](super::RULES), as a stage cannot remember everything. It is never
        /// looser: no path through it breaks a rule that forbids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Stage {
            $($(#[doc = $doc])+ $stage,)+
        }

        impl Stage {
            /// All stages, the first one first.
            pub const ALL: [Self; 11] = [$(Self::$stage),+];

            /// What an event of this type does to an application at this stage.
            pub const fn step(self, event_type: JobEventType) -> Step {
                match (self, event_type) {
                    (_, JobEventType::Impression | JobEventType::Notification) => {
                        Step::Refused(CannotFollow::NotOfOneApplication)
                    }
                    $($((Self::$stage, $(JobEventType::$event_type)|+) => values!(@step $verdict $($refusal)?),)+)+
                }
            }

            /// Its name, e.g. `StartedFromSearch`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$stage => stringify!($stage),)+
                }
            }
        }
    };
    (@step stays) => { Step::Stays };
    (@step refused $refusal:ident) => { Step::Refused(CannotFollow::$refusal) };
    (@step $next:ident) => { Step::Next(Self::$next) };
}

table!(values);

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
