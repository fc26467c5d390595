//! The control API: events, counts, defects and settings.

use serde_json::{Value, json};
use talent_events_emulator::{Change, Emulator};

use crate::support::http::{API, EVENTS, event, get, post, send};

async fn ids(emulator: &Emulator, query: &str) -> (Vec<String>, Value) {
    let answer = get(emulator, &format!("{API}/events?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let ids = answer["events"].as_array().unwrap().iter().map(|e| e["event"]["eventId"].as_str().unwrap().to_owned());
    (ids.collect(), answer["next"].clone())
}

#[tokio::test]
async fn events_are_found_by_their_fields() {
    let emulator = Emulator::start().await.unwrap();
    for (n, (event_type, search)) in
        [("IMPRESSION", "s:1/="), ("VIEW", "s:1/="), ("VIEW", "s-2"), ("HIRED", "s-2")].into_iter().enumerate()
    {
        let mut event: Value = serde_json::from_str(&event(event_type, &format!("e-{}", n + 1), search)).unwrap();
        event["createTime"] = format!("2026-02-0{}T00:00:00Z", n + 1).into();
        event["jobEvent"]["jobs"] = json!([format!("projects/acme/tenants/board/jobs/{n}")]);
        assert_eq!(post(&emulator, EVENTS, event.to_string()).await.status, 200);
    }
    for (query, found, next) in [
        ("", &["e-1", "e-2", "e-3", "e-4"][..], Value::Null),
        ("type=VIEW", &["e-2", "e-3"], Value::Null),
        ("type=2", &["e-2", "e-3"], Value::Null),
        ("type=VIEW&requestId=s%3A1%2F%3D", &["e-2"], Value::Null),
        ("requestId=s-2", &["e-3", "e-4"], Value::Null),
        ("from=2026-02-02T00:00:00Z&until=2026-02-04T00:00:00Z", &["e-2", "e-3"], Value::Null),
        ("job=3", &["e-4"], Value::Null),
        ("job=projects/acme/tenants/board/jobs/0", &["e-1"], Value::Null),
        ("eventId=e-3", &["e-3"], Value::Null),
        ("discarded=true", &[], Value::Null),
        ("limit=3", &["e-1", "e-2", "e-3"], json!(3)),
        ("limit=3&after=3", &["e-4"], Value::Null),
        ("order=newest&limit=3", &["e-4", "e-3", "e-2"], json!(2)),
        ("order=newest&limit=3&before=2", &["e-1"], Value::Null),
        ("limit=4", &["e-1", "e-2", "e-3", "e-4"], Value::Null),
        ("after=99", &[], Value::Null),
    ] {
        assert_eq!(ids(&emulator, query).await, (found.iter().map(|id| id.to_string()).collect(), next), "{query}");
    }
    for (query, words) in [
        ("limit=0", "`limit`: expected 1 to 1000, found \"0\""),
        ("limit=1001", "`limit`: expected 1 to 1000, found \"1001\""),
        ("type=CLICK", "`type`: expected the name or the number of one of the 15 types, e.g. VIEW, found \"CLICK\""),
        ("type=VEW", "types, e.g. VIEW, found \"VEW\"; help: did you mean `VIEW`?"),
        ("typ=", "`typ`: expected type, requestId, "),
        ("typ=", "order, found an unknown parameter; help: did you mean `type`?"),
        ("colour=blue", "order, found an unknown parameter"),
        ("from=noon", "`from`: expected "),
        ("order=random", "`order`: expected oldest or newest, found \"random\""),
        ("after=-1", "`after`: expected a whole number from 0, found \"-1\""),
        ("discarded=yes", "`discarded`: expected true or false, found \"yes\""),
        ("job=1&job=2", "`job`: expected each parameter once, found a duplicate"),
        (
            "limit=0&order=random",
            "`limit`: expected 1 to 1000, found \"0\"; and `order`: expected oldest or newest, found \"random\"",
        ),
    ] {
        let answer = get(&emulator, &format!("{API}/events?{query}")).await;
        let error = &answer.json()["error"];
        assert_eq!((answer.status.as_u16(), &error["status"]), (400, &json!("INVALID_ARGUMENT")), "{query}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("not a valid request: `") && message.contains(words), "{query}: {message}");
    }
    let one = get(&emulator, &format!("{API}/events?eventId=e-1")).await.json()["events"][0].clone();
    assert_eq!(
        (&one["number"], &one["tenant"], &one["discarded"]),
        (&json!(1), &json!("projects/acme/tenants/board"), &json!(false))
    );
}

/// The list has all methods of each path.
#[tokio::test]
async fn the_endpoints_are_listed() {
    let emulator = Emulator::start().await.unwrap();
    let list = get(&emulator, API).await.json();
    assert_eq!(get(&emulator, "/emulator/v1/").await.json(), list);
    let endpoints = list["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 8);
    for endpoint in endpoints {
        let path = endpoint["path"].as_str().unwrap();
        let answer = send(&emulator, "OPTIONS", path, "").await;
        assert_eq!(answer.status, 405, "{path}");
        let allowed: Vec<_> = answer.allow.split(',').filter(|method| *method != "HEAD").collect();
        assert_eq!(json!(allowed), endpoint["methods"], "{path}");
    }
}

/// There are more events than are read at a time.
#[tokio::test]
async fn pages_cover_many_events() {
    let emulator = Emulator::start().await.unwrap();
    let lines: String = (1..=2_500)
        .map(|n| event(if n % 500 == 0 { "HIRED" } else { "VIEW" }, &n.to_string(), "s").replace('\n', " ") + "\n")
        .collect();
    let imported = post(&emulator, &format!("{API}/import"), lines).await;
    assert_eq!(imported.json()["imported"], 2_500);
    assert_eq!(ids(&emulator, "type=HIRED").await.0, ["500", "1000", "1500", "2000", "2500"]);
    assert_eq!(
        ids(&emulator, "type=HIRED&order=newest&limit=2").await,
        (vec!["2500".into(), "2000".into()], json!(2000))
    );
    assert_eq!(ids(&emulator, "type=HIRED&order=newest&before=2000&limit=9").await.0, ["1500", "1000", "500"]);
    let exported = get(&emulator, &format!("{API}/export")).await.text;
    assert_eq!(exported.lines().count(), 2_500);
}

#[tokio::test]
async fn counts_and_defects() {
    let emulator = Emulator::start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "e-1", "s")).await;
    post(&emulator, EVENTS, "{}").await;
    let counts = get(&emulator, &format!("{API}/counts")).await.json();
    assert_eq!(
        (&counts["kept"], &counts["refused"], &counts["types"]["VIEW"]["kept"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(counts["refusals"], json!({"INVALID_ARGUMENT": 1}));
    assert_eq!(counts["types"].as_object().unwrap().len(), 15);
    let defects = get(&emulator, &format!("{API}/defects")).await.json();
    let defect = &defects["defects"][0];
    assert_eq!((&defect["rule"], &defect["source"]), (&json!("impressions-none"), &json!("Google")));
    assert_eq!(defect["events"], json!([{"type": "VIEW", "eventId": "e-1"}]));

    assert_eq!(send(&emulator, "DELETE", &format!("{API}/events"), "").await.status, 204);
    assert_eq!(get(&emulator, &format!("{API}/defects")).await.json(), json!({"defects": []}));
    assert_eq!(get(&emulator, &format!("{API}/counts")).await.json()["refused"], 0);
}

#[tokio::test]
async fn settings_change_one_by_one() {
    let emulator = Emulator::start().await.unwrap();
    let path = format!("{API}/settings");
    let default = json!({"strict": false, "quota": null, "requireToken": false, "idempotent": false});
    assert_eq!(get(&emulator, &path).await.json(), default);
    send(&emulator, "PATCH", &path, r#"{"strict": true}"#).await;
    let answer = send(&emulator, "PATCH", &path, r#"{"quota": "300/min"}"#).await.json();
    assert_eq!((&answer["strict"], &answer["quota"]), (&json!(true), &json!("300/min")));
    assert!(emulator.settings().strict);
    for (wrong, words) in [
        (r#"{"quota": "fast"}"#, "invalid settings: `quota`: "),
        (r#"{"strickt": true}"#, "unknown field `strickt`"),
        (r#"{"strict": 1}"#, "`strict`: expected true or false, found the number `1`"),
        ("[]", "expected an object, found an array"),
        ("{", "invalid JSON: expected more, found the end of the text, at line 1 column 1"),
    ] {
        let answer = send(&emulator, "PATCH", &path, wrong).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && message.contains(words), "{wrong}: {message}");
    }
    assert_eq!(get(&emulator, &path).await.json(), answer, "an error changes nothing");

    let ids = post(&emulator, &format!("{API}/requestIds"), r#"["b", "a"]"#).await.json();
    assert_eq!(ids, json!({"requestIds": ["a", "b"]}));
    assert_eq!(post(&emulator, &format!("{API}/requestIds"), r#"["", "c"]"#).await.status, 400);
    assert_eq!(get(&emulator, &format!("{API}/requestIds")).await.json(), ids);
}

/// Otherwise one search would change the defects of every later test.
#[tokio::test]
async fn request_ids_can_be_forgotten() {
    let emulator = Emulator::start().await.unwrap();
    let defects = async || get(&emulator, &format!("{API}/defects")).await.json()["defects"].as_array().unwrap().len();
    post(&emulator, EVENTS, event("IMPRESSION", "e-1", "s")).await;
    assert_eq!(defects().await, 0);
    post(&emulator, &format!("{API}/requestIds"), r#"["other"]"#).await;
    assert_eq!(defects().await, 1, "its id is synthetic");
    assert_eq!(send(&emulator, "DELETE", &format!("{API}/requestIds"), "").await.status, 204);
    assert_eq!(get(&emulator, &format!("{API}/requestIds")).await.json(), json!({"requestIds": []}));
    assert_eq!((defects().await, emulator.events().len()), (0, 1));
    emulator.know_request_id("other".parse().unwrap());
    emulator.forget_request_ids();
    assert_eq!(defects().await, 0);
}

#[tokio::test]
async fn a_feed_has_all_events_and_the_clear() {
    let emulator = Emulator::start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "before", "s")).await;
    let mut feed = emulator.feed();
    for id in ["e-1", "e-2", "e-3"] {
        post(&emulator, EVENTS, event("VIEW", id, "s")).await;
    }
    let mut next = async |max| match feed.next(max).await {
        Change::Recorded(events) => events.iter().map(|e| e.event.event_id.to_string()).collect::<Vec<_>>().join(" "),
        Change::Cleared => "cleared".into(),
    };
    assert_eq!((next(2).await, next(2).await), ("e-1 e-2".into(), "e-3".into()));
    emulator.clear();
    for id in ["a", "b", "c", "d", "e"] {
        post(&emulator, EVENTS, event("VIEW", id, "s")).await;
    }
    assert_eq!(
        (next(9).await, next(9).await),
        ("cleared".to_owned(), "a b c d e".into()),
        "more than before the clear"
    );
    let (change, _) = tokio::join!(next(9), post(&emulator, EVENTS, event("VIEW", "live", "s")));
    assert_eq!(change, "live");
}
