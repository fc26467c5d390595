//! An app with one error for everything that has to do with events.

use std::io;

use talent_events::prelude::*;
use talent_events::sequence::{ApplicationFunnel, DeviceInfo, DeviceType, RequestMetadata, stage};
use talent_events::testing::{Recorder, block_on};
use talent_events::{Checkpoint, JobName, RequestId, SearchSession, TenantName, TrackError};

#[derive(Debug, thiserror::Error)]
enum AppError {
    #[error("the event was not sent: {0}")]
    Events(#[from] TrackError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel)]
struct Submitted;

/// The ids come from a request of a browser: any of them may be wrong.
async fn apply(events: &Recorder, search: &str, job: &str) -> Result<Checkpoint, AppError> {
    io::Result::Ok(())?;
    let _tenant: TenantName = "projects/acme/tenants/board".parse()?;
    let job: JobName = job.parse()?;
    let search: RequestId = search.parse()?;
    let device = DeviceInfo::new(DeviceType::Web).with_id("browser-123")?;
    let metadata = RequestMetadata::builder().allow_missing_ids().device_info(device).build()?;

    let session = SearchSession::begin(events, &search)?.with_request_metadata(metadata);
    let mut page = session.collect();
    page.shown(&job)?;
    page.flush().await?;
    session.bookmark(&job).await?;
    let funnel = session.application(&job)?.view().await?;
    let checkpoint = funnel.checkpoint();
    let funnel: ApplicationFunnel<_, stage::Viewed> = checkpoint.resume(events)?;
    let funnel = funnel.record(&Submitted).await?;
    let funnel =
        ApplicationFunnel::begin(events, &search, &job)?.into_any().record_any(&Submitted).await.map(|_| funnel)?;
    SearchSession::for_session_id(events, "visit-1")?.all_stages([&job]).await?;
    Ok(funnel.checkpoint())
}

#[test]
fn an_app_names_one_error() {
    let to = crate::recorder();
    let checkpoint = block_on(apply(&to, "search-7f", "projects/acme/tenants/board/jobs/42")).unwrap();
    assert_eq!(checkpoint.stage().name(), "Applied");

    for (search, job, words) in [
        (
            "search-7f",
            "42/",
            "the event was not sent: `job name`: expected projects/{project}/tenants/{tenant}/jobs/{job}",
        ),
        ("", "projects/acme/tenants/board/jobs/42", "the event was not sent: `request_id`: expected the request id"),
        ("s", "projects/acme/tenants/other/jobs/42", "the event was not sent: `job_event.jobs[0]`: expected a job of"),
    ] {
        let error = block_on(apply(&crate::recorder(), search, job)).unwrap_err();
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

/// Whatever fails, the app learns whether a later attempt makes sense.
#[test]
fn each_of_its_events_may_fail() {
    let job = "projects/acme/tenants/board/jobs/42";
    let all = crate::recorder();
    block_on(apply(&all, "search-7f", job)).unwrap();
    for failing in 0..all.len() {
        let to = crate::recorder().with_capacity(failing);
        let error = block_on(apply(&to, "search-7f", job)).unwrap_err();
        assert!(matches!(&error, AppError::Events(e) if e.is_retryable()), "{failing}: {error}");
        assert_eq!(to.len(), failing);
    }
}
