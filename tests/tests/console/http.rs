//! What the console answers, without a browser.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use talent_events::JobEventType::{Bookmark, Impression, View};
use talent_events_emulator::Emulator;
use tokio::time::timeout;

use crate::Result;
use crate::data::{client, event};

const PATIENCE: Duration = Duration::from_secs(60);

async fn get(emulator: &Emulator, path: &str, headers: &[(&str, &str)]) -> Result<Response<Body>> {
    let mut request = Request::get(format!("http://{}{path}", emulator.host()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    Ok(timeout(PATIENCE, client.request(request.body(Empty::new())?)).await??.map(Body::new))
}

async fn ask(emulator: &Emulator, path: &str) -> Result<Value> {
    let body = get(emulator, path, &[]).await?.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice(&body)?)
}

/// The stream of a page.
struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(emulator: &Emulator, query: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let response = get(emulator, &format!("/console/v1/stream?{query}"), headers).await?;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Ok(Self { body: response.into_body(), text: String::new() })
    }

    /// The id and the data of the next message; `None` at the end.
    async fn next(&mut self) -> Result<Option<(String, Value)>> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let found = field("id: ").zip(field("data: "));
                self.text = rest.to_owned();
                if let Some((id, data)) = found {
                    return Ok(Some((id, serde_json::from_str(&data)?)));
                }
                continue;
            }
            match timeout(PATIENCE, self.body.frame()).await? {
                None => return Ok(None),
                Some(frame) => self.text += std::str::from_utf8(&frame?.into_data().unwrap_or_default())?,
            }
        }
    }

    async fn message(&mut self) -> Result<(String, Value)> {
        self.next().await?.ok_or_else(|| "the stream ended".into())
    }
}

fn jobs(message: &Value) -> Vec<&str> {
    message["rows"].as_array().into_iter().flatten().filter_map(|row| row["job"].as_str()).collect()
}

#[tokio::test]
async fn each_page_is_confined_and_for_this_machine_only() -> Result {
    let emulator = Emulator::start().await?;
    for path in ["/", "/dashboard", "/timeline", "/console/style.css", "/console/live.js", "/console/v1/dashboard"] {
        let answer = get(&emulator, path, &[]).await?;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str()?;
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("require-trusted-types-for 'script'"));
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        // A name that another site lets point here.
        assert_eq!(get(&emulator, path, &[("host", "evil.example")]).await?.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(get(&emulator, "/console/v1/dashboard", &[("origin", "https://evil.example")]).await?.status(), 403);
    assert_eq!(get(&emulator, "/console/nothing.js", &[]).await?.status(), StatusCode::NOT_FOUND);
    assert_eq!(get(&emulator, "/console/v1/events/7", &[]).await?.status(), StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn a_stream_goes_on_where_it_was_cut_off() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    sender.create_client_event(&event(View, "a", "1")?).await?;
    let mut stream = Stream::open(&emulator, "type=VIEW", &[]).await?;
    let (first, message) = stream.message().await?;
    assert_eq!((jobs(&message), &message["replace"], &message["count"]), (vec!["1"], &json!(true), &json!(1)));
    // What does not match is news of the events beside it, and not shown.
    sender.create_client_event(&event(Bookmark, "b", "2")?).await?;
    let (_, message) = stream.message().await?;
    assert_eq!((jobs(&message), &message["replace"], &message["count"]), (vec![], &json!(false), &json!(2)));
    assert_eq!(message["touched"], json!(["b"]));
    sender.create_client_event(&event(View, "a", "3")?).await?;
    let (_, message) = stream.message().await?;
    assert_eq!((jobs(&message), &message["replace"], &message["count"]), (vec!["3"], &json!(false), &json!(3)));
    assert_eq!(message["touched"], json!(["a"]));
    drop(stream);

    sender.create_client_event(&event(View, "a", "4")?).await?;
    let (_, message) = Stream::open(&emulator, "type=VIEW", &[("last-event-id", &first)]).await?.message().await?;
    assert_eq!((jobs(&message), &message["replace"]), (vec!["4", "3"], &json!(false)));
    // By the address as well, but the browser's own word is newer.
    let (_, message) = Stream::open(&emulator, &format!("type=VIEW&after={first}"), &[]).await?.message().await?;
    assert_eq!(jobs(&message), ["4", "3"]);

    // What is gone, or another emulator's, begins anew.
    for id in ["elsewhere/0/3", "", "0", first.trim_end_matches('1')] {
        let (_, message) = Stream::open(&emulator, "", &[("last-event-id", id)]).await?.message().await?;
        assert_eq!((jobs(&message), &message["replace"]), (vec!["4", "3", "2", "1"], &json!(true)), "{id}");
    }
    let mut stream = Stream::open(&emulator, "", &[]).await?;
    stream.message().await?;
    emulator.clear();
    let (_, message) = stream.message().await?;
    assert_eq!((jobs(&message), &message["replace"], &message["count"]), (vec![], &json!(true), &json!(0)));

    // An open page does not hold up the end.
    timeout(Duration::from_secs(4), emulator.shutdown()).await?;
    assert_eq!(stream.next().await?, None);
    Ok(())
}

/// Who only looks at the page would else never hear of it.
#[tokio::test]
async fn what_records_nothing_is_news_too() -> Result {
    let emulator = Emulator::start().await?;
    client(&emulator).await?.create_client_event(&event(View, "a", "1")?).await?;
    for query in ["", "type=HIRED", "quiet=true"] {
        emulator.set_settings(Default::default());
        let mut stream = Stream::open(&emulator, query, &[]).await?;
        let before = stream.message().await?.1["refused"].as_u64().ok_or("a count")?;

        let mut broken = event(View, "a", "1")?;
        broken.event_notes = "n".repeat(2_000);
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let uri = format!("http://{}/v4/{}/clientEvents", emulator.host(), crate::data::TENANT);
        let body = Full::new(Bytes::from(serde_json::to_vec(&broken)?));
        assert_eq!(client.request(Request::post(uri).body(body)?).await?.status(), StatusCode::BAD_REQUEST);
        let (_, message) = stream.message().await?;
        assert_eq!(
            (&message["refused"], &message["rows"], &message["replace"]),
            (&json!(before + 1), &json!([]), &json!(false))
        );

        // All that is shown has to be asked about again, as it may be made up now, or no longer.
        emulator.know_request_id(query.parse().or_else(|_| "empty".parse())?);
        let (_, message) = stream.message().await?;
        assert_eq!((&message["touched"], &message["count"]), (&Value::Null, &json!(1)));
        emulator.forget_request_ids();
        stream.message().await?;
        let mut strict = emulator.settings();
        strict.strict = true;
        emulator.set_settings(strict);
        stream.message().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_browser_gets_the_newest_and_no_backlog() -> Result {
    let emulator = Emulator::start().await?;
    let sender = client(&emulator).await?;
    let mut stream = Stream::open(&emulator, "", &[]).await?;
    stream.message().await?;
    for n in 0..1_000 {
        sender.create_client_event(&event(View, "flood", &n.to_string())?).await?;
    }
    // Nothing was read meanwhile. Were each event a message, there would be a thousand.
    let (mut messages, mut last) = (0, Value::Null);
    while last["count"] != 1_000 {
        last = stream.message().await?.1;
        messages += 1;
        assert!(jobs(&last).len() <= 100);
    }
    assert_eq!(jobs(&last)[0], "999");
    assert!(messages < 500, "{messages}");
    let next = last["next"].as_u64().unwrap_or(901);
    let older = ask(&emulator, &format!("/console/v1/events?before={next}")).await?;
    assert_eq!(older["rows"][0]["number"], next - 1);
    Ok(())
}

#[tokio::test]
async fn the_dashboard_agrees_with_the_control_api() -> Result {
    let emulator = crate::data::emulator(2_000).await?;
    let check = async || -> Result {
        let defects = emulator.defects();
        let found = ask(&emulator, "/console/v1/dashboard").await?;
        assert_eq!(found["kept"], emulator.stats().total_kept());
        for rule in found["rules"].as_array().ok_or("rules")? {
            let expected = defects.iter().filter(|defect| defect.rule.id() == rule["id"]).count();
            assert_eq!(rule["defects"], expected, "{}", rule["id"]);
            let (mut listed, mut from) = (0, json!(0));
            while !from.is_null() {
                let id = rule["id"].as_str().ok_or("an id")?;
                let page = ask(&emulator, &format!("/console/v1/defects?rule={id}&from={from}")).await?;
                listed += page["defects"].as_array().ok_or("defects")?.len();
                from = page["next"].clone();
            }
            // None of the searches has more than the 20 that are listed of one.
            assert_eq!(listed, expected, "{}", rule["id"]);
        }
        assert!(defects.len() > 20, "there is something to compare");
        Ok(())
    };
    check().await?;
    // What comes later settles defects and makes some, and a repetition is the same event.
    let sender = client(&emulator).await?;
    let again =
        emulator.events().into_iter().find(|recorded| recorded.event.request_id.is_none()).ok_or("one without")?;
    sender.create_client_event(&again.event).await?;
    sender.create_client_event(&event(View, "none", "42")?).await?;
    check().await?;
    sender.create_client_event(&event(Impression, "none", "42")?).await?;
    check().await?;
    // All others are made up now, and then one less.
    emulator.know_request_id("none".parse()?);
    check().await?;
    let id = emulator.events().into_iter().find_map(|recorded| recorded.event.request_id).ok_or("one with")?;
    emulator.know_request_id(id);
    check().await?;
    emulator.forget_request_ids();
    check().await?;
    Ok(())
}
