use talent_events::sequence::stage::Viewed;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = Hired, request_id = from_session, job = from_funnel)]
struct ContractSigned;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Viewed>) -> Result<(), TrackError> {
    let funnel = funnel.record(&ContractSigned).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
