//! The rules between events, in one table.

use std::fmt;

use super::judge::{self, Judge};

/// A rule between the events under one request id, one of [`RULES`].
///
/// Displayed it is one line, e.g. `quick-alone (forbidden, Google): …`. Two rules are equal if their ids are.
pub struct Rule {
    id: &'static str,
    source: Source,
    severity: Severity,
    sentence: &'static str,
    pub(super) judge: Judge,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// Google: the v4 API reference or its product pages.
    Google,
    /// The API description that this project started from.
    ApiDescription,
    /// Inferred from Google's words, not said by Google.
    Inferred,
    /// Ours, for sanity.
    Ours,
}

/// What comes of breaking a rule, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// The events do not count.
    Loss,
    /// Google says not to send such events together.
    Forbidden,
    /// The record does not fit together: Google's dashboard lists it, or by inference it would confuse what Google
    /// learns from the events.
    Defect,
    /// It may be right, and is a mistake more often.
    Hint,
}

macro_rules! rules {
    ($($name:ident = $id:literal $source:ident $severity:ident, $judge:expr, $sentence:literal;)+) => {
        $(
            #[doc = concat!("`", $id, "`: ", $sentence, ".")]
            pub static $name: Rule = Rule {
                id: $id,
                source: Source::$source,
                severity: Severity::$severity,
                sentence: $sentence,
                judge: $judge,
            };
        )+

        /// All rules between events, in the order in which defects are listed.
        pub static RULES: &[&Rule] = &[$(&$name),+];
    };
}

rules! {
    REQUEST_ID_MISSING = "request-id-missing" Google Loss, Judge::Event(judge::request_id_missing),
        "the event has no request id, and Google discards events without a valid one: give it the request id in the \
         response of the search it came from";
    REQUEST_ID_SYNTHETIC = "request-id-synthetic" Inferred Loss, Judge::Search(judge::request_id_synthetic),
        "the request id was made up by the client and belongs to no search, so its events are taken not to count: use \
         the request id in the response of the search they came from";
    IMPRESSIONS_MULTIPLE = "impressions-multiple" Google Defect, Judge::Search(judge::impressions_multiple),
        "more than one IMPRESSION under a request id, which Google's dashboard lists as a defect: send one per page of \
         results, with all jobs shown, under the request id of the response that brought the page";
    IMPRESSIONS_NONE = "impressions-none" Google Defect, Judge::Search(judge::impressions_none),
        "events under a request id without any IMPRESSION, which Google's dashboard lists as a defect: send an \
         IMPRESSION with the jobs that the search showed";
    QUICK_ALONE = "quick-alone" Google Forbidden, Judge::Job(judge::quick_alone),
        "APPLICATION_QUICK_SUBMISSION beside APPLICATION_START or APPLICATION_FINISH for the job: Google says to send \
         a quick submission without them, so send it for an application by one click, and the two for any other";
    START_FROM_SEARCH_NO_VIEW = "start-from-search-no-view" Google Forbidden, Judge::Job(judge::start_from_search_no_view),
        "APPLICATION_START_FROM_SEARCH beside VIEW for the job: Google says not to send VIEW with it, so where the job \
         was viewed first, send APPLICATION_START instead";
    REDIRECT_FROM_SEARCH_ALONE = "redirect-from-search-alone" Google Forbidden, Judge::Job(judge::redirect_from_search_alone),
        "APPLICATION_REDIRECT_FROM_SEARCH beside APPLICATION_START, APPLICATION_FINISH or VIEW for the job: Google says \
         to send it without them, so where the job was viewed or the application begun here, send APPLICATION_REDIRECT \
         instead";
    HIRE_NEEDS_APPLICATION = "hire-needs-application" Inferred Defect, Judge::Job(judge::hire_needs_application),
        "INTERVIEW_GRANTED or HIRED without any application event for the job: both speak of an application that a \
         search began, so send that application's events too, under the same request id";
    SEVERAL_JOBS = "several-jobs" Inferred Hint, Judge::Event(judge::several_jobs),
        "several jobs on a type that speaks of one: send one event per job, unless all of them are meant";
    FINISH_WITHOUT_START = "finish-without-start" Ours Hint, Judge::Job(judge::finish_without_start),
        "APPLICATION_FINISH for a job whose application never started: right for a form of one page, else an event got \
         lost";
    JOB_NOT_SHOWN = "job-not-shown" Ours Hint, Judge::Job(judge::job_not_shown),
        "an event about a job that no IMPRESSION or NOTIFICATION under its request id lists: one of them leaves a job \
         out, or the event carries the request id of another search";
    STEP_REPEATED = "step-repeated" Ours Hint, Judge::Job(judge::step_repeated),
        "a start, APPLICATION_FINISH, INTERVIEW_GRANTED or HIRED more than once for the job: an application has one of \
         each, and an event that is sent again keeps its event id";
    TIME_ORDER = "time-order" Ours Hint, Judge::Job(judge::time_order),
        "a step is dated before the one it follows from: check the clocks, and that the time of creation says when it \
         happened, not when it was sent";
}

impl Rule {
    /// Its name, which stays: lower-case words with hyphens, e.g. `quick-alone`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Who says so.
    pub const fn source(&self) -> Source {
        self.source
    }

    /// What comes of breaking it.
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong and what to do, as one sentence in lower case without a full stop.
    pub const fn sentence(&self) -> &'static str {
        self.sentence
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

impl std::hash::Hash for Rule {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rule").field(&self.id).finish()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {}): {}", self.id, self.severity, self.source, self.sentence)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Google => "Google",
            Self::ApiDescription => "API description",
            Self::Inferred => "inferred",
            Self::Ours => "ours",
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Loss => "loss",
            Self::Forbidden => "forbidden",
            Self::Defect => "defect",
            Self::Hint => "hint",
        })
    }
}
