//! TalentAnalytics.track_search_to_application_funnel(session, jobs): four stages with descriptions.

use talent_events::JobEventType::*;
use talent_events::SearchSession;

use crate::description::create_client_event;
use crate::{Result, SEARCH, broken, job, service};

const STAGES: [(talent_events::JobEventType, &str); 4] = [
    (Impression, "Search results displayed"),
    (View, "Job details viewed"),
    (ApplicationStart, "Application process started"),
    (ApplicationFinish, "Application completed"),
];

#[tokio::test]
async fn one_call_sends_the_four_stages() -> Result {
    let service = service().await;
    let receipts = SearchSession::begin(&service.to, SEARCH)?.all_stages(["1", "2", "3"]).await?;
    assert_eq!(broken(&service), [""; 0]);
    assert_eq!(service.kept_and_discarded(), (1 + 3 * 3, 0));
    let events = service.events();
    assert_eq!(receipts, events);
    assert_eq!(events[0].job_event.jobs, ["1", "2", "3"].map(job));
    for id in ["1", "2", "3"] {
        let of_job = events.iter().filter(|e| e.job_event.jobs.contains(&job(id)));
        let stages: Vec<_> = of_job.map(|e| (e.job_event.r#type, e.event_notes.as_str())).collect();
        assert_eq!(stages, STAGES);
    }
    Ok(())
}

#[tokio::test]
async fn under_a_session_id_of_its_own_it_is_synthetic() -> Result {
    let service = service().await;
    SearchSession::for_session_id(&service.to, "session-1")?.all_stages([job("1")]).await?;
    assert_eq!(broken(&service), ["request-id-synthetic"]);
    assert_eq!(service.kept_and_discarded(), (0, 4));
    Ok(())
}

#[tokio::test]
async fn all_jobs_in_every_stage_are_several_on_types_of_one() -> Result {
    let service = service().await;
    for (event_type, notes) in STAGES {
        create_client_event(&service.to, SEARCH, event_type, &["1", "2", "3"], notes).await?;
    }
    assert_eq!(broken(&service), ["several-jobs"]);
    assert_eq!(service.defects().len(), 3, "each stage but the impression");
    Ok(())
}
