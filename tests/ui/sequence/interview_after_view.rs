use talent_events::sequence::stage::Viewed;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = InterviewGranted, request_id = from_session, job = from_funnel)]
struct InvitedToTalk {
    #[talent(notes)]
    room: String,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, Viewed>) -> Result<(), TrackError> {
    let funnel = funnel.record(&InvitedToTalk { room: "2".into() }).await?;
    funnel.bookmark().await?;
    Ok(())
}

fn main() {}
