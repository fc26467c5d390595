use talent_events::{RequestId, TalentClient, TalentEvent, Track};

const PAGE_SIZE: usize = 50;

#[derive(TalentEvent)]
#[talent(event = Impression)]
struct ApplicationSubmitted {
    #[talent(request_id)]
    search: RequestId,
    #[talent(jobs)]
    shown: &'static [&'static str; PAGE_SIZE * 20],
}

async fn send(event: ApplicationSubmitted, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
