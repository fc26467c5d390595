//! The domain of a small job board: what happens there in a day, in its own words.
//!
//! The board writes one JSON object a line (`data/job_board.ndjson`). serde reads it, and the attributes say what
//! Google Cloud Talent Solution is told of it. Nothing else in the board knows Google's words.

use std::fmt;

use serde::Deserialize;
use talent_events::{JobEventType, RequestId, TalentEvent, Timestamp};

/// Something that happened on the board.
///
/// Three fields mean the same everywhere: `at` is the time; `search` is the id that the search answered which it all
/// began with, however long ago; `job` is the posting's bare id, to which the tenant is added.
#[derive(Deserialize, TalentEvent)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields that need words have them; the three above would need them 15 times")]
pub enum BoardEvent {
    /// A page of search results was shown.
    #[talent(event = Impression, notes = "{query}, page {page}")]
    PageShown {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        query: String,
        /// From 1.
        page: u16,
        /// The jobs in the order shown: the service learns their positions from it.
        #[talent(jobs)]
        jobs: Vec<String>,
    },

    /// Somebody opened a job's full description.
    #[talent(event = View, notes = "position {position}")]
    JobOpened {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        /// On its page, from 1.
        position: u16,
    },

    /// Somebody came straight to a job by a link in a mail. There was no search, so the event will not count.
    #[talent(event = View, request_id = none, notes = "link in the {campaign}")]
    LinkOpened {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(job)]
        job: String,
        campaign: String,
    },

    /// Somebody went to the employer's site to read the posting there.
    #[talent(event = ViewRedirect, notes = "read at {site}")]
    OriginalOpened {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        site: String,
    },

    /// Somebody saved a job for later, and perhaps wrote down why.
    #[talent(event = Bookmark)]
    JobSaved {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job(with = Posting::id))]
        job: Posting,
        #[talent(notes)]
        why: Option<String>,
    },

    /// Somebody opened the application form on the job's page.
    #[talent(event = ApplicationStart, event_id = "{application}-start")]
    FormOpened {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        application: String,
    },

    /// Somebody opened the application form right in the list of results.
    #[talent(event = ApplicationStartFromSearch, event_id = "{application}-start")]
    FormOpenedInList {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        application: String,
    },

    /// The form was sent.
    #[talent(transparent)]
    ApplicationSent(ApplicationSent),

    /// Somebody applied with the profile they have here, by one click.
    #[talent(event = ApplicationQuickSubmission)]
    OneClick {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        #[talent(private)]
        applicant: String,
    },

    /// Somebody wanted to apply and was sent to the employer's site for it.
    #[talent(event = ApplicationRedirect, notes = "apply at {site}")]
    SentToEmployer {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        site: String,
    },

    /// The same, by one click in the list of results.
    #[talent(event = ApplicationRedirectFromSearch, notes = "apply at {site}")]
    SentToEmployerFromList {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        site: String,
    },

    /// A staffing agency applied on somebody's behalf.
    #[talent(event = ApplicationCompanySubmit, notes = "by {agency}")]
    PutForward {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(job)]
        job: String,
        agency: String,
    },

    /// A recruiter sent a candidate's CV to the employer.
    #[talent(event = SentCv, notes = "{pages} pages, by {recruiter}")]
    CvSent {
        #[talent(create_time)]
        at: Timestamp,
        /// The recruiters' desk does not always know it. Without it the event is refused before it is sent.
        #[talent(request_id)]
        search: Option<RequestId>,
        #[talent(job)]
        job: String,
        recruiter: String,
        pages: u16,
    },

    /// Somebody was reminded of jobs in their results.
    #[talent(event = Notification, notes = "reminder by {by}")]
    ReminderSent {
        #[talent(create_time)]
        at: Timestamp,
        #[talent(request_id)]
        search: RequestId,
        #[talent(jobs)]
        jobs: Vec<String>,
        by: String,
    },

    /// The employer has decided on an application.
    #[talent(transparent)]
    Decided(Decision),

    /// The board is alive.
    #[talent(skip)]
    Heartbeat { at: Timestamp, open_jobs: u32 },

    /// A member signed in.
    #[talent(skip)]
    SignedIn { at: Timestamp, member: String },

    /// The price of a posting changed, in cents.
    #[talent(skip)]
    PriceChanged { at: Timestamp, job: String, from_cents: u32, to_cents: u32 },
}

/// An application was sent with the board's form.
#[derive(Deserialize, TalentEvent)]
#[serde(deny_unknown_fields)]
#[talent(
    event = ApplicationFinish,
    event_id = "{application}-finish",
    notes = "by {channel}, CV of {pages} pages"
)]
pub struct ApplicationSent {
    /// When.
    #[talent(create_time)]
    pub at: Timestamp,
    /// The search it began with.
    #[talent(request_id)]
    pub search: RequestId,
    /// For which job.
    #[talent(job)]
    pub job: String,
    /// The application's id on the board; it makes the event's own, so that a second report is the same event.
    pub application: String,
    /// Who applied: nobody else's business, so no notes can name it.
    #[talent(private)]
    pub applicant: String,
    /// How the CV came in.
    pub channel: Channel,
    /// The pages of the CV.
    pub pages: u16,
}

/// How a CV came in.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Typed into the form.
    Form,
    /// Uploaded as a file.
    Upload,
    /// Taken from the member's profile.
    Profile,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "form",
            Self::Upload => "upload",
            Self::Profile => "profile",
        })
    }
}

/// An employer's good news: what happened is known at run time only.
#[derive(Deserialize, TalentEvent)]
#[serde(deny_unknown_fields)]
#[talent(event = self.outcome.event_type())]
pub struct Decision {
    /// When.
    #[talent(create_time)]
    pub at: Timestamp,
    /// The search it began with.
    #[talent(request_id)]
    pub search: RequestId,
    /// For which job.
    #[talent(job)]
    pub job: String,
    /// What was decided.
    pub outcome: Outcome,
    /// Anything to add.
    #[talent(notes)]
    pub note: Option<String>,
}

/// What an employer decides; refusals are told to nobody but the applicant.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A first interview.
    Interview,
    /// Employed.
    Hire,
}

impl Outcome {
    /// In Google's words.
    pub fn event_type(self) -> JobEventType {
        match self {
            Self::Interview => JobEventType::InterviewGranted,
            Self::Hire => JobEventType::Hired,
        }
    }
}

/// A job as the board's pages have it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Posting {
    id: String,
    /// The title, in the employer's language.
    pub title: String,
    /// The pay, as the employer put it.
    pub salary: String,
}

impl Posting {
    /// The bare id.
    pub fn id(&self) -> &str {
        &self.id
    }
}
