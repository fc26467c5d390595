use talent_events::sequence::stage::Open;
use talent_events::{ApplicationFunnel, BoxDestination, JobName, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = Impression, request_id = from_session)]
struct PageShown {
    #[talent(jobs)]
    shown: Vec<JobName>,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Open>) -> Result<(), TrackError> {
    let funnel = funnel.record(&PageShown { shown: Vec::new() }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
