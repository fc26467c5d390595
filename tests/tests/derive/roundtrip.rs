//! For arbitrary values of every kind of field, prost reads what was meant.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use talent_events::{EventId, JobEventType, JobName, RequestId, TalentEvent, Timestamp, wire};
use uuid::Uuid;

use super::{job_event, sent, tenant};

#[derive(Clone, Debug, TalentEvent)]
enum Any {
    #[talent(event = Impression, notes = "page {page} {query:?}")]
    Page {
        #[talent(jobs)]
        shown: Vec<JobName>,
        #[talent(request_id)]
        search: RequestId,
        #[talent(event_id)]
        id: EventId,
        #[talent(create_time)]
        at: Timestamp,
        page: u8,
        query: String,
    },
    #[talent(event = Bookmark, request_id = none)]
    Saved {
        #[talent(create_time)]
        at: wire::Timestamp,
        #[talent(notes)]
        why: Option<String>,
        #[talent(job)]
        job: String,
        #[talent(event_id)]
        id: String,
    },
    /// Made-up ids, from a tuple.
    #[talent(event = SentCv, request_id = "{0}-{1:?}", event_id = "cv-{1}")]
    Sent(#[talent(job)] JobName, Uuid, #[talent(create_time)] SystemTime),
    /// Computed, and through functions.
    #[talent(event = if *hired { JobEventType::Hired } else { JobEventType::InterviewGranted }, job = job.trim_end())]
    Decided {
        job: String,
        hired: bool,
        #[talent(request_id(with = hex))]
        search: Option<u64>,
        #[talent(event_id(with = hex))]
        id: u64,
        #[talent(create_time(with = after_1970))]
        at: u32,
        #[talent(notes(with = hex))]
        score: Option<u64>,
    },
    #[talent(transparent)]
    Generic(Generic<Option<Box<str>>, Uuid>),
}

#[derive(Clone, Debug, TalentEvent)]
#[talent(event = Notification, notes(with = Self::subject))]
struct Generic<R, I> {
    #[talent(jobs(with = Vec::as_slice))]
    jobs: Vec<String>,
    #[talent(request_id)]
    search: R,
    #[talent(event_id)]
    id: I,
    #[talent(create_time)]
    at: SystemTime,
    #[talent(private)]
    to: String,
}

impl<R, I> Generic<R, I> {
    fn subject(&self) -> String {
        format!("{} jobs", self.jobs.len())
    }
}

fn hex(value: &u64) -> String {
    format!("{value:x}")
}

fn after_1970(seconds: &u32) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs((*seconds).into())
}

/// What prost would be given by hand.
fn expected(event: &Any) -> wire::ClientEvent {
    let by_hand = |request_id: String, event_id: String, at, r#type, jobs, event_notes| wire::ClientEvent {
        request_id,
        event_id,
        create_time: Some(at),
        event_notes,
        event: Some(wire::client_event::Event::JobEvent(wire::JobEvent { r#type, jobs })),
    };
    let name = |job: &str| format!("{}/jobs/{job}", tenant());
    match event.clone() {
        Any::Page { shown, search, id, at, page, query } => by_hand(
            search.to_string(),
            id.to_string(),
            at.into(),
            1,
            shown.iter().map(ToString::to_string).collect(),
            cut(format!("page {page} {query:?}")),
        ),
        Any::Saved { at, why, job, id } => {
            by_hand(String::new(), id, at, 11, vec![name(&job)], cut(why.unwrap_or_default()))
        }
        Any::Sent(job, id, at) => by_hand(
            format!("{job}-{id:?}"),
            format!("cv-{id}"),
            seconds_and_nanos(at),
            14,
            vec![job.to_string()],
            String::new(),
        ),
        Any::Decided { job, hired, search, id, at, score } => by_hand(
            hex(&search.unwrap()),
            hex(&id),
            wire::Timestamp { seconds: at.into(), nanos: 0 },
            if hired { 13 } else { 15 },
            vec![name(job.trim_end())],
            score.as_ref().map(hex).unwrap_or_default(),
        ),
        Any::Generic(Generic { jobs, search, id, at, .. }) => by_hand(
            search.unwrap().into(),
            id.to_string(),
            seconds_and_nanos(at),
            12,
            jobs.iter().map(|job| name(job)).collect(),
            format!("{} jobs", jobs.len()),
        ),
    }
}

fn seconds_and_nanos(at: SystemTime) -> wire::Timestamp {
    let after = at.duration_since(UNIX_EPOCH).unwrap();
    wire::Timestamp { seconds: after.as_secs() as i64, nanos: after.subsec_nanos() as i32 }
}

fn cut(notes: String) -> String {
    if notes.chars().count() <= 1000 { notes } else { notes.chars().take(999).chain(['…']).collect() }
}

fn segment() -> impl Strategy<Value = String> {
    "[^/\\p{Cc}]{1,40}"
}

fn id() -> impl Strategy<Value = String> {
    "\\P{Cc}{1,200}"
}

fn job() -> impl Strategy<Value = JobName> {
    segment().prop_map(|id| tenant().job(id).unwrap())
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800..=253_402_300_799_i64, 0..1_000_000_000_u32).prop_map(|(s, n)| Timestamp::new(s, n).unwrap())
}

fn system_time() -> impl Strategy<Value = SystemTime> {
    (0..=253_402_300_799_u64, 0..1_000_000_000_u32).prop_map(|(s, n)| UNIX_EPOCH + Duration::new(s, n))
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn any_event() -> impl Strategy<Value = Any> {
    let page = (vec(job(), 1..=500), id(), id(), time(), any::<u8>(), "(?s).{0,1200}");
    let page = page.prop_map(|(shown, search, id, at, page, query)| Any::Page {
        shown,
        search: search.parse().unwrap(),
        id: id.parse().unwrap(),
        at,
        page,
        query,
    });
    let saved = (time(), option::of("(?s).{0,1200}"), segment(), id());
    let saved = saved.prop_map(|(at, why, job, id)| Any::Saved { at: at.into(), why, job, id });
    let cv = (job(), uuid(), system_time()).prop_map(|(job, id, at)| Any::Sent(job, id, at));
    let decided =
        ("[a-z]{1,9} {0,3}", any::<bool>(), any::<u64>(), any::<u64>(), any::<u32>(), option::of(any::<u64>()));
    let decided = decided.prop_map(|(job, hired, search, id, at, score)| Any::Decided {
        job,
        hired,
        search: Some(search),
        id,
        at,
        score,
    });
    let generic = (vec(segment(), 1..=20), id(), uuid(), system_time(), ".{0,20}");
    let generic = generic
        .prop_map(|(jobs, search, id, at, to)| Any::Generic(Generic { jobs, search: Some(search.into()), id, at, to }));
    prop_oneof![page, saved, cv, decided, generic]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn prost_reads_what_was_meant(event in any_event()) {
        let read = sent(&event);
        prop_assert_eq!(&read, &expected(&event));
        prop_assert!(!job_event(&read).jobs.is_empty());
    }
}
