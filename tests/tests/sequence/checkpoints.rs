//! A funnel at rest. The files in `checkpoints/` are what earlier releases stored: they are never changed.

use std::collections::BTreeMap;

use talent_events::event::rules::Stage;
use talent_events::sequence::{ApplicationFunnel, Checkpoint, stage};

use super::{Shelf, job, search};
use crate::invalid::invalid_field;

const STARTED_V1: &str = include_str!("checkpoints/started-v1.json");
const SYNTHETIC_V1: &str = include_str!("checkpoints/synthetic-v1.json");

fn read(json: &str) -> Checkpoint {
    serde_json::from_str(json).unwrap()
}

#[track_caller]
fn unreadable(json: &str) -> String {
    serde_json::from_str::<Checkpoint>(json).expect_err("the checkpoint is refused").to_string()
}

#[tokio::test]
async fn what_is_stored_is_a_few_fields_that_stay_as_they_are() {
    let shelf = Shelf::new();
    let funnel = shelf.begin().start().await.unwrap();
    let stored: BTreeMap<String, serde_json::Value> = serde_json::from_str(STARTED_V1).unwrap();
    let now = serde_json::to_value(funnel.checkpoint()).unwrap();
    assert_eq!(now, serde_json::to_value(&stored).unwrap());
    assert_eq!(
        serde_json::to_string(&funnel.checkpoint()).unwrap(),
        r#"{"version":1,"request_id":"search-7f","synthetic":false,"job":"projects/acme/tenants/board/jobs/42","stage":"Started"}"#
    );
}

#[tokio::test]
async fn an_old_file_goes_on() {
    let shelf = Shelf::new();
    let checkpoint = read(STARTED_V1);
    assert_eq!(
        (checkpoint.request_id(), checkpoint.job(), checkpoint.stage()),
        (&search("search-7f"), &job("42"), Stage::Started)
    );
    let funnel = checkpoint.resume::<stage::Started, _>(&shelf).unwrap();
    assert_eq!(funnel.checkpoint(), checkpoint);
    funnel.finish().await.unwrap();

    let funnel = read(SYNTHETIC_V1).resume::<stage::AnyStage, _>(&shelf).unwrap();
    assert_eq!(funnel.hire().await.unwrap().stage(), Stage::Hired);
    let marks: Vec<_> = shelf.encoded().iter().map(|e| e.synthetic_request_id()).collect();
    assert_eq!(marks, [false, true]);
}

#[test]
fn every_stage_is_read_back() {
    let shelf = Shelf::new();
    for stage in Stage::ALL {
        let checkpoint = read(&STARTED_V1.replace("Started", stage.name()));
        assert_eq!(checkpoint.resume::<stage::AnyStage, _>(&shelf).unwrap().stage(), stage);
        assert_eq!(read(&serde_json::to_string(&checkpoint).unwrap()), checkpoint);
    }
}

#[test]
fn a_stage_that_was_not_asked_for_is_named() {
    let error = read(STARTED_V1).resume::<stage::Applied, _>(&Shelf::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`checkpoint.stage`: expected Applied, found Started; help: call `resume_any` to resume at any stage"
    );
}

#[test]
fn any_stage_will_do_where_none_is_asked_for() {
    let funnel = read(STARTED_V1).resume_any(&Shelf::new()).unwrap();
    assert_eq!(funnel.stage(), Stage::Started);
    let foreign = Shelf::of("projects/acme/tenants/other".parse().unwrap());
    assert_eq!(invalid_field(read(STARTED_V1).resume_any(&foreign).unwrap_err()).field(), "checkpoint.job");
}

#[test]
fn another_tenants_checkpoint_is_refused() {
    let foreign = Shelf::of("projects/acme/tenants/other".parse().unwrap());
    let error = read(STARTED_V1).resume::<stage::Started, _>(&foreign).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"`checkpoint.job`: expected a job of `projects/acme/tenants/other`, found "projects/acme/tenants/board/jobs/42""#
    );
    // Google's project id and number may stand for the same project.
    let by_number = Shelf::of("projects/123/tenants/board".parse().unwrap());
    assert!(read(STARTED_V1).resume::<stage::Started, _>(&by_number).is_ok());
}

#[test]
fn another_version_is_told_before_anything_else() {
    let future = r#"{"version":2,"application":{"search":["s"],"stage":7}}"#;
    assert!(
        unreadable(future).starts_with(
            "`checkpoint.version`: expected 1, the only version that this release of talent-events reads, found 2"
        ),
        "{}",
        unreadable(future)
    );
    assert!(unreadable(&STARTED_V1.replace("1,", "0,")).contains("reads, found 0"));

    // Stores sort the keys as they like, and a later version may mean something else by each.
    let last = r#"{"job":7,"request_id":["s"],"stage":"Withdrawn","synthetic":"no","version":2}"#;
    assert!(unreadable(last).starts_with("`checkpoint.version`: expected 1, "), "{}", unreadable(last));
    let value: serde_json::Value = serde_json::from_str(last).unwrap();
    let error = serde_json::from_value::<Checkpoint>(value).unwrap_err().to_string();
    assert!(error.starts_with("`checkpoint.version`: expected 1, "), "{error}");
}

#[test]
fn the_order_of_the_fields_is_nothing() {
    let sorted = r#"{"job":"projects/acme/tenants/board/jobs/42","request_id":"search-7f","stage":"Started","synthetic":false,"version":1}"#;
    assert_eq!(read(sorted), read(STARTED_V1));
    let value: serde_json::Value = serde_json::from_str(STARTED_V1).unwrap();
    assert_eq!(serde_json::from_value::<Checkpoint>(value).unwrap(), read(STARTED_V1));
}

#[test]
fn a_made_up_id_that_is_damaged_is_not_repeated() {
    let stored = r#"{"version":1,"request_id":"application-jane@example.com\n-42","synthetic":true,"job":"projects/acme/tenants/board/jobs/42","stage":"Started"}"#;
    let error = unreadable(stored);
    assert!(
        error.starts_with("`checkpoint.request_id`: expected ")
            && error.contains(r"found the control character '\n' at byte 28 of 32"),
        "{error}"
    );
    assert!(!error.contains("jane"), "{error}");
}

#[test]
fn what_is_damaged_is_told() {
    for (from, to, words) in [
        ("Started", "Beginning", ["stage`: expected one of Open, ViewedElsewhere, Viewed, ", r#"found "Beginning""#]),
        ("/jobs/42", "", ["job`: expected projects/{project}/", "found no `jobs/{job}`"]),
        ("search-7f", "", ["request_id`: expected the request id of a search", "found an empty text"]),
        (r#""request_id": "search-7f","#, "", ["request_id`: expected a request id as a string", "found nothing"]),
        (r#""search-7f""#, "7", ["request_id`: expected a request id as a string", "found a value of another type"]),
        (r#""synthetic": false"#, r#""synthetic": null"#, ["synthetic`: expected true or false", "found nothing"]),
        (r#""version": 1,"#, "", ["version`: expected 1, ", "found nothing"]),
        (r#""version": 1,"#, r#""version": -1,"#, ["version`: expected 1, ", "found a value of another type"]),
        (r#""version": 1,"#, r#""version": 4294967297,"#, ["version`: expected 1, ", "found 4294967297"]),
    ] {
        assert!(STARTED_V1.contains(from), "{from}");
        let error = unreadable(&STARTED_V1.replace(from, to));
        assert!(error.starts_with("`checkpoint.") && words.iter().all(|words| error.contains(words)), "{error}");
    }
    // A later release may tell more, as long as it means the same.
    let more = STARTED_V1.replace(r#""version": 1,"#, r#""version": 1, "taken_at": "2030-01-01","#);
    assert_eq!(read(&more), read(STARTED_V1));
}

#[tokio::test]
async fn a_funnel_that_is_lost_half_way_is_found_again() {
    let shelf = Shelf::new();
    let funnel = shelf.begin().start().await.unwrap();
    let checkpoint = funnel.checkpoint();
    drop(funnel.finish().into_future());
    let funnel: ApplicationFunnel<_, stage::Started> = checkpoint.resume(&shelf).unwrap();
    assert_eq!(funnel.finish().await.unwrap().stage(), Stage::Applied);
    assert_eq!(shelf.encoded().len(), 2);
}
