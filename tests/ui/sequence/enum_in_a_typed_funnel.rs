use talent_events::sequence::stage;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(request_id = from_session)]
enum BoardEvent {
    #[talent(event = View, job = from_funnel)]
    Opened,
    #[talent(event = Bookmark, job = from_funnel)]
    Saved,
}

async fn next(funnel: ApplicationFunnel<BoxDestination<()>, stage::Open>) -> Result<(), TrackError> {
    funnel.record(&BoardEvent::Opened).await?;
    Ok(())
}

fn main() {}
