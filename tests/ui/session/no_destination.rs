use talent_events::SearchSession;

fn begin(url: String) {
    let _ = SearchSession::begin(&url, "search-7f");
}

fn main() {}
