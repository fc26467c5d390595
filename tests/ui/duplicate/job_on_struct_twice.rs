use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = ApplicationFinish, job = self.a.clone(), job = self.b.clone())]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    a: JobName,
    b: JobName,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
