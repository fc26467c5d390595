use talent_events::sequence::stage::Applied;
use talent_events::{ApplicationFunnel, BoxDestination, JobName, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = Notification, request_id = from_session)]
struct AlertSent {
    #[talent(jobs)]
    jobs: Vec<JobName>,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Applied>) -> Result<(), TrackError> {
    let funnel = funnel.record(&AlertSent { jobs: Vec::new() }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
