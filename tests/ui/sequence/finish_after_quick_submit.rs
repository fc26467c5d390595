use talent_events::sequence::stage::QuickApplied;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = from_session, job = from_funnel)]
struct ApplicationSubmitted {
    pages: u32,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, QuickApplied>) -> Result<(), TrackError> {
    let funnel = funnel.record(&ApplicationSubmitted { pages: 2 }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
