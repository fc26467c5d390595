use talent_events::{JobName, RequestId, TalentClient, TalentContext, TalentEvent, Track};

#[derive(TalentContext)]
struct Page {
    #[talent(jobs)]
    shown: Vec<JobName>,
}

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish)]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    #[talent(flatten)]
    page: Page,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
