//! What a call carries besides the event: who calls, with what, and for whom.

use google_cloud_auth::credentials::Credentials;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{TenantName, TrackError};

use super::credentials;

const API_CLIENT: HeaderName = HeaderName::from_static("x-goog-api-client");
const REQUEST_PARAMS: HeaderName = HeaderName::from_static("x-goog-request-params");

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

/// Every header the credentials give, and Google's two.
pub(super) async fn headers(credentials: Option<&Credentials>, params: HeaderValue) -> Result<HeaderMap, TrackError> {
    let mut headers = match credentials {
        Some(credentials) => credentials::headers(credentials).await?,
        None => HeaderMap::new(),
    };
    headers.insert(REQUEST_PARAMS, params);
    headers.insert(API_CLIENT, HeaderValue::from_static(LIBRARY));
    Ok(headers)
}
