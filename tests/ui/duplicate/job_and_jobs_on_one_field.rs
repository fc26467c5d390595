use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened {
    #[talent(job, jobs)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
