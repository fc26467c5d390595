use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

fn keep<E: Track>(_: E) {}

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

fn check() {
    keep(7_u64);
}

async fn send(event: Opened, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
