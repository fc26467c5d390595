//! One IMPRESSION event per result with its position in the notes, VIEW, APPLICATION_START under one session id.

use talent_events::JobEventType::*;
use talent_events::SearchSession;

use crate::description::create_client_event;
use crate::strict::Both;
use crate::{Result, SEARCH, broken, job, service};

const RESULTS: [&str; 3] = ["job-123", "job-456", "job-789"];

/// What the user does, in our words.
async fn visit(session: SearchSession<Both>) -> Result {
    session.impressions(RESULTS).await?;
    session.view("job-456").notes("User clicked job title from search results").await?;
    let _ = session.application("job-456")?.start().notes("User clicked apply button").await?;
    Ok(())
}

/// And in the description's.
async fn described_visit(to: &Both, session_id: &str) -> Result {
    for (position, id) in RESULTS.iter().enumerate() {
        let notes = format!("Job appeared in search results position {position}");
        create_client_event(to, session_id, Impression, &[id], &notes).await?;
    }
    let notes = "User clicked job title from search results";
    create_client_event(to, session_id, View, &["job-456"], notes).await?;
    create_client_event(to, session_id, ApplicationStart, &["job-456"], "User clicked apply button").await?;
    Ok(())
}

#[tokio::test]
async fn under_the_request_id_of_a_search_nothing_is_wrong() -> Result {
    let service = service().await;
    visit(SearchSession::begin(&service.to, SEARCH)?).await?;

    assert_eq!(broken(&service), [""; 0]);
    assert_eq!(service.kept_and_discarded(), (3, 0));
    let events = service.events();
    assert_eq!(events.iter().map(|e| e.job_event.r#type).collect::<Vec<_>>(), [Impression, View, ApplicationStart]);
    // The position is the place in the list.
    assert_eq!(events[0].job_event.jobs, RESULTS.map(job));
    assert_eq!(events[2].event_notes, "User clicked apply button");
    assert!(events.iter().all(|e| e.request_id.as_ref().is_some_and(|id| id.as_str() == SEARCH)));
    Ok(())
}

#[tokio::test]
async fn a_page_noted_result_by_result_is_one_impression_too() -> Result {
    let service = service().await;
    let session = SearchSession::begin(&service.to, SEARCH)?;
    let mut page = session.collect();
    for id in RESULTS {
        page.shown(id)?;
    }
    page.flush().await?;
    session.view("job-456").await?;
    assert_eq!(broken(&service), [""; 0]);
    assert_eq!(service.events()[0].job_event.jobs, RESULTS.map(job));
    Ok(())
}

#[tokio::test]
async fn a_session_id_of_its_own_is_synthetic() -> Result {
    let service = service().await;
    let session_id = format!("search-session-{}", uuid::Uuid::now_v7());
    visit(SearchSession::for_session_id(&service.to, session_id)?).await?;
    assert_eq!(broken(&service), ["request-id-synthetic"]);
    assert_eq!(service.kept_and_discarded(), (0, 3));
    Ok(())
}

#[tokio::test]
async fn an_impression_per_result_is_too_many() -> Result {
    let service = service().await;
    described_visit(&service.to, SEARCH).await?;
    assert_eq!(broken(&service), ["impressions-multiple"]);
    assert_eq!(service.kept_and_discarded(), (5, 0));

    service.clear();
    described_visit(&service.to, "search-session-1").await?;
    assert_eq!(broken(&service), ["impressions-multiple", "request-id-synthetic"]);
    assert_eq!(service.kept_and_discarded(), (0, 5));
    Ok(())
}
