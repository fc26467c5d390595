//! Requests of other sites' pages.

use talent_events::JobEventType::View;
use talent_events::wire::event_service_client::EventServiceClient;
use talent_events_emulator::Emulator;
use tonic::transport::Endpoint;

use crate::support::grpc::request;
use crate::support::http::{API, EVENTS, SEARCH, event, get, search, try_send};

/// Another site's page cannot read the responses, but a simple GET without `Origin` causes work.
#[tokio::test]
async fn requests_of_other_sites_pages_are_refused() {
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
        // Links to the console work.
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

/// With a name that points here, this port would be the page's own site. Programs may use any name.
#[tokio::test]
async fn a_page_cannot_reach_googles_api_under_a_foreign_name() {
    let emulator = Emulator::builder().allow_host("emulator.test").start().await.unwrap();
    for (host, origin, status) in [
        ("evil.example", Some("http://evil.example"), 403),
        ("emulator.test", Some("http://emulator.test"), 200),
        ("localhost:7", Some("http://localhost:7"), 200),
        ("evil.example", None, 200),
    ] {
        let mut headers = vec![("host", host)];
        headers.extend(origin.map(|origin| ("origin", origin)));
        for (path, body) in [(EVENTS, event("VIEW", "e", "s")), (SEARCH, search(""))] {
            let answer = try_send(&emulator, "POST", path, &headers, body).await.unwrap();
            assert_eq!(answer.status.as_u16(), status, "{host} {origin:?}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn the_control_api_checks_host_and_origin() {
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

/// Another site's page can send a simple request to this port. A program has no origin.
#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let emulator = Emulator::start().await.unwrap();
    let own = format!("http://{}", emulator.host());
    for (origin, status) in [("https://evil.example", 403), ("null", 403), (own.as_str(), 200)] {
        let headers = [("origin", origin), ("content-type", "text/plain")];
        let answer = try_send(&emulator, "POST", EVENTS, &headers, event("VIEW", "e", "s")).await.unwrap();
        assert_eq!(answer.status, status, "{origin}: {}", answer.text);
        assert!(!answer.text.contains("access-control"));
    }
    // Google's API answers under any name.
    let answer = try_send(&emulator, "POST", EVENTS, &[("host", "emulator:8484")], event("VIEW", "e", "s")).await;
    assert_eq!(answer.unwrap().status, 200);
    assert_eq!(get(&emulator, "/emulator/v1/counts").await.json()["kept"], 2);
}

/// With a name that points here, a page could send gRPC over HTTP/2 too.
#[tokio::test]
async fn grpc_calls_of_other_sites_pages_are_refused() {
    let emulator = Emulator::builder().allow_host("emulator.test").start().await.unwrap();
    let own = emulator.host();
    for (authority, headers, accepted) in [
        ("evil.example", &[("origin", "http://evil.example")][..], false),
        (&*own, &[("origin", "http://evil.example")], false),
        (&*own, &[("origin", "null")], false),
        (&*own, &[("sec-fetch-site", "cross-site")], false),
        ("emulator.test", &[("origin", "http://emulator.test")], true),
        // Programs may use any name.
        ("evil.example", &[], true),
    ] {
        let endpoint = Endpoint::from_shared(format!("http://{own}")).unwrap();
        let endpoint = endpoint.origin(format!("http://{authority}").parse().unwrap());
        let mut call = tonic::Request::new(request(View, "e"));
        for (name, value) in headers {
            call.metadata_mut().insert(*name, value.parse().unwrap());
        }
        let before = emulator.events().len();
        let answer = EventServiceClient::new(endpoint.connect_lazy()).create_client_event(call).await;
        assert_eq!(answer.is_ok(), accepted, "{authority} {headers:?}: {answer:?}");
        assert_eq!(emulator.events().len() - before, usize::from(accepted), "{authority} {headers:?}");
        if let Err(status) = answer {
            assert_eq!(status.code(), tonic::Code::PermissionDenied, "{status:?}");
        }
    }
}

/// A page's `fetch` uses HTTP/1.1 in plaintext, and no gRPC client does.
#[tokio::test]
async fn only_http2_with_the_exact_content_type_is_grpc() {
    let emulator = Emulator::builder().quota("1/h".parse().unwrap()).start().await.unwrap();
    let path = "/google.cloud.talent.v4.EventService/CreateClientEvent";
    for (content_type, status) in [
        ("application/grpc", 505),
        ("application/grpc+proto", 505),
        ("application/grpc-web", 404),
        ("application/grpc;x", 404),
        ("application/grpcx", 404),
        ("text/plain", 404),
    ] {
        let headers = [("content-type", content_type)];
        let answer = try_send(&emulator, "POST", path, &headers, vec![0; 5]).await.unwrap();
        assert_eq!(answer.status.as_u16(), status, "{content_type}: {}", answer.text);
    }
    // None of them has used the quota.
    let answer = try_send(&emulator, "POST", EVENTS, &[], event("VIEW", "e", "s")).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
}
