//! Tokens that are replaced while calls are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use axum::extract::State;
use http::Uri;
use serde_json::json;
use talent_events::{TalentClient, Tracker};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::support::{Result, Service, TENANT, Then, Viewed, child};

/// Google's library asks for the next token when the present one has less than four minutes left.
const EXPIRES_IN: u64 = 4 * 60 + 1;

/// As the metadata server does: another token for each who asks.
async fn token(State(given): State<Arc<AtomicU64>>, uri: Uri) -> axum::Json<serde_json::Value> {
    if !uri.path().ends_with("/token") {
        return axum::Json(json!({}));
    }
    let number = given.fetch_add(1, Relaxed);
    let token = format!("ya29.s3cret-{number}");
    axum::Json(json!({"access_token": token, "expires_in": EXPIRES_IN, "token_type": "Bearer"}))
}

#[tokio::test]
async fn tokens_are_replaced_under_load() -> Result {
    if let Some(endpoint) = child::argument() {
        return load(endpoint).await;
    }
    let given = Arc::new(AtomicU64::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let host = listener.local_addr()?.to_string();
    let metadata = axum::Router::new().fallback(token).with_state(Arc::clone(&given));
    let served = tokio::spawn(async move { axum::serve(listener, metadata).await });
    let service = Service::start(Then::Echo).await?;
    let home = TempDir::new()?;
    const TEST: &str = "tokens_are_replaced_under_load";
    let environment = [("GCE_METADATA_HOST", &*host)];
    let said = child::run(module_path!(), TEST, &service.endpoint(), home.path(), &environment).await?;
    served.abort();
    assert!(!said.contains("s3cret"), "{said}");

    let number = |seen: &crate::support::Seen| -> Result<u64> {
        let token = seen.headers.get("authorization").ok_or("a call without a token")?.to_str()?;
        Ok(token.strip_prefix("Bearer ya29.s3cret-").ok_or("another token")?.parse()?)
    };
    let numbers = service.seen().iter().map(number).collect::<Result<Vec<_>>>()?;
    assert!(said.contains(&format!("delivered {} of {}", numbers.len(), numbers.len())), "{said}");
    // Many calls by each, and each once: no call asks for a token of its own, and none waits for one.
    let mut distinct = numbers.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert!(distinct.len() >= 3, "{distinct:?}");
    assert!(numbers.len() > 100 && given.load(Relaxed) <= distinct.len() as u64 + 1, "{given:?} for {distinct:?}");
    Ok(())
}

/// In the child: events for as long as it takes to see several tokens.
async fn load(endpoint: String) -> Result {
    let client = TalentClient::builder(TENANT).endpoint(endpoint).connections(2).connect().await?;
    let tracker = Tracker::spawn(client)?;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(3_500) {
        for _ in 0..5 {
            tracker.enqueue(&Viewed)?;
        }
        sleep(Duration::from_millis(5)).await;
    }
    let stats = timeout(Duration::from_secs(60), tracker.flush()).await?;
    println!("delivered {} of {}", stats.delivered, stats.accepted);
    println!("{tracker:?}");
    Ok(())
}
