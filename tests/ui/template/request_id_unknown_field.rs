use talent_events::{JobName, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = "application-{usr}")]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    user: String,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
