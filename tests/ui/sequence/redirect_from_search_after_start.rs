use talent_events::sequence::stage::Started;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationRedirectFromSearch, request_id = from_session, job = from_funnel)]
struct LeftFromResults;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Started>) -> Result<(), TrackError> {
    let funnel = funnel.record(&LeftFromResults).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
