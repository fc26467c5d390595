//! What a call carries besides the event: who calls, with what, and for whom.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tonic::Request;

use crate::TenantName;

const API_CLIENT: HeaderName = HeaderName::from_static("x-goog-api-client");
const REQUEST_PARAMS: HeaderName = HeaderName::from_static("x-goog-request-params");
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// Which library calls, for Google's statistics. The compiler named is the oldest that builds this crate, as the one in
/// use is not known without a build script.
const LIBRARY: &str = concat!("gl-rust/", env!("CARGO_PKG_RUST_VERSION"), " gccl/", env!("CARGO_PKG_VERSION"));

/// All but what RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `x-goog-request-params` for this tenant, by which Google routes the call.
pub(super) fn request_params(tenant: &TenantName) -> HeaderValue {
    HeaderValue::try_from(format!("parent={}", utf8_percent_encode(tenant.as_str(), ESCAPED)))
        .expect("percent-encoding leaves nothing but visible ASCII")
}

/// `grpc-timeout` for this deadline. It is told as it was when the call began, without what fetching a token took: the same
/// text for all calls, which HTTP/2 sends once.
pub(super) fn timeout(deadline: Duration) -> HeaderValue {
    let mut request = Request::new(());
    request.set_timeout(deadline);
    let mut headers = request.into_parts().0.into_headers();
    headers.remove(TIMEOUT).expect("it was set")
}

/// What one call carries. They are put into the request below tonic, which would else go through all of them to sort out
/// those that are its own.
pub(super) struct Headers {
    /// Every header the credentials give.
    pub(super) credentials: HeaderMap,
    pub(super) params: HeaderValue,
    pub(super) timeout: HeaderValue,
}

impl Headers {
    pub(super) fn put(self, headers: &mut HeaderMap) {
        headers.extend(self.credentials);
        headers.insert(REQUEST_PARAMS, self.params);
        headers.insert(API_CLIENT, HeaderValue::from_static(LIBRARY));
        headers.insert(TIMEOUT, self.timeout);
    }
}
