use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = "application-{0}")]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    user: u64,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
