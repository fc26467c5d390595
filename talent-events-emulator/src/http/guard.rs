//! Refuses requests of other sites' pages.
//!
//! A browser lets any page send requests to this machine.
//!
//! - Without CORS the page cannot read the responses, unless its own name points to this machine (DNS rebinding). The
//!   `Host` header still holds that name, so requests to unknown names are refused.
//! - The page can still cause work and write events. So requests are refused if `Origin` or `Sec-Fetch-Site` says that
//!   another site's page sent them.

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

use super::error::Refused;

/// A browser sets this header even if it sends no `Origin`.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// The host names that the control API and the console answer to, besides `localhost` and addresses.
#[derive(Clone, Debug)]
pub(crate) struct AllowedHosts(Arc<[String]>);

impl AllowedHosts {
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self(names.into())
    }

    /// Addresses cannot be rebound, and `localhost` is always this machine (RFC 6761).
    fn contains(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok()
            || bare.eq_ignore_ascii_case("localhost")
            || bare.to_ascii_lowercase().ends_with(".localhost")
            || self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// For the control API: accepts programs and the emulator's own pages, under an allowed host name.
pub(crate) async fn local_only(State(hosts): State<AllowedHosts>, request: Request, next: Next) -> Response {
    let check = check_host(&hosts, &request).and_then(|()| check_origin(&request));
    confined(check, request, next).await
}

/// For the console's pages: the same, and links of other sites.
pub(crate) async fn pages_too(State(hosts): State<AllowedHosts>, request: Request, next: Next) -> Response {
    let check = check_host(&hosts, &request);
    let check = if follows_link(request.headers()) { check } else { check.and_then(|()| check_origin(&request)) };
    confined(check, request, next).await
}

/// For Google's API: accepts programs under any host name, and pages only as the control API does.
pub(crate) async fn api_only(State(hosts): State<AllowedHosts>, request: Request, next: Next) -> Response {
    match check_api(&hosts, &request) {
        Ok(()) => next.run(request).await,
        Err(status) => Refused(status).into_response(),
    }
}

/// See [`api_only`].
pub(crate) fn check_api<B>(hosts: &AllowedHosts, request: &axum::http::Request<B>) -> Result<(), Status> {
    let headers = request.headers();
    if !headers.contains_key(ORIGIN) && !headers.contains_key(SEC_FETCH_SITE) {
        return Ok(());
    }
    check_origin(request).and_then(|()| check_host(hosts, request))
}

async fn confined(check: Result<(), Status>, request: Request, next: Next) -> Response {
    let mut response = match check {
        Ok(()) => next.run(request).await,
        Err(status) => Refused(status).into_response(),
    };
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

fn follows_link(headers: &HeaderMap) -> bool {
    let is = |name, value| headers.get(name).is_some_and(|header| header == value);
    !headers.contains_key(ORIGIN) && is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

fn check_host<B>(hosts: &AllowedHosts, request: &axum::http::Request<B>) -> Result<(), Status> {
    let host = host(request).ok_or_else(|| Status::permission_denied("the request has no `Host` header"))?;
    if hosts.contains(host.host()) {
        return Ok(());
    }
    Err(Status::permission_denied(format!(
        "`Host`: expected an address, `localhost` or a name of `--allow-host`, found {}",
        InvalidField::quote(host.host())
    )))
}

fn check_origin<B>(request: &axum::http::Request<B>) -> Result<(), Status> {
    let refuse =
        |header| Err(Status::permission_denied(format!("`{header}`: the request is from another site's page")));
    match (origin(request.headers()), host(request)) {
        (Origin::None, _) => {}
        (Origin::Of(origin), Some(host)) if origin.as_str().eq_ignore_ascii_case(host.as_str()) => {}
        _ => return refuse("Origin"),
    }
    // `none`: somebody typed the address.
    match request.headers().get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        _ => refuse("Sec-Fetch-Site"),
    }
}

enum Origin {
    /// Not from a page, or from a page that gets a resource of its own site.
    None,
    Of(Authority),
    Opaque,
}

fn origin(headers: &HeaderMap) -> Origin {
    let Some(origin) = headers.get(ORIGIN) else { return Origin::None };
    let authority = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()?.into_parts().authority);
    authority.map_or(Origin::Opaque, Origin::Of)
}

fn host<B>(request: &axum::http::Request<B>) -> Option<Authority> {
    match request.uri().authority() {
        Some(authority) => Some(authority.clone()),
        None => request.headers().get(HOST)?.to_str().ok()?.parse().ok(),
    }
}
