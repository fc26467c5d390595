//! Steps that fail, and the run-time twin.

use std::time::Duration;

use talent_events::event::rules::{CannotFollow, Stage};
use talent_events::event::{EventDescriptor, EventWriter};
use talent_events::sequence::{ApplicationFunnel, StepError, stage};
use talent_events::track::Progress;
use talent_events::{
    InvalidEvent, JobEventType, JobName, SendPolicy, TalentEvent, TrackError, TypedEvent, event, types,
};

use super::cells::cells;
use super::{Shelf, job};

#[derive(TalentEvent)]
#[talent(request_id = from_session)]
enum Board {
    #[talent(event = View, job = from_funnel)]
    Opened,
    #[talent(event = ApplicationStart, job = from_funnel)]
    Began,
    #[talent(event = ApplicationQuickSubmission, job = from_funnel)]
    OneClick,
    #[talent(event = ApplicationFinish)]
    Submitted(#[talent(job)] JobName),
    #[talent(skip)]
    Heartbeat,
}

fn over_quota() -> TrackError {
    TrackError::OverQuota { retry_after: Some(Duration::from_secs(3)), message: "slower".into() }
}

#[tokio::test]
async fn a_retry_sends_the_same_event() {
    let shelf = Shelf::new();
    shelf.fail_next(over_quota());
    shelf.fail_next(TrackError::TimedOut { after: None, progress: Progress::MaybeSent });
    let error = shelf.begin().start().notes("first").recoverable().await.unwrap_err();
    assert!(error.is_retryable() && error.cannot_follow().is_none());
    assert_eq!(error.stage(), Stage::Open);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    let unsent = error.event().unwrap().clone();

    let error = error.retry().await.unwrap_err();
    assert!(matches!(error.error(), TrackError::TimedOut { .. }));
    assert_eq!(error.event(), Some(&unsent));
    let funnel: ApplicationFunnel<_, stage::Started> = error.retry().await.unwrap();
    assert_eq!(shelf.encoded(), [unsent]);
    funnel.finish().await.unwrap();
}

#[tokio::test]
async fn a_failed_step_hands_the_funnel_back() {
    let shelf = Shelf::new();
    let funnel = shelf.begin().view().await.unwrap();
    shelf.fail_next(TrackError::QueueFull);
    let funnel: ApplicationFunnel<_, stage::Viewed> =
        funnel.quick_submit().recoverable().await.unwrap_err().into_funnel();
    assert_eq!((funnel.stage(), funnel.receipt()), (Stage::Viewed, None));
    let funnel = funnel.start().await.unwrap();
    assert_eq!(funnel.stage(), Stage::Started);
    assert_eq!(shelf.encoded().len(), 2);
}

#[tokio::test]
async fn an_error_goes_where_errors_go() {
    fn is_portable<E: std::error::Error + Send + Sync + 'static>(_: &E) {}
    async fn to_track(shelf: &Shelf) -> Result<(), TrackError> {
        shelf.begin().view().await?;
        Ok(())
    }
    async fn to_box(shelf: &Shelf) -> Result<(), Box<dyn std::error::Error>> {
        shelf.begin().view().await?;
        Ok(())
    }
    async fn to_anyhow(shelf: &Shelf) -> anyhow::Result<()> {
        shelf.begin().view().await?;
        Ok(())
    }

    let shelf = Shelf::new();
    for _ in 0..4 {
        shelf.fail_next(over_quota());
    }
    let words = "over quota: slower (retry after 3s)";
    let error = to_track(&shelf).await.unwrap_err();
    assert!(matches!(error, TrackError::OverQuota { .. }));
    assert_eq!(error.to_string(), words);
    assert_eq!(to_box(&shelf).await.unwrap_err().to_string(), words);
    assert_eq!(to_anyhow(&shelf).await.unwrap_err().to_string(), words);
    let error = shelf.begin().view().recoverable().await.unwrap_err();
    is_portable(&error);
    assert_eq!(size_of_val(&error), size_of::<usize>());
}

#[tokio::test]
async fn the_run_time_twin_takes_enums_and_objects_and_keeps_its_place() {
    let shelf = Shelf::new();
    let funnel = shelf.begin().into_any();
    let events: Vec<Box<dyn TalentEvent>> =
        vec![Box::new(Board::Opened), Box::new(Board::Heartbeat), Box::new(Board::Began)];
    let mut funnel = funnel;
    let mut receipts = Vec::new();
    for event in &events {
        funnel = funnel.record_any(&**event).await.unwrap();
        receipts.push(funnel.take_receipt());
    }
    assert_eq!(receipts, [Some(1), None, Some(2)]);
    assert_eq!(funnel.stage(), Stage::Started);

    let error = funnel.record_any(&Board::OneClick).recoverable().await.unwrap_err();
    assert_eq!(error.cannot_follow(), Some(CannotFollow::QuickAfterStart));
    assert!(!error.is_retryable() && error.event().is_none());
    assert_eq!(
        error.to_string(),
        "`Board::OneClick` is not a valid event: `job_event.type`: expected an event that can follow at the \
         stage Started, found APPLICATION_QUICK_SUBMISSION; help: a quick submission cannot stand beside a started application: Google says to send it \
         without APPLICATION_START, so when the application is submitted, send APPLICATION_FINISH (Google, \
         quick-alone)"
    );
    let error = error.retry().await.unwrap_err();
    assert_eq!(error.cannot_follow(), Some(CannotFollow::QuickAfterStart), "what cannot follow, cannot follow later");

    let error = error.into_funnel().record_any(&Board::Submitted(job("7"))).recoverable().await.unwrap_err();
    assert!(error.to_string().contains("the funnel's own"), "{error}");
    shelf.fail_next(over_quota());
    let error = error.into_funnel().record_any(&Board::Submitted(job("42"))).recoverable().await.unwrap_err();
    assert_eq!(error.stage(), Stage::Started);
    let funnel = error.retry().await.unwrap();
    assert_eq!(funnel.stage(), Stage::Applied);
    let funnel = funnel.bookmark().await.unwrap();
    assert_eq!(funnel.hire().await.unwrap().stage(), Stage::Hired);
}

/// Steps by name at `AnyStage` meet, cell by cell, what the compiler meets at the other stages.
#[tokio::test]
async fn every_refusal_is_met_at_run_time_in_its_own_words() {
    let shelf = Shelf::new();
    let mut met = Vec::new();
    macro_rules! by_type {
        ($funnel:expr, $event_type:expr, $($step:ident $name:ident,)+) => {
            match $event_type {
                $(JobEventType::$name => Some($funnel.$step().recoverable().await),)+
                _ => None,
            }
        };
    }
    for cell in cells() {
        let checkpoint = serde_json::json!({
            "version": 1, "request_id": "s", "synthetic": false, "job": job("1"), "stage": cell.stage.name(),
        });
        let checkpoint: talent_events::Checkpoint = serde_json::from_value(checkpoint).unwrap();
        let funnel: ApplicationFunnel<Shelf, stage::AnyStage> = checkpoint.resume(&shelf).unwrap();
        let before = shelf.encoded().len();
        let outcome = by_type!(
            funnel, cell.event_type,
            view View, view_redirect ViewRedirect, start ApplicationStart,
            start_from_search ApplicationStartFromSearch, finish ApplicationFinish,
            quick_submit ApplicationQuickSubmission, redirect ApplicationRedirect,
            redirect_from_search ApplicationRedirectFromSearch, company_submit ApplicationCompanySubmit,
            send_cv SentCv, grant_interview InterviewGranted, hire Hired, bookmark Bookmark,
        );
        let Some(outcome) = outcome else {
            assert_eq!(cell.refusal, Some(CannotFollow::NotOfOneApplication));
            continue;
        };
        let stage = outcome.as_ref().map_or_else(StepError::stage, ApplicationFunnel::stage);
        assert_eq!(outcome.as_ref().map(|f| f.stage()).map_err(|e| e.cannot_follow()), cell.next.map_err(Some));
        assert_eq!(stage, cell.next.unwrap_or(cell.stage), "{cell:?}");
        assert_eq!(shelf.encoded().len() - before, usize::from(outcome.is_ok()));
        if let Err(error) = outcome {
            let refusal = error.cannot_follow().unwrap();
            assert!(error.to_string().ends_with(&refusal.to_string()), "{error}");
            met.push(refusal);
        }
    }
    let not_met: Vec<_> = CannotFollow::ALL.iter().filter(|r| !met.contains(r)).collect();
    assert_eq!(not_met, [&CannotFollow::NotOfOneApplication], "no step by name sends an impression");
}

/// An event by hand whose code does not do what its type says.
struct Confused {
    writes: Option<JobEventType>,
}

impl TalentEvent for Confused {
    fn write(&self, w: &mut EventWriter<'_>) -> Result<(), InvalidEvent> {
        let Some(event_type) = self.writes else {
            w.skip();
            return Ok(());
        };
        w.event_type(event_type)?;
        w.job_from_funnel()?;
        w.request_id_from_session()
    }

    fn descriptor(&self) -> &'static EventDescriptor {
        static DESCRIPTOR: EventDescriptor = EventDescriptor::new("Confused");
        &DESCRIPTOR
    }
}

impl TypedEvent for Confused {
    type Type = types::View;
}

impl SendPolicy for Confused {
    type Answer = event::Always;
}

#[tokio::test]
async fn an_event_by_hand_that_lies_about_its_type_is_refused() {
    let shelf = Shelf::new();
    for (writes, found) in [(Some(JobEventType::Hired), "HIRED"), (None, "a skipped event")] {
        let error = shelf.begin().record(&Confused { writes }).recoverable().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "`Confused` is not a valid event: `job_event.type`: expected VIEW, the event's \
                 `TypedEvent::Type`, found {found}"
            )
        );
    }
    let honest = Confused { writes: Some(JobEventType::View) };
    assert_eq!(shelf.begin().record(&honest).await.unwrap().stage(), Stage::Viewed);
    assert_eq!(shelf.encoded().len(), 1);
}
