//! Who may speak to what is not Google's API: programs, and pages of the emulator itself.
//!
//! A browser lets any page send requests to this machine. Without CORS it can not read the answers, unless its name is
//! made to point here (DNS rebinding); then the `Host` header still tells the name.

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
    let Some(host) = host(&request) else {
        return refused("the request has no `Host` header".into());
    };
    if !is_local(host.host()) && !app.hosts.iter().any(|name| name.eq_ignore_ascii_case(host.host())) {
        let name = InvalidField::quote(host.host());
        return refused(format!(
            "the request is addressed to {name}; allowed are addresses, `localhost`, and the host names that the \
             emulator was told (`--allow-host`)"
        ));
    }
    let mut response = same_origin(request, next).await;
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Keeps pages of other sites away.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    match (origin(request.headers()), host(&request)) {
        (Origin::None, _) => next.run(request).await,
        (Origin::Of(origin), Some(host)) if origin.as_str().eq_ignore_ascii_case(host.as_str()) => {
            next.run(request).await
        }
        _ => refused("the request comes from a page of another site, by its `Origin` header".into()),
    }
}

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
