use talent_events::{SearchSession, TalentClient};

fn begin(client: &TalentClient) {
    let _ = SearchSession::begin(client, 7);
}

fn main() {}
