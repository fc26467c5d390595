//! Who may speak to what is not Google's API: programs, and pages of the emulator itself.
//!
//! A browser lets any page send requests to this machine. Without CORS it can not read the answers, unless its name is
//! made to point here (DNS rebinding); then the `Host` header still tells the name. What it can do is to make work: so
//! requests are refused of which the browser says, by `Origin` or `Sec-Fetch-Site`, that another site's page sent them.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, ORIGIN, X_CONTENT_TYPE_OPTIONS};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use talent_events::InvalidField;
use tonic::Status;

use crate::app::App;
use crate::rest::Refused;

/// Lets requests through that are addressed to this machine, by its own pages or by no page at all.
pub(crate) async fn local(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let wrong = not_addressed_here(&app, &request).or_else(|| from_elsewhere(&request));
    answer(wrong, request, next).await
}

/// The same for a page to look at: a link of another site may lead there.
pub(crate) async fn page(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let wrong = not_addressed_here(&app, &request);
    let wrong = if follows_a_link(request.headers()) { wrong } else { wrong.or_else(|| from_elsewhere(&request)) };
    answer(wrong, request, next).await
}

fn follows_a_link(headers: &HeaderMap) -> bool {
    let is = |name, value| headers.get(name).is_some_and(|header| header == value);
    !headers.contains_key(ORIGIN) && is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

/// Programs reach Google's API by any name; pages only as they reach all else.
pub(crate) async fn same_origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !headers.contains_key(ORIGIN) && !headers.contains_key(SITE) {
        return next.run(request).await;
    }
    match from_elsewhere(&request).or_else(|| not_addressed_here(&app, &request)) {
        Some(words) => refused(words),
        None => next.run(request).await,
    }
}

async fn answer(wrong: Option<String>, request: Request, next: Next) -> Response {
    let mut response = match wrong {
        Some(words) => refused(words),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

fn not_addressed_here(app: &App, request: &Request) -> Option<String> {
    let Some(host) = host(request) else {
        return Some("the request has no `Host` header".into());
    };
    let known = is_local(host.host()) || app.hosts.iter().any(|name| name.eq_ignore_ascii_case(host.host()));
    (!known).then(|| {
        format!(
            "the request is addressed to {}; allowed are addresses, `localhost`, and the host names that the emulator \
             was told (`--allow-host`)",
            InvalidField::quote(host.host())
        )
    })
}

fn from_elsewhere(request: &Request) -> Option<String> {
    let words = |header| Some(format!("the request comes from a page of another site, by its `{header}` header"));
    match (origin(request.headers()), host(request)) {
        (Origin::None, _) => {}
        (Origin::Of(origin), Some(host)) if origin.as_str().eq_ignore_ascii_case(host.as_str()) => {}
        _ => return words("Origin"),
    }
    // `none` is somebody who wrote the address.
    match request.headers().get(SITE).map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => None,
        _ => words("Sec-Fetch-Site"),
    }
}

/// What a browser says of the page that asks, even where it sends no `Origin`.
const SITE: &str = "sec-fetch-site";

enum Origin {
    /// No browser, or one that asks for its own page.
    None,
    Of(Authority),
    Opaque,
}

fn origin(headers: &HeaderMap) -> Origin {
    let Some(origin) = headers.get(ORIGIN) else { return Origin::None };
    let authority = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()?.into_parts().authority);
    authority.map_or(Origin::Opaque, Origin::Of)
}

fn host(request: &Request) -> Option<Authority> {
    match request.uri().authority() {
        Some(authority) => Some(authority.clone()),
        None => request.headers().get(HOST)?.to_str().ok()?.parse().ok(),
    }
}

/// Addresses can not be rebound, and `localhost` is this machine's alone (RFC 6761).
fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok()
        || bare.eq_ignore_ascii_case("localhost")
        || bare.to_ascii_lowercase().ends_with(".localhost")
}

fn refused(words: String) -> Response {
    Refused(Status::permission_denied(words)).into_response()
}
