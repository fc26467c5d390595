use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, boud(T: Clone))]
struct Opened<T> {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    more: T,
}

async fn send(event: Opened<u8>, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
