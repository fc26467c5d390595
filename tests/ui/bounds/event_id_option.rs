use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    #[talent(event_id)]
    id: Option<String>,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
