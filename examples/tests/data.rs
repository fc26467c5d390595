//! The board's day is what it is meant to be.

mod day;

use std::collections::BTreeSet;

use day::{CUT_SHORT, DAY, DEFECTS, NO_SEARCH, OTHER_TENANT, UNKNOWN_KIND};
use talent_events::event::{Envelope, rules};
use talent_events::{ClientEvent, EncodedEvent, InvalidEvent, JobEventType, TenantName};
use talent_events_examples::BoardEvent;

#[test]
fn all_lines_are_read_but_two() {
    let malformed: Vec<_> = lines().filter(|(_, line)| read(line).is_err()).map(|(number, _)| number).collect();
    assert_eq!(malformed, [CUT_SHORT, UNKNOWN_KIND]);
    assert!(lines().count() >= 400, "a day has at least 400 lines");
}

#[test]
fn all_events_are_valid_but_two() {
    let invalid: Vec<_> = events().filter(|(_, event)| event.is_err()).map(|(number, _)| number).collect();
    assert_eq!(invalid, [OTHER_TENANT, NO_SEARCH]);
}

#[test]
fn all_types_are_there() {
    let types: BTreeSet<_> = sent().iter().map(|event| event.job_event.r#type).collect();
    assert_eq!(types, BTreeSet::from(JobEventType::ALL));
}

#[test]
fn the_events_fit_together_but_for_the_known_defects() {
    let defects = rules::check(&sent());
    let found: BTreeSet<_> = defects
        .iter()
        .map(|d| (d.rule.id(), d.request_id.as_ref().map(|id| id.as_str()), d.job.as_ref().map(|job| job.job())))
        .collect();
    assert_eq!(found, BTreeSet::from(DEFECTS));
    assert_eq!(defects.len(), DEFECTS.len(), "{defects:#?}");
}

#[test]
fn it_is_one_day_in_order() {
    let times: Vec<_> = sent().iter().map(|event| event.create_time.to_string()).collect();
    assert!(times.is_sorted());
    assert!(times.iter().all(|time| time.starts_with("2026-02-03T")));
}

#[test]
fn bookmarks_are_written_in_many_scripts() {
    let notes: String = lines()
        .filter_map(|(_, line)| match read(line) {
            Ok(BoardEvent::JobSaved { why, .. }) => why,
            _ => None,
        })
        .collect();
    for (script, letters) in [
        ("Latin with accents", 'à'..='ž'),
        ("Greek", 'Α'..='ώ'),
        ("Cyrillic", 'А'..='я'),
        ("Hebrew", 'א'..='ת'),
        ("Arabic", 'ء'..='ي'),
        ("Devanagari", 'ऄ'..='ह'),
        ("Georgian", 'ა'..='ჰ'),
        ("Hiragana", 'ぁ'..='ゖ'),
        ("Chinese characters", '一'..='龥'),
        ("Hangul", '가'..='힣'),
        ("emoji", '🌀'..='🧿'),
    ] {
        assert!(notes.chars().any(|c| letters.contains(&c)), "no note in {script}");
    }
}

/// What is private stays on the board, whatever the templates say.
#[test]
fn no_note_names_a_person() {
    assert!(sent().iter().all(|event| !event.event_notes.contains('@')));
}

fn lines() -> impl Iterator<Item = (u64, &'static str)> {
    (1..).zip(DAY.lines())
}

fn read(line: &str) -> serde_json::Result<BoardEvent> {
    serde_json::from_str(line)
}

/// The lines that are read, as events for a tenant that the data does not know; `None` where nothing is to be sent.
fn events() -> impl Iterator<Item = (u64, Result<Option<EncodedEvent>, InvalidEvent>)> {
    let tenant = TenantName::new("projects/acme/tenants/harbour").expect("a tenant's name");
    lines()
        .filter_map(|(number, line)| Some((number, read(line).ok()?)))
        .map(move |(number, event)| (number, EncodedEvent::encode(&event, Envelope::new(&tenant))))
}

fn sent() -> Vec<ClientEvent> {
    events().filter_map(|(_, event)| Some(event.ok()??.to_client_event())).collect()
}
