//! Answers of load balancers and proxies that stand in the service's place: HTTP without gRPC.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Whether a gRPC service answers. An HTML page of a proxy is no message.
pub(super) fn is_grpc<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::OK
        && response.headers().get(CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/grpc"))
}

/// The gRPC status that an overloaded load balancer means, with its `Retry-After` as a `RetryInfo`. `None` for other
/// answers, whose HTTP status tonic translates.
pub(super) fn overload<B>(response: &Response<B>) -> Option<Status> {
    let code = match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
        _ => return None,
    };
    let message = format!("HTTP {} from a proxy or load balancer", response.status());
    let details = ErrorDetails::with_retry_info(retry_after(response.headers(), OffsetDateTime::now_utc()));
    Some(Status::with_error_details(code, message, details))
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now: OffsetDateTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => (OffsetDateTime::parse(text, &Rfc2822).ok()? - now).try_into().ok(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = OffsetDateTime::from_unix_timestamp(1_700_000_000).unwrap();
        for (text, expected) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("0", Some(0)),
            ("Tue, 14 Nov 2023 22:13:50 GMT", Some(30)),
            ("Tue, 14 Nov 2023 22:13:19 GMT", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("99999999999999999999999", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
