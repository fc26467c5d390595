use talent_events::sequence::stage::RedirectedFromSearch;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationStart, request_id = from_session, job = from_funnel)]
struct FormOpened;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, RedirectedFromSearch>) -> Result<(), TrackError> {
    let funnel = funnel.record(&FormOpened).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
