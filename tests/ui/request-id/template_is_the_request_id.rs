use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, request_id = "{search}")]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
