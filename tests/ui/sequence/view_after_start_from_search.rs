use talent_events::sequence::stage::StartedFromSearch;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = View, request_id = from_session, job = from_funnel)]
struct PostingOpened {
    position: u32,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, StartedFromSearch>) -> Result<(), TrackError> {
    let funnel = funnel.record(&PostingOpened { position: 3 }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
