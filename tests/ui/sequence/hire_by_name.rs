use talent_events::{ApplicationFunnel, JobName, RequestId, TalentClient, TrackError};

async fn hired(client: &TalentClient, search: RequestId, job: JobName) -> Result<(), TrackError> {
    ApplicationFunnel::begin(client, search, job)?.view().await?.hire().notes("full time").await?;
    Ok(())
}

fn main() {}
