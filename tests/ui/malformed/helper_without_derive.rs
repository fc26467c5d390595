use talent_events::{JobName, RequestId};

#[talent(event = View)]
struct Opened {
    job: JobName,
    search: RequestId,
}

fn main() {}
