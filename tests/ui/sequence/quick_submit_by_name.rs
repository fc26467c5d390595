use talent_events::sequence::stage;
use talent_events::{ApplicationFunnel, BoxDestination, TrackError};

async fn apply(started: ApplicationFunnel<BoxDestination<()>, stage::Started>) -> Result<(), TrackError> {
    started.quick_submit().await?;
    Ok(())
}

fn main() {}
