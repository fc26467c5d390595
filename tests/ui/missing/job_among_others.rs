use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    job_title: String,
    job_count: u32,
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
