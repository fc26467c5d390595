use talent_events::{RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Posting {
    #[talent(job)]
    id: String,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, many_jobs)]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    #[talent(flatten)]
    posting: Posting,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
