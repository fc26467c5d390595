use talent_events::sequence::stage::StartedFromSearch;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationQuickSubmission, request_id = from_session, job = from_funnel)]
struct OneClickApply;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, StartedFromSearch>) -> Result<(), TrackError> {
    let funnel = funnel.record(&OneClickApply).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
