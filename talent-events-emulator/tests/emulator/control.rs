//! The control API: for programs and for the emulator's own pages, and for nobody else.

use std::io::Write;

use crate::http::{EVENTS, SEARCH, event, get, post, send, try_send};
use serde_json::{Value, json};
use talent_events::{JobEventType, RequestId};
use talent_events_emulator::{Emulator, FileError, News, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const API: &str = "/emulator/v1";

async fn ids(emulator: &Emulator, query: &str) -> (Vec<String>, Value) {
    let answer = get(emulator, &format!("{API}/events?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = answer.json();
    let ids = answer["events"].as_array().unwrap().iter().map(|e| e["event"]["eventId"].as_str().unwrap().to_owned());
    (ids.collect(), answer["next"].clone())
}

#[tokio::test]
async fn events_are_found_by_what_they_are() {
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
        ("typ=", "order, found a parameter that is not known; help: did you mean `type`?"),
        ("colour=blue", "`colour`: expected type, requestId, "),
        ("from=noon", "found \"noon\" ("),
        ("order=random", "`order`: expected oldest or newest, found \"random\""),
        ("after=-1", "`after`: expected a whole number from 0 on, found \"-1\""),
        ("discarded=yes", "`discarded`: expected true or false, found \"yes\""),
        ("job=1&job=2", "`job`: expected each parameter once, found it twice"),
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

/// Each path and method that the list names is there, and no other method is.
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

/// More than is looked through at a time.
#[tokio::test]
async fn pages_hold_together_over_many_events() {
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
        (r#"{"quota": "fast"}"#, "at `quota`: "),
        (r#"{"strickt": true}"#, "unknown field `strickt`"),
        (r#"{"strict": 1}"#, "at `strict`: found the number `1`; allowed: true or false"),
        ("[]", "found an array; allowed: an object"),
        ("{", "found what is not JSON: it ends before the value does, at line 1 column 1"),
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

#[tokio::test]
async fn an_export_restores_what_was() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("events.ndjson");
    let known = RequestId::new("known:/=").unwrap();
    let emulator = Emulator::builder().strict().known_request_id(known).start().await.unwrap();
    for (id, search) in [("e-1", "known:/="), ("e-2", "made-up")] {
        post(&emulator, EVENTS, event("VIEW", id, search)).await;
    }
    let (before, defects) = (emulator.events(), emulator.defects());
    assert_eq!(emulator.shutdown_and_export(&file).await.unwrap(), 2);

    let again = Emulator::builder().strict().start().await.unwrap();
    assert_eq!(again.import(&file).await.unwrap(), 2);
    assert_eq!(again.events(), before, "what was discarded stays so");
    assert_eq!(again.defects(), defects);
    assert_eq!(again.stats().discarded(JobEventType::View), 1);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");

    let other = directory.path().join("nowhere/events.ndjson");
    assert!(matches!(again.export(&other).await, Err(FileError::Io { path, .. }) if path == other));
    // At the end there is no other time.
    let Err(FileError::Elsewhere { path, kept, .. }) = again.shutdown_and_export(&other).await else { panic!() };
    assert_eq!((path, std::fs::read(&kept).unwrap()), (other, std::fs::read(&file).unwrap()));
    std::fs::remove_file(kept).unwrap();
}

#[tokio::test]
async fn what_is_imported_at_the_start_is_there_from_the_start() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{{\"knownRequestId\": \"s\"}}\n{}", event("VIEW", "e-1", "s").replace('\n', " ")).unwrap();
    let emulator = Emulator::builder().strict().import(file.path()).start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "e-2", "s")).await;
    let there: Vec<_> = emulator.events().into_iter().map(|r| (r.event.event_id.to_string(), r.discarded)).collect();
    assert_eq!(there, [("e-1".to_owned(), false), ("e-2".to_owned(), false)]);

    writeln!(file, "[]").unwrap();
    let address = emulator.address();
    emulator.shutdown().await;
    let error = Emulator::builder().address(address).import(file.path()).start().await.unwrap_err();
    assert!(matches!(&error, StartError::Import(FileError::Line { line: 3, .. })), "{error:?}");
    assert!(error.to_string().starts_with("can not import "), "{error}");
}

#[tokio::test]
async fn a_bad_line_imports_nothing_and_says_where() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let good = event("VIEW", "e-1", "s").replace('\n', " ");
    write!(file, "{good}\n\n{}\n", good.replace("VIEW", "CLICK")).unwrap();
    let emulator = Emulator::start().await.unwrap();
    let error = emulator.import(file.path()).await.unwrap_err();
    let FileError::Line { line: 3, column: Some(column), ref words, .. } = error else { panic!("{error:?}") };
    assert!(words.contains("CLICK") && column > 100, "{error}");
    assert_eq!(emulator.events(), []);
    let answer = post(&emulator, &format!("{API}/import"), "{\"knownRequestId\": \"k\"}\n{}").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("line 2"), "{}", answer.text);
    assert_eq!(get(&emulator, &format!("{API}/requestIds")).await.json(), json!({"requestIds": []}));
    for (no_file_of_events, words) in [
        ("# Events\n", "the body, line 1, column 1: found what is not JSON: a value is expected"),
        (
            "{\n  \"eventId\": 1\n}",
            "line 1, column 1: found what is not JSON: it ends before the value does; allowed: one JSON object a line",
        ),
        ("[]", "line 1, column 1: a JSON object is expected, found an array"),
    ] {
        let answer = post(&emulator, &format!("{API}/import"), no_file_of_events).await;
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(answer.status == 400 && message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn an_import_adds_to_what_is_there() {
    let emulator = Emulator::start().await.unwrap();
    for imported in 1..=2 {
        let line = event("VIEW", "e-1", "s").replace('\n', " ");
        assert_eq!(post(&emulator, &format!("{API}/import"), line).await.status, 200);
        assert_eq!(emulator.events().len(), imported);
    }
}

#[tokio::test]
async fn an_idempotent_emulator_imports_no_event_again() {
    let emulator = Emulator::builder().idempotent().start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "e-1", "s")).await;
    let lines: Vec<_> = ["e-1", "e-2", "e-2"].map(|id| event("VIEW", id, "s").replace('\n', " ")).into();
    for imported in [1, 0] {
        let answer = post(&emulator, &format!("{API}/import"), lines.join("\n")).await;
        assert_eq!(answer.json(), json!({"imported": imported}), "{}", answer.text);
        assert_eq!(emulator.stats().total_kept(), 2);
    }
}

/// Or one search would decide about the defects of every later test.
#[tokio::test]
async fn request_ids_can_be_forgotten() {
    let emulator = Emulator::start().await.unwrap();
    let defects = async || get(&emulator, &format!("{API}/defects")).await.json()["defects"].as_array().unwrap().len();
    post(&emulator, EVENTS, event("IMPRESSION", "e-1", "s")).await;
    assert_eq!(defects().await, 0);
    post(&emulator, &format!("{API}/requestIds"), r#"["other"]"#).await;
    assert_eq!(defects().await, 1, "it is made up");
    assert_eq!(send(&emulator, "DELETE", &format!("{API}/requestIds"), "").await.status, 204);
    assert_eq!(get(&emulator, &format!("{API}/requestIds")).await.json(), json!({"requestIds": []}));
    assert_eq!((defects().await, emulator.events().len()), (0, 1));
    emulator.know_request_id("other".parse().unwrap());
    emulator.forget_request_ids();
    assert_eq!(defects().await, 0);
}

/// A page of another site can not read the answers, but it can make work by asking: a simple GET has no `Origin`.
#[tokio::test]
async fn what_another_site_s_page_asks_for_is_refused() {
    let emulator = Emulator::start().await.unwrap();
    let page = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let image = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
    let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
    for (path, site, what, status) in [
        ("/emulator/v1/defects", "cross-site", image, 403),
        ("/emulator/v1/defects", "same-site", image, 403),
        ("/emulator/v1/defects", "cross-site", page, 403),
        ("/emulator/v1/defects", "same-origin", image, 200),
        ("/emulator/v1/defects", "none", page, 200),
        ("/console/v1/dashboard", "cross-site", image, 403),
        ("/console/v1/dashboard", "cross-site", page, 403),
        ("/console/style.css", "cross-site", image, 403),
        // A link to the console works.
        ("/dashboard", "cross-site", page, 200),
        ("/dashboard", "cross-site", frame, 403),
        ("/dashboard", "cross-site", image, 403),
    ] {
        let headers: Vec<_> = [("sec-fetch-site", site)].into_iter().chain(what).collect();
        let answer = try_send(&emulator, "GET", path, &headers, "").await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{path} {headers:?}: {}", answer.text);
    }
    let headers = [("sec-fetch-site", "cross-site")];
    let answer = try_send(&emulator, "POST", EVENTS, &headers, event("VIEW", "e", "s")).await.unwrap();
    assert_eq!((answer.status.as_u16(), emulator.events()), (403, vec![]));
}

/// A name that is made to point here makes a page's own site of this port. A program may have any name for it.
#[tokio::test]
async fn a_page_reaches_google_s_api_by_no_foreign_name() {
    let emulator = Emulator::builder().allow_host("emulator.test").start().await.unwrap();
    for (host, origin, status) in [
        ("evil.example", Some("http://evil.example"), 403),
        ("emulator.test", Some("http://emulator.test"), 200),
        ("localhost:7", Some("http://localhost:7"), 200),
        ("evil.example", None, 200),
    ] {
        let mut headers = vec![("host", host)];
        headers.extend(origin.map(|origin| ("origin", origin)));
        for (path, body) in [(EVENTS, event("VIEW", "e", "s")), (SEARCH, "{}".into())] {
            let answer = try_send(&emulator, "POST", path, &headers, body).await.unwrap();
            assert_eq!(answer.status.as_u16(), status, "{host} {origin:?}: {}", answer.text);
        }
    }
}

/// A slow reader of an export that somebody clears meanwhile does not take what it got for the whole.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_cut_off_does_not_end_well() {
    let emulator = Emulator::start().await.unwrap();
    // More than what lies on the way between the two ends.
    let line = event("VIEW", "e", "s").replace('\n', " ").replace("größer", &"n".repeat(900));
    let events = 16_000;
    let imported = post(&emulator, &format!("{API}/import"), format!("{line}\n").repeat(events)).await;
    assert_eq!(imported.json()["imported"], events);

    let mut export = Vec::new();
    let mut stream = tokio::net::TcpStream::connect(emulator.address()).await.unwrap();
    let request = format!("GET {API}/export HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", emulator.host());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.read_buf(&mut export).await.unwrap();
    emulator.clear();
    // However the system tells that the connection was cut.
    let _ = stream.read_to_end(&mut export).await;
    assert!(export.starts_with(b"HTTP/1.1 200"));
    let lines = export.split(|c| *c == b'\n').filter(|line| line.starts_with(b"{")).count();
    assert!(lines < events, "there was something to cut: {lines}");
    assert!(!export.ends_with(b"\r\n0\r\n\r\n"), "the last chunk says that all is there");
}

#[tokio::test]
async fn browsers_of_other_sites_are_kept_away() {
    let emulator = Emulator::builder().allow_host("emulator.test").start().await.unwrap();
    let port = emulator.address().port();
    let (evil, own) = (format!("evil.example:{port}"), format!("localhost:{port}"));
    let named = format!("Emulator.test:{port}");
    let origin = |host: &str| format!("http://{host}");
    for (host, from, status) in [
        (evil.as_str(), None, 403),
        ("localhost.evil.example", None, 403),
        ("127.0.0.1.evil.example", None, 403),
        (evil.as_str(), Some(origin(&evil)), 403),
        (own.as_str(), Some(origin(&evil)), 403),
        (own.as_str(), Some(origin("localhost:1")), 403),
        (own.as_str(), Some("null".to_owned()), 403),
        (own.as_str(), Some(origin(&own)), 204),
        (own.as_str(), None, 204),
        (named.as_str(), None, 204),
        ("[::1]:80", None, 204),
    ] {
        let mut headers = vec![("host", host)];
        headers.extend(from.as_deref().map(|from| ("origin", from)));
        let answer = try_send(&emulator, "DELETE", &format!("{API}/events"), &headers, "").await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{host} {from:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_feed_tells_all_and_of_the_end_of_all() {
    let emulator = Emulator::start().await.unwrap();
    post(&emulator, EVENTS, event("VIEW", "before", "s")).await;
    let mut feed = emulator.feed();
    for id in ["e-1", "e-2", "e-3"] {
        post(&emulator, EVENTS, event("VIEW", id, "s")).await;
    }
    let mut told = async |max| match feed.next(max).await {
        News::Recorded(events) => events.iter().map(|e| e.event.event_id.to_string()).collect::<Vec<_>>().join(" "),
        News::Cleared => "cleared".into(),
    };
    assert_eq!((told(2).await, told(2).await), ("e-1 e-2".into(), "e-3".into()));
    emulator.clear();
    for id in ["a", "b", "c", "d", "e"] {
        post(&emulator, EVENTS, event("VIEW", id, "s")).await;
    }
    assert_eq!(
        (told(9).await, told(9).await),
        ("cleared".to_owned(), "a b c d e".into()),
        "more than there were before"
    );
    let (news, _) = tokio::join!(told(9), post(&emulator, EVENTS, event("VIEW", "live", "s")));
    assert_eq!(news, "live");
}
