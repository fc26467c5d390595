use talent_events::{RequestId, TalentClient, TalentEvent, Track};

struct Posting {
    id: u64,
}

#[derive(TalentEvent)]
#[talent(event = View, job = self.posting.id)]
struct ApplicationSubmitted {
    posting: Posting,
    #[talent(request_id)]
    search: RequestId,
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
