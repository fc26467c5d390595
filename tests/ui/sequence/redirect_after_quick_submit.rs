use talent_events::sequence::stage::QuickApplied;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationRedirect, request_id = from_session, job = from_funnel)]
struct LeftForEmployer;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, QuickApplied>) -> Result<(), TrackError> {
    let funnel = funnel.record(&LeftForEmployer).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
