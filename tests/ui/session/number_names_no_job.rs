use talent_events::{SearchSession, TalentClient};

async fn send(session: &SearchSession<TalentClient>) {
    let _ = session.view(42).notes("position 2").await;
}

fn main() {}
