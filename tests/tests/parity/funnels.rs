//! track_application_funnel(job, user): start, completion and cv_sent, under `application-{user}-{job}`.

use talent_events::JobEventType::{self, *};
use talent_events::sequence::stage;
use talent_events::{ApplicationFunnel, JobName, SearchSession, TalentEvent, Track};

use crate::description::create_client_event;
use crate::strict::{Both, Strict};
use crate::{Result, SEARCH, broken, job, service};

/// The three closures of the description, as steps.
async fn apply(funnel: ApplicationFunnel<Both, stage::Open>) -> Result {
    let funnel = funnel.start().notes("User initiated application process").await?;
    let funnel = funnel.finish().notes("User completed application form").await?;
    let _ = funnel.send_cv().notes("User resume sent to employer").await?;
    Ok(())
}

#[track_caller]
fn assert_applied(service: &Strict, request_id: &str) {
    let events = service.events();
    let applied = &events[events.len() - 3..];
    let types: Vec<_> = applied.iter().map(|e| e.job_event.r#type).collect();
    assert_eq!(types, [ApplicationStart, ApplicationFinish, SentCv]);
    for event in applied {
        assert_eq!(event.job_event.jobs, [job("job-42")]);
        assert_eq!(event.request_id.as_ref().map(|id| id.as_str()), Some(request_id));
    }
    assert_eq!(applied[2].event_notes, "User resume sent to employer");
}

#[tokio::test]
async fn under_the_request_id_of_a_search_nothing_is_wrong() -> Result {
    let service = service().await;
    let session = SearchSession::begin(&service.to, SEARCH)?;
    session.impressions(["job-41", "job-42"]).await?;
    apply(session.application(job("job-42"))?).await?;
    assert_applied(&service, SEARCH);
    assert_eq!(broken(&service), [""; 0]);
    assert_eq!(service.kept_and_discarded(), (4, 0));
    Ok(())
}

#[tokio::test]
async fn an_application_without_its_search_is_synthetic_and_has_no_impression() -> Result {
    let service = service().await;
    apply(ApplicationFunnel::for_applicant(&service.to, "user-1", job("job-42"))?).await?;
    assert_applied(&service, "application-user-1-job-42");
    assert_eq!(broken(&service), ["impressions-none", "request-id-synthetic"]);
    assert_eq!(service.kept_and_discarded(), (0, 3));
    Ok(())
}

#[tokio::test]
async fn so_are_the_descriptions_own_events() -> Result {
    let service = service().await;
    let id = "application-user-1-job-42";
    for (event_type, notes) in [
        (ApplicationStart, "User initiated application process"),
        (ApplicationFinish, "User completed application form"),
        (SentCv, "User resume sent to employer"),
    ] {
        create_client_event(&service.to, id, event_type, &["job-42"], notes).await?;
    }
    assert_applied(&service, id);
    assert_eq!(broken(&service), ["impressions-none", "request-id-synthetic"]);
    Ok(())
}

#[tokio::test]
async fn and_structs_that_make_the_request_id_up() -> Result {
    #[derive(TalentEvent)]
    #[talent(
        event = self.what,
        request_id = "application-{user}-{id}",
        notes = "{notes}"
    )]
    struct Step {
        what: JobEventType,
        #[talent(job)]
        job: JobName,
        id: &'static str,
        user: &'static str,
        notes: &'static str,
    }

    let service = service().await;
    for (what, notes) in [(ApplicationStart, ""), (ApplicationFinish, ""), (SentCv, "User resume sent to employer")] {
        Step { what, job: job("job-42"), id: "job-42", user: "user-1", notes }.track(&service.to).await?;
    }
    assert_applied(&service, "application-user-1-job-42");
    assert_eq!(broken(&service), ["impressions-none", "request-id-synthetic"]);
    Ok(())
}
