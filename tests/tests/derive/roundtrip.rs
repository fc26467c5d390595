//! For arbitrary values of every kind of field, prost reads what was meant.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use talent_events::{EventId, JobName, RequestId, TalentEvent, Timestamp, wire};

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
        at: Timestamp,
        #[talent(notes)]
        why: Option<String>,
        #[talent(job)]
        job: String,
        #[talent(event_id)]
        id: String,
    },
}

/// What prost would be given by hand.
fn expected(event: &Any) -> wire::ClientEvent {
    let by_hand = |request_id: String, event_id: String, at: Timestamp, r#type, jobs, event_notes| wire::ClientEvent {
        request_id,
        event_id,
        create_time: Some(at.into()),
        event_notes,
        event: Some(wire::client_event::Event::JobEvent(wire::JobEvent { r#type, jobs })),
    };
    match event.clone() {
        Any::Page { shown, search, id, at, page, query } => by_hand(
            search.to_string(),
            id.to_string(),
            at,
            1,
            shown.iter().map(ToString::to_string).collect(),
            cut(format!("page {page} {query:?}")),
        ),
        Any::Saved { at, why, job, id } => {
            by_hand(String::new(), id, at, 11, vec![format!("{}/jobs/{job}", tenant())], cut(why.unwrap_or_default()))
        }
    }
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

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800..=253_402_300_799_i64, 0..1_000_000_000_u32).prop_map(|(s, n)| Timestamp::new(s, n).unwrap())
}

fn any_event() -> impl Strategy<Value = Any> {
    let page = (vec(segment(), 1..=500), id(), id(), time(), any::<u8>(), "(?s).{0,1200}");
    let page = page.prop_map(|(shown, search, id, at, page, query)| Any::Page {
        shown: shown.into_iter().map(|id| tenant().job(id).unwrap()).collect(),
        search: search.parse().unwrap(),
        id: id.parse().unwrap(),
        at,
        page,
        query,
    });
    let saved = (time(), option::of("(?s).{0,1200}"), segment(), id());
    let saved = saved.prop_map(|(at, why, job, id)| Any::Saved { at, why, job, id });
    prop_oneof![page, saved]
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
