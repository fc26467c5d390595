use talent_events::sequence::stage::Interviewing;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = InterviewGranted, request_id = from_session, job = from_funnel)]
struct InvitedToTalk;

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Interviewing>) -> Result<(), TrackError> {
    let funnel = funnel.record(&InvitedToTalk).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
