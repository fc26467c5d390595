use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

struct Channel;

#[derive(TalentEvent)]
#[talent(event = View, notes = "via {channel}")]
struct Opened<C> {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
    channel: C,
}

async fn send(event: Opened<Channel>, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
