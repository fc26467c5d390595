//! What a session sends, and where its request id comes from.

use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use talent_events::JobEventType::*;
use talent_events::event::{AsRequestId, RequestIdRef};
use talent_events::testing::{Failure, block_on};
use talent_events::wire::ResponseMetadata;
use talent_events::{
    BoxDestination, ClientEvent, Destination, EventId, JobName, RequestId, SearchSession, Track, TrackError,
};

use crate::invalid::invalid_field;
use crate::{Result, job, jobs, recorder, session};

#[derive(talent_events::TalentEvent)]
#[talent(event = View, request_id = from_session, notes = "position {position}")]
struct Opened {
    #[talent(job)]
    job: JobName,
    position: u32,
}

#[derive(talent_events::TalentEvent)]
#[talent(request_id = from_session)]
enum Board {
    #[talent(event = Impression)]
    Listed(#[talent(jobs)] Vec<String>),
    #[talent(event = Bookmark)]
    Saved(#[talent(job)] JobName),
    #[talent(skip)]
    Heartbeat,
}

#[derive(talent_events::TalentEvent)]
#[talent(event = Hired)]
struct Hire {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

#[test]
fn a_session_begins_with_what_a_search_answered() {
    struct Answer(Option<ResponseMetadata>);

    impl AsRequestId for Answer {
        fn as_request_id(&self) -> Option<RequestIdRef<'_>> {
            self.0.as_request_id()
        }
    }

    let to = recorder();
    let metadata = ResponseMetadata { request_id: "a:b/c=".into() };
    let id: RequestId = "a:b/c=".parse().unwrap();
    let begun = [
        SearchSession::begin(&to, &metadata),
        SearchSession::begin(&to, Some(metadata.clone())),
        SearchSession::begin(&to, Answer(Some(metadata))),
        SearchSession::begin(&to, &id),
        SearchSession::begin(&to, "a:b/c="),
        SearchSession::begin(&to, String::from("a:b/c=")),
    ];
    for session in begun {
        assert_eq!(session.unwrap().request_id(), &id);
    }

    let error = invalid_field(SearchSession::begin(&to, Answer(None)).unwrap_err());
    assert_eq!((error.field(), error.found()), ("request_id", "`None`"));
    assert!(error.help().is_some_and(|help| help.contains("ResponseMetadata")), "{error}");
    let error = invalid_field(SearchSession::begin(&to, ResponseMetadata::default()).unwrap_err());
    assert_eq!((error.field(), error.found()), ("request_id", "an empty text"));
}

#[test]
fn the_named_events_carry_the_request_id() {
    let to = recorder();
    let session = session(&to);
    let first = job("1");
    let receipts: Vec<ClientEvent> = block_on(async {
        Ok::<_, TrackError>(vec![
            session.impressions(["1", "2", "3"]).await?,
            session.view("1").notes("position 1").await?,
            session.view_redirect(job("2")).await?,
            session.bookmark(&first).await?,
            session.notify(vec![first.clone(), job("3")]).await?,
            session.event(ApplicationStart, [&first]).await?,
        ])
    })
    .unwrap();

    to.assert_sequence([Impression, View, ViewRedirect, Bookmark, Notification, ApplicationStart]);
    to.assert_conforms();
    let events = to.events();
    assert_eq!(events, receipts);
    assert!(events.iter().all(|e| e.request_id.as_ref() == Some(session.request_id())));
    assert_eq!(jobs(&events[0]), ["1", "2", "3"]);
    assert_eq!(jobs(&events[4]), ["1", "3"]);
    assert_eq!(events[1].event_notes, "position 1");
    assert_eq!(events[2].event_notes, "");
}

#[test]
fn an_event_says_its_id_time_and_notes() {
    let to = recorder();
    let session = session(&to);
    let id: EventId = "e-1".parse().unwrap();
    let then = UNIX_EPOCH + Duration::from_secs(1_770_111_000);
    let event = session.view("1").event_id(&id).create_time(then).notes(None::<String>);
    let sent = block_on(event).unwrap();
    assert_eq!((sent.event_id, sent.create_time.seconds()), (id, 1_770_111_000));

    block_on(session.view("1").notes("é".repeat(1_001))).unwrap();
    assert!(to.encoded()[1].notes_truncated());
    assert_eq!(to.events()[1].event_notes.chars().count(), 1_000);
}

#[test]
fn an_error_names_the_event_and_the_field() {
    let to = recorder();
    let session = session(&to);
    let said = |event: talent_events::sequence::SessionEvent<'_, _>| block_on(event).unwrap_err().to_string();
    assert!(said(session.view("a/b")).starts_with("`VIEW` is not a valid event: `job_event.jobs[0]`: "));
    assert_eq!(
        said(session.impressions(Vec::<String>::new())),
        "`IMPRESSION` is not a valid event: `job_event.jobs`: expected 1 to 500 jobs, found no job"
    );
    assert!(said(session.impressions(vec!["1"; 501])).contains("found 501 jobs; help: send only the jobs"));
    let twice = said(session.view("1").notes("a").notes("b").event_id("later parts change nothing"));
    assert!(twice.contains("`event_notes`: expected one"), "{twice}");
    let foreign: JobName = "projects/acme/tenants/other/jobs/1".parse().unwrap();
    assert!(said(session.bookmark(foreign)).contains("expected a job of `projects/acme/tenants/board`"));
    assert!(to.attempts().is_empty());
}

#[test]
fn events_of_the_apps_own() {
    let to = recorder();
    let session = session(&to);
    block_on(async {
        let _: Option<ClientEvent> = session.track(&Board::Listed(vec!["1".into()])).await?;
        let _: ClientEvent = session.track(&Opened { job: job("1"), position: 3 }).await?;
        assert_eq!(session.track(&Board::Heartbeat).await?, None);
        let objects: Vec<Box<dyn talent_events::TalentEvent>> = vec![Box::new(Board::Saved(job("1")))];
        for event in &objects {
            session.track(&**event).await?.expect("a bookmark is sent");
        }
        let hire = Hire { job: job("1"), search: session.request_id().clone() };
        session.track(&hire).await?;
        hire.track(&session).await?;
        Ok::<_, TrackError>(())
    })
    .unwrap();
    to.assert_sequence([Impression, View, Bookmark, Hired, Hired]);
    assert_eq!(to.events()[1].event_notes, "position 3");
    assert_eq!(to.of_request(session.request_id()).len(), 5);
}

#[test]
fn another_request_id_is_an_error_that_names_both() {
    let to = recorder();
    let session = session(&to);
    let hire = Hire { job: job("1"), search: "another".parse().unwrap() };
    for error in [block_on(session.track(&hire)).unwrap_err(), block_on(hire.track(&session)).unwrap_err()] {
        let said = error.to_string();
        assert!(said.contains("`Hire`") && said.contains("\"another\"") && said.contains("\"search-7f\""), "{said}");
    }
    assert!(to.attempts().is_empty());
}

#[test]
fn where_nothing_may_break_the_error_is_logged() {
    let to = recorder();
    let session = session(&to);
    to.fail_next(2, Failure::Unavailable);
    assert_eq!(block_on(session.view("1").or_log()), None);
    assert_eq!(block_on(session.track_or_log(&Board::Saved(job("1")))), None);
    assert!(block_on(session.track_or_log(&Board::Saved(job("1")))).is_some());
    assert_eq!(block_on(session.track_or_log(&Board::Heartbeat)), None);
}

#[tokio::test]
async fn a_session_is_sent_between_tasks() -> Result {
    let to = recorder();
    let session = SearchSession::begin(&BoxDestination::new(to.clone()), "search-7f")?;
    let task = tokio::spawn(async move {
        session.impressions(["1"]).await?;
        // What is not `Send` is encoded before it is awaited.
        let tracking = session.track(&Rc::new(Opened { job: job("1"), position: 1 }));
        tracking.await?;
        let later = session.view("1");
        tokio::task::yield_now().await;
        later.notes("again").await
    });
    task.await??;
    to.assert_sequence([Impression, View, View]);
    Ok(())
}

#[test]
fn a_session_id_of_its_own_says_so() {
    let to = recorder();
    let session = SearchSession::for_session_id(&to, "session-1").unwrap();
    block_on(async {
        session.impressions(["1"]).await?;
        session.track(&Opened { job: job("1"), position: 1 }).await?;
        let _ = session.application("1")?.start().await?;
        Ok::<_, Box<dyn std::error::Error>>(())
    })
    .unwrap();
    assert!(to.encoded().iter().all(|e| e.synthetic_request_id()));
    to.assert_defects(["request-id-synthetic"]);
    assert_eq!(invalid_field(SearchSession::for_session_id(&to, "").unwrap_err()).field(), "session_id");
}

/// A session's own id may name its user.
#[test]
fn a_session_id_is_not_shown() {
    let to = recorder();
    let jane = SearchSession::for_session_id(&to, "jane@example.com").unwrap();
    block_on(jane.impressions(["1"])).unwrap();
    let hire = Hire { job: job("1"), search: "john@example.com".parse().unwrap() };
    let shown = [
        format!("{jane:?} {:?}", jane.envelope()),
        block_on(jane.impressions(["1"])).unwrap_err().to_string(),
        block_on(jane.track(&hire)).unwrap_err().to_string(),
        block_on(hire.track(&jane)).unwrap_err().to_string(),
        SearchSession::for_session_id(&to, "jane@example.com\n").unwrap_err().to_string(),
    ];
    assert!(shown.iter().all(|text| !text.contains("example.com")), "{shown:#?}");
    assert!(shown[0].contains("made up, not shown"), "{shown:#?}");
    assert!(shown[1].contains("a second IMPRESSION for a request id that is made up"), "{shown:#?}");
    assert!(
        shown[2].contains("expected the session's own, which is made up and not shown, found another one"),
        "{shown:#?}"
    );
    assert!(shown[4].ends_with(r"found the control character '\n' at byte 16 of 17 bytes"), "{shown:#?}");

    let known = session(&to);
    let shown = format!("{known:?} {:?}", known.envelope());
    assert_eq!(shown.matches("search-7f").count(), 2, "what a search answered names nobody: {shown}");
}

#[test]
fn an_application_goes_its_own_way() {
    let to = recorder();
    let session = session(&to);
    block_on(session.impressions(["1"])).unwrap();
    let funnel = session.application("1").unwrap();
    assert_eq!((funnel.request_id(), funnel.job()), (session.request_id(), &job("1")));
    assert_eq!(invalid_field(session.application("a/b").unwrap_err()).field(), "job_event.jobs[0]");
    let foreign = session.application("projects/p/tenants/other/jobs/1").unwrap_err();
    assert_eq!(invalid_field(foreign).expected(), "a job of `projects/acme/tenants/board`");
    drop(session);
    let viewed = block_on(funnel.view()).unwrap();
    let _ = block_on(viewed.start()).unwrap();
    to.assert_sequence([Impression, View, ApplicationStart]);
    to.assert_conforms();
}
