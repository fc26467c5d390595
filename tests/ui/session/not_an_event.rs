use talent_events::{SearchSession, TalentClient};

struct Opened;

async fn send(session: &SearchSession<TalentClient>) {
    let _ = session.track(&Opened).await;
}

fn main() {}
