use talent_events::sequence::stage::ViewedElsewhere;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationStartFromSearch, request_id = from_session, job = from_funnel)]
struct BeganFromResults;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, ViewedElsewhere>) -> Result<(), TrackError> {
    let funnel = funnel.record(&BeganFromResults).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
