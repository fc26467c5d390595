use talent_events::sequence::stage;
use talent_events::{ApplicationFunnel, BoxDestination, TrackError};

async fn apply(funnel: ApplicationFunnel<BoxDestination<()>, stage::Open>) -> Result<(), TrackError> {
    funnel.start().await?;
    funnel.finish().await?;
    Ok(())
}

fn main() {}
