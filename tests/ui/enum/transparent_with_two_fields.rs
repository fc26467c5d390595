use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View)]
struct Opened {
    #[talent(job)]
    job: JobName,
    #[talent(request_id)]
    search: RequestId,
}

#[derive(TalentEvent)]
enum BoardEvent {
    #[talent(event = Bookmark)]
    Saved {
        #[talent(job)]
        job: JobName,
        #[talent(request_id)]
        search: RequestId,
    },
    #[talent(transparent)]
    Both(Opened, Opened),
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
