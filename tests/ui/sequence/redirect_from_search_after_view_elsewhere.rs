use talent_events::sequence::stage::ViewedElsewhere;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationRedirectFromSearch, request_id = from_session, job = from_funnel)]
struct LeftFromResults {
    #[talent(notes)]
    to: String,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, ViewedElsewhere>) -> Result<(), TrackError> {
    let funnel = funnel.record(&LeftFromResults { to: "careers.example".into() }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
