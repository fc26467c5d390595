//! The valid items in which mistakes are made. Each is used as an app would use it, outside the part that is changed.

/// A derive, with items that have its attributes.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// What stands above each item.
    pub(crate) prelude: &'static str,
    pub(crate) items: &'static [Item],
    /// Words of the attribute's language.
    pub(crate) words: &'static [&'static str],
}

pub(crate) struct Item {
    pub(crate) source: &'static str,
    /// A function that uses it.
    pub(crate) usage: &'static str,
}

impl Subject {
    /// The program in which the item stands, as it is or changed.
    pub(crate) fn program(&self, item: &Item, source: &str) -> String {
        [self.prelude, source, item.usage].concat()
    }
}

pub(crate) const SUBJECTS: [&Subject; 3] = [&TALENT_EVENTS, &THISERROR, &SERDE];

macro_rules! items {
    ($($source:literal, $usage:literal;)+) => { &[$(Item { source: $source, usage: $usage }),+] };
}

pub(crate) const TALENT_EVENTS: Subject = Subject {
    name: "talent-events",
    prelude: r#"
use std::fmt::{Debug, Display};
use std::time::SystemTime;
use talent_events::event::AsJob;
use talent_events::prelude::*;
use talent_events::{EventId, JobEventType, JobName, RequestId, SearchSession, TalentContext, Timestamp};

pub struct Posting { id: String, tags: Vec<String>, closed: bool }
impl Posting {
    fn name(&self) -> &str { &self.id }
    fn kind(&self) -> JobEventType { JobEventType::View }
}
fn hex(id: &u64) -> String { format!("{id:x}") }
const CAMPAIGN: &str = "campaign";
"#,
    words: &[
        "event",
        "job",
        "jobs",
        "request_id",
        "notes",
        "notes_overflow",
        "event_id",
        "create_time",
        "private",
        "flatten",
        "skip",
        "transparent",
        "with",
        "none",
        "from_session",
        "from_funnel",
        "View",
        "Hired",
        "Impression",
        "error",
        "talent",
        "JobName",
    ],
    items: items! {
        r#"
#[derive(TalentEvent)]
#[talent(event = View, notes = "position {position}")]
pub struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    position: u32,
}
"#, "async fn send(event: Opened, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, event_id = "{application}-finish")]
#[talent(notes = "Applied via {channel}, {pages:>3} CV pages", notes_overflow = error)]
pub struct Submitted {
    #[talent(job)]
    pub job: String,
    #[talent(request_id)]
    pub search: Option<RequestId>,
    #[talent(create_time)]
    pub at: SystemTime,
    #[talent(private)]
    pub email: String,
    pub application: u64,
    pub channel: &'static str,
    pub pages: u32,
}
"#, "async fn send(event: Submitted, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = Bookmark, request_id = none, notes = "{1} of {2:?}")]
pub struct Saved(#[talent(job)] JobName, u32, &'static str);
"#, "async fn send(event: Saved, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(request_id = from_session, notes = "from the board")]
pub enum BoardEvent {
    #[talent(event = Impression)]
    Listed {
        #[talent(jobs)]
        shown: Vec<JobName>,
    },
    #[talent(event = View, notes = "position {position}")]
    Opened {
        #[talent(job)]
        job: JobName,
        position: u32,
    },
    #[talent(event = Bookmark, job = posting.trim())]
    Saved { posting: String },
    #[talent(skip)]
    Heartbeat,
}
"#, "async fn send(event: BoardEvent, to: &SearchSession<impl Destination + Clone + Send>) { let _ = to.track(&event).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = View, request_id = none, notes = "{why} {n:?}")]
pub struct Shown<'a, J: Clone, W, const N: usize = 3>
where
    W: Copy,
{
    #[talent(job)]
    job: &'a J,
    why: W,
    n: [u8; N],
}
"#, "async fn send<J: AsJob + Clone>(event: Shown<'_, J, u8>, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentContext)]
#[talent(notes = "from {device}")]
pub struct Visit {
    #[talent(request_id)]
    search: RequestId,
    #[talent(create_time)]
    at: Timestamp,
    #[talent(private)]
    user: String,
    device: &'static str,
}

#[derive(TalentEvent)]
#[talent(event = View)]
pub struct Looked {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    visit: Visit,
}
"#, "async fn send(event: Looked, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = self.posting.kind(), job = self.posting.name(), request_id = none)]
pub struct Happened {
    posting: Posting,
}
"#, "async fn send(event: Happened, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = Hired, notes(with = Self::summary))]
pub struct Placed {
    #[talent(job(with = Posting::name))]
    posting: Posting,
    #[talent(request_id(with = hex))]
    search: Option<u64>,
    #[talent(event_id)]
    id: EventId,
}
"#, "impl Placed { fn summary(&self) -> String { self.posting.id.clone() } }
async fn send(event: Placed, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = SentCv, many_jobs, crate = ::talent_events)]
pub struct Mailed {
    #[talent(jobs)]
    jobs: [JobName; 3],
    #[talent(request_id)]
    search: String,
}
"#, "async fn send(event: Mailed, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = InterviewGranted, request_id = "interview-{user}-{round:?}", job = CAMPAIGN)]
#[talent(bound(T: Debug + Clone))]
pub struct Invited<T> {
    user: u64,
    round: T,
}
"#, "async fn send(event: Invited<u8>, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
#[talent(event = SentCv, job = "campaign", request_id = none)]
pub struct Sent {
    #[talent(notes)]
    remark: Option<String>,
    #[talent(create_time(with = Clone::clone))]
    at: Timestamp,
}
"#, "async fn send(event: Sent, to: &impl Destination) { let _ = event.track(to).await; }";
        r#"
#[derive(TalentEvent)]
pub enum Applied {
    #[talent(event = ApplicationStart, request_id = from_session, job = from_funnel)]
    Began,
    #[talent(event = ApplicationFinish, request_id = from_session)]
    Sent(#[talent(job)] JobName, #[talent(notes)] String),
    #[talent(event = Hired, request_id = "placement-{0}")]
    Placed(u8, #[talent(job)] String),
    #[talent(transparent)]
    Other(Box<Inner>),
}

#[derive(TalentEvent)]
#[talent(event = View, request_id = none)]
pub struct Inner {
    #[talent(job)]
    job: &'static str,
}
"#, "async fn send(event: Applied, to: &SearchSession<impl Destination + Clone + Send>) { let _ = to.track(&event).await; }";
    },
};

pub(crate) const THISERROR: Subject = Subject {
    name: "thiserror",
    prelude: r#"
use std::fmt::{Debug, Display};
use std::{fmt, io};
use thiserror::Error;

fn first(text: &str) -> char { text.chars().next().unwrap_or('-') }
const LIMIT: usize = 3;
"#,
    words: &[
        "error",
        "from",
        "source",
        "backtrace",
        "transparent",
        "fmt",
        "message",
        "code",
        "io",
        "first",
        "LIMIT",
        "name",
    ],
    items: items! {
        r#"
#[derive(Debug, Error)]
#[error("position {position}")]
pub struct Opened {
    job: String,
    position: u32,
}
"#, "fn send(error: Opened) -> Box<dyn std::error::Error> { error.into() }";
        r#"
#[derive(Debug, Error)]
#[error("applied via {channel}, {pages:>3} pages of {}", self.job.len())]
pub struct Submitted {
    pub job: String,
    #[source]
    pub cause: io::Error,
    pub channel: &'static str,
    pub pages: u32,
}
"#, "fn send(error: Submitted) -> Box<dyn std::error::Error> { error.into() }";
        r#"
#[derive(Debug, Error)]
#[error("{1} of {2:?}")]
pub struct Saved(String, u32, &'static str);
"#, "fn send(error: Saved) -> Box<dyn std::error::Error> { error.into() }";
        r#"
#[derive(Debug, Error)]
pub enum BoardError {
    #[error("cannot list {shown:?}")]
    Listed { shown: Vec<String> },
    #[error("cannot open {job}: position {position}")]
    Opened {
        job: String,
        position: u32,
    },
    #[error("disconnected")]
    Disconnected(#[from] io::Error),
    #[error("the text {0:?} (at most {max})", max = LIMIT)]
    Text(String, #[source] fmt::Error),
    #[error(transparent)]
    Other(#[from] Box<dyn std::error::Error + Send + Sync>),
}
"#, "fn send() -> Result<(), BoardError> { Ok(std::fs::remove_file(\"x\")?) }";
        r#"
#[derive(Debug, Error)]
#[error("{why} {n:?}")]
pub struct Shown<J: Clone, W, const N: usize = 3>
where
    W: Copy,
{
    job: J,
    why: W,
    n: [u8; N],
}
"#, "fn send(error: Shown<u8, u8>) -> Box<dyn std::error::Error> { error.into() }";
        r#"
#[derive(Debug, Error)]
#[error("{letter} {}", first(.text))]
pub struct Looked {
    letter: char,
    text: String,
}

#[derive(Debug, Error)]
pub enum Outer {
    #[error("while looking: {0}")]
    Looked(#[from] Looked),
    #[error("{}", .0.len())]
    Length(Vec<u8>),
}
"#, "fn send(error: Looked) -> Outer { error.into() }";
    },
};

pub(crate) const SERDE: Subject = Subject {
    name: "serde",
    prelude: r#"
use serde::{Deserialize, Serialize, Serializer};

fn hex<S: Serializer>(id: &u64, to: S) -> Result<S::Ok, S::Error> { to.serialize_str(&format!("{id:x}")) }
fn is_zero(n: &u32) -> bool { *n == 0 }
fn one() -> u32 { 1 }
"#,
    words: &[
        "serde",
        "rename",
        "rename_all",
        "default",
        "skip",
        "skip_serializing_if",
        "flatten",
        "with",
        "tag",
        "content",
        "untagged",
        "alias",
        "transparent",
        "bound",
        "serialize_with",
    ],
    items: items! {
        r#"
#[derive(Serialize)]
#[serde(rename_all = "camelCase", rename = "opened")]
pub struct Opened {
    #[serde(rename = "name")]
    job: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
    position: u32,
}
"#, "fn send(event: Opened) -> impl Serialize { event }";
        r#"
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Submitted {
    #[serde(alias = "posting")]
    pub job: String,
    #[serde(skip)]
    pub cause: u64,
    #[serde(default = "one")]
    pub pages: u32,
}
"#, "impl Default for Submitted { fn default() -> Self { Self { job: String::new(), cause: 0, pages: 1 } } }
fn send(event: Submitted) -> impl Serialize { event }";
        r#"
#[derive(Serialize)]
pub struct Saved(#[serde(serialize_with = "hex")] u64, u32, &'static str);
"#, "fn send(event: Saved) -> impl Serialize { event }";
        r#"
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum BoardEvent {
    #[serde(rename = "list")]
    Listed { shown: Vec<String> },
    Opened {
        job: String,
        #[serde(default, skip_serializing_if = "is_zero")]
        position: u32,
    },
    #[serde(skip)]
    Heartbeat,
    #[serde(other)]
    Other,
}
"#, "fn send(event: BoardEvent) -> impl Serialize { event }";
        r#"
#[derive(Serialize)]
#[serde(bound = "W: Serialize")]
pub struct Shown<'a, W>
where
    W: Copy,
{
    #[serde(rename(serialize = "name"))]
    job: &'a str,
    why: W,
    n: [u8; 3],
}
"#, "fn send(event: Shown<'_, u8>) -> impl Serialize { event }";
        r#"
#[derive(Serialize)]
#[serde(transparent)]
pub struct Visit {
    user: String,
}

#[derive(Serialize)]
pub struct Looked {
    job: String,
    #[serde(flatten)]
    visit: std::collections::HashMap<String, Visit>,
}
"#, "fn send(event: Looked) -> impl Serialize { event }";
    },
};
