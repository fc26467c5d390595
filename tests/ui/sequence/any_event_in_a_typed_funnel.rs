use talent_events::sequence::stage;
use talent_events::{ApplicationFunnel, BoxDestination, TalentEvent, TrackError};

async fn next(
    funnel: ApplicationFunnel<BoxDestination<()>, stage::Open>,
    event: &dyn TalentEvent,
) -> Result<(), TrackError> {
    funnel.record(event).await?;
    Ok(())
}

fn main() {}
