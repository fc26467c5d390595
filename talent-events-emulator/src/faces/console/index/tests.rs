//! Judgements of searches, over time.

use std::collections::HashSet;

use talent_events::JobEventType::{Impression, View};
use talent_events::event::rules::{IMPRESSIONS_MULTIPLE, IMPRESSIONS_NONE, JOB_NOT_SHOWN};
use talent_events::{EncodedEvent, EventId, JobEvent, JobEventType, Timestamp};

use super::*;
use crate::Settings;
use crate::store::Marks;

const TENANT: &str = "projects/acme/tenants/board";

fn add(records: &Records, what: JobEventType, event_id: &str, job: &str) {
    let mut event = ClientEvent::new(JobEvent::new(what, [format!("{TENANT}/jobs/{job}").parse().unwrap()]));
    event.event_id = EventId::new(event_id).unwrap();
    event.request_id = Some("s".parse().unwrap());
    event.create_time = Timestamp::new(7, 0).unwrap();
    let encoded = EncodedEvent::from_client_event(&event, &TENANT.parse().unwrap()).unwrap();
    records.restore([(encoded, Timestamp::now(), Marks::default())]);
}

fn warnings(index: &mut Index, records: &Records, number: usize) -> Vec<&'static Rule> {
    index.update(records);
    let recorded = records.numbered(index.seen.clears, [number]).unwrap().remove(0);
    let search = index.search_of(&recorded).unwrap();
    index.judge_search(records, search);
    index.warnings(search, number).collect()
}

#[test]
fn warnings_belong_to_an_event_and_its_repetitions() {
    let (mut index, records) = (Index::default(), Records::new(Settings::default(), HashSet::new()));
    add(&records, Impression, "e", "shown");
    add(&records, View, "same", "shown");
    // The same id and type, but another event.
    add(&records, View, "same", "other");
    add(&records, View, "same", "other");
    let found: Vec<_> = (1..=4).map(|number| warnings(&mut index, &records, number)).collect();
    assert_eq!(found, [vec![], vec![], vec![&JOB_NOT_SHOWN], vec![&JOB_NOT_SHOWN]]);
    add(&records, Impression, "e", "other");
    assert_eq!(warnings(&mut index, &records, 5), [&IMPRESSIONS_MULTIPLE]);
    assert!(warnings(&mut index, &records, 3).is_empty());
}

/// A load test under one request id: judging takes longer with each event.
#[test]
fn a_large_search_is_judged_again_after_a_pause() {
    let (mut index, records) = (Index::default(), Records::new(Settings::default(), HashSet::new()));
    for n in 0..=MAX_TIMELINE {
        add(&records, View, &n.to_string(), "42");
    }
    assert_eq!(warnings(&mut index, &records, 7), [&IMPRESSIONS_NONE]);
    let due = |index: &Index| index.large[&0].due;
    let judged = due(&index);
    assert_eq!(index.defects(&records), (&one_of_each(&[&IMPRESSIONS_NONE])[..], false));
    assert_eq!(warnings(&mut index, &records, 8), [&IMPRESSIONS_NONE]);
    assert_eq!(due(&index), judged, "nothing has changed");

    // It settles all warnings, but the next judgement is not due.
    add(&records, Impression, "shown", "42");
    let now = Instant::now();
    index.large.get_mut(&0).unwrap().due = now + Duration::from_secs(3_600);
    assert_eq!(warnings(&mut index, &records, 7), [&IMPRESSIONS_NONE]);
    assert!(index.defects(&records).1, "a search is unjudged");
    index.large.get_mut(&0).unwrap().due = now;
    assert!(warnings(&mut index, &records, 7).is_empty());
    assert_eq!(index.defects(&records), (&one_of_each(&[])[..], false));

    let (count, events) = index.timeline(&records, 0).unwrap();
    assert_eq!(
        (count, events.len(), events[0].number, events[MAX_TIMELINE - 1].number),
        (MAX_TIMELINE + 2, MAX_TIMELINE, 1, MAX_TIMELINE)
    );
}

fn one_of_each(broken: &[&Rule]) -> Vec<u64> {
    RULES.iter().map(|rule| broken.contains(rule).into()).collect()
}

#[test]
fn forgotten_ids_are_judged_again() {
    let (mut index, records) = (Index::default(), Records::new(Settings::default(), HashSet::new()));
    add(&records, Impression, "e", "42");
    assert_eq!(warnings(&mut index, &records, 1).len(), 0);
    records.add_known("other".parse().unwrap());
    assert_eq!(warnings(&mut index, &records, 1).len(), 1, "synthetic");
    // As many ids as before, but others.
    records.forget_known();
    records.add_known("s".parse().unwrap());
    assert_eq!(warnings(&mut index, &records, 1).len(), 0);
    records.forget_known();
    records.add_known("other".parse().unwrap());
    assert_eq!(warnings(&mut index, &records, 1).len(), 1);
    records.forget_known();
    assert_eq!(warnings(&mut index, &records, 1).len(), 0);
}
