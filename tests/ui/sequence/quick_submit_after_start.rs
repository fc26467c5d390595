use talent_events::sequence::stage::Started;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = ApplicationQuickSubmission, request_id = from_session, job = from_funnel)]
struct OneClickApply {
    #[talent(notes)]
    with: String,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Started>) -> Result<(), TrackError> {
    let funnel = funnel.record(&OneClickApply { with: "stored profile".into() }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
