use talent_events::{Checkpoint, TalentClient, TrackError};

struct Started;

async fn next(checkpoint: Checkpoint, client: &TalentClient) -> Result<(), TrackError> {
    let funnel = checkpoint.resume::<Started, _>(client)?;
    drop(funnel);
    Ok(())
}

fn main() {}
