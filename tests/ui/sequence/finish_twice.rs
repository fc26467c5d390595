use talent_events::sequence::stage::Applied;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel)]
struct ApplicationSubmitted;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Applied>) -> Result<(), TrackError> {
    let funnel = funnel.record(&ApplicationSubmitted).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
