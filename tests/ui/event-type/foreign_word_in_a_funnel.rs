use talent_events::{ApplicationFunnel, JobName, RequestId, TalentClient, TalentEvent, TrackError};

#[derive(TalentEvent)]
#[talent(event = Apply, request_id = from_session, job = from_funnel)]
struct FormSent;

#[derive(TalentEvent)]
#[talent(event = Hired, request_id = from_session, job = from_funnel)]
struct Placed;

async fn apply(client: &TalentClient, search: RequestId, job: JobName) -> Result<(), TrackError> {
    let funnel = ApplicationFunnel::begin(client, search, job)?;
    let funnel = funnel.record(&FormSent).await?;
    funnel.record(&Placed).await?;
    Ok(())
}

fn main() {}
