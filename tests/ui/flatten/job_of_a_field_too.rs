use talent_events::{JobName, RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Posting {
    #[talent(job)]
    id: String,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(job)]
    job: JobName,
    #[talent(flatten)]
    posting: Posting,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
