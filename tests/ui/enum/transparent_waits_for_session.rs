use talent_events::{JobName, RequestId, TalentClient, TalentEvent, Track};

#[derive(TalentEvent)]
#[talent(event = View, request_id = from_session)]
struct Opened(#[talent(job)] JobName);

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
    Opened(Opened),
}

async fn send(event: BoardEvent, client: &TalentClient) {
    let _ = event.track(client).await;
}

fn main() {}
