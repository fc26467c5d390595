//! The headers of a call.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tonic::Request;

use crate::TenantName;

const API_CLIENT: HeaderName = HeaderName::from_static("x-goog-api-client");
const REQUEST_PARAMS: HeaderName = HeaderName::from_static("x-goog-request-params");
/// Says that the client made the request id up. Only an emulator gets it.
const SYNTHETIC_REQUEST_ID: HeaderName = HeaderName::from_static("x-talent-events-synthetic-request-id");
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// The library that calls, for Google's statistics. It names the oldest compiler that builds this crate, because only a
/// build script could know the one in use.
const LIBRARY: &str = concat!("gl-rust/", env!("CARGO_PKG_RUST_VERSION"), " gccl/", env!("CARGO_PKG_VERSION"));

/// Everything except what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `x-goog-request-params` for this tenant. Google routes the call by it.
pub(super) fn request_params(tenant: &TenantName) -> HeaderValue {
    HeaderValue::try_from(format!("parent={}", utf8_percent_encode(tenant.as_str(), ESCAPED)))
        .expect("percent-encoding leaves nothing but visible ASCII")
}

/// `grpc-timeout` for this deadline. The value includes the time to fetch a token, so it is the same text for all calls,
/// and HTTP/2 sends that once.
pub(super) fn timeout(deadline: Duration) -> HeaderValue {
    let mut request = Request::new(());
    request.set_timeout(deadline);
    let mut headers = request.into_parts().0.into_headers();
    headers.remove(TIMEOUT).expect("`set_timeout` sets it")
}

/// The headers of one call. They are written below tonic, which would otherwise search all of them for its own.
pub(super) struct Headers {
    /// Every header that the credentials give.
    pub(super) credentials: HeaderMap,
    pub(super) params: HeaderValue,
    pub(super) timeout: HeaderValue,
    /// The request id is made up, and the call goes to an emulator.
    pub(super) synthetic_request_id: bool,
}

impl Headers {
    pub(super) fn write_to(self, headers: &mut HeaderMap) {
        headers.extend(self.credentials);
        headers.insert(REQUEST_PARAMS, self.params);
        headers.insert(API_CLIENT, HeaderValue::from_static(LIBRARY));
        headers.insert(TIMEOUT, self.timeout);
        if self.synthetic_request_id {
            headers.insert(SYNTHETIC_REQUEST_ID, HeaderValue::from_static("true"));
        }
    }
}
