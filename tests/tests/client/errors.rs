//! Each way in which the service refuses.

use std::time::Duration;

use axum::response::IntoResponse;
use talent_events::{TalentClient, TrackError, track};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::support::{Result, Service, TENANT, Then, event};

async fn refused_with(status: Status) -> Result<TrackError> {
    let service = Service::start(Then::Fail(status)).await?;
    let client = TalentClient::builder(TENANT).emulator(service.address.to_string()).connect().await?;
    let error = client.create_client_event(&event()).await.err().ok_or("an error")?;
    assert_eq!((client.stats().delivered, client.stats().failed), (0, 1));
    Ok(error)
}

#[tokio::test]
async fn every_code_says_what_can_be_done() -> Result {
    for (code, name, kind, retryable) in [
        (Code::Cancelled, "CANCELLED", "unavailable", true),
        (Code::Unknown, "UNKNOWN", "unavailable", true),
        (Code::InvalidArgument, "INVALID_ARGUMENT", "rejected", false),
        (Code::DeadlineExceeded, "", "timed out", true),
        (Code::NotFound, "NOT_FOUND", "rejected", false),
        (Code::AlreadyExists, "ALREADY_EXISTS", "rejected", false),
        (Code::PermissionDenied, "PERMISSION_DENIED", "not permitted", false),
        (Code::ResourceExhausted, "RESOURCE_EXHAUSTED", "over quota", true),
        (Code::FailedPrecondition, "FAILED_PRECONDITION", "rejected", false),
        (Code::Aborted, "ABORTED", "unavailable", true),
        (Code::OutOfRange, "OUT_OF_RANGE", "rejected", false),
        (Code::Unimplemented, "UNIMPLEMENTED", "unavailable", true),
        (Code::Internal, "INTERNAL", "unavailable", true),
        (Code::Unavailable, "UNAVAILABLE", "unavailable", true),
        (Code::DataLoss, "DATA_LOSS", "unavailable", true),
        (Code::Unauthenticated, "UNAUTHENTICATED", "not permitted", false),
    ] {
        let error = refused_with(Status::new(code, "said so")).await?;
        let found = match &error {
            TrackError::Rejected(rejected) => {
                assert_eq!((rejected.code.name(), &*rejected.message), (name, "said so"));
                "rejected"
            }
            TrackError::NotPermitted { .. } => "not permitted",
            TrackError::OverQuota { .. } => "over quota",
            TrackError::TimedOut { .. } => "timed out",
            TrackError::Unavailable { .. } => "unavailable",
            _ => "something else",
        };
        assert_eq!((found, error.is_retryable()), (kind, retryable), "{code:?}: {error}");
        let said = error.to_string();
        assert!(kind == "timed out" || said.contains(name) && said.contains("said so"), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn details_are_read() -> Result {
    let mut details = ErrorDetails::new();
    details
        .set_error_info("API_DISABLED", "googleapis.com", [("service".to_owned(), "jobs".to_owned())])
        .add_bad_request_violation("client_event.event_id", "must be unique")
        .add_bad_request_violation("client_event.job_event.jobs", "no such job")
        .set_retry_info(Some(Duration::from_secs(7)));
    let with = |code| Status::with_error_details(code, "no", details.clone());

    let error = refused_with(with(Code::InvalidArgument)).await?;
    let TrackError::Rejected(rejected) = &error else { panic!("{error:?}") };
    assert_eq!(rejected.reason, Some(("API_DISABLED".into(), "googleapis.com".into())));
    let violations = [("client_event.event_id", "must be unique"), ("client_event.job_event.jobs", "no such job")];
    assert!(rejected.violations.iter().map(|(f, w)| (&**f, &**w)).eq(violations), "{rejected:?}");

    let error = refused_with(with(Code::ResourceExhausted)).await?;
    assert!(matches!(error, TrackError::OverQuota { .. }), "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));

    let error = refused_with(with(Code::Unavailable)).await?;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));

    let error = refused_with(with(Code::PermissionDenied)).await?;
    assert!(error.to_string().contains("[API_DISABLED, googleapis.com]"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_code_without_words_is_explained() -> Result {
    let error = refused_with(Status::new(Code::NotFound, "")).await?;
    assert!(error.to_string().contains("not found"), "{error}");
    Ok(())
}

/// Whatever answers here is no gRPC service of ours: a proxy, say.
async fn answered_by(response: impl IntoResponse + Clone + Send + Sync + 'static) -> Result<TrackError> {
    let proxy = axum::Router::new().fallback(move || std::future::ready(response.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    let routes = tonic::service::Routes::from(proxy);
    let served = tokio::spawn(tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(incoming));
    let client = TalentClient::builder(TENANT).emulator(address.to_string()).connect().await?;
    let error = client.create_client_event(&event()).await.err().ok_or("an error")?;
    served.abort();
    Ok(error)
}

#[tokio::test]
async fn details_that_are_not_base64_are_passed_over() -> Result {
    let headers = [
        ("content-type", "application/grpc"),
        ("grpc-status", "3"),
        ("grpc-message", "no"),
        ("grpc-status-details-bin", "%%%"),
    ];
    let error = answered_by(headers).await?;
    assert!(matches!(&error, TrackError::Rejected(r) if r.code == track::Code::InvalidArgument), "{error:?}");

    // The same behind a body.
    #[derive(Clone)]
    struct Trailers;
    impl IntoResponse for Trailers {
        fn into_response(self) -> axum::response::Response {
            let trailers = [("grpc-status", "3"), ("grpc-status-details-bin", "%%%")];
            let trailers = trailers
                .map(|(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)));
            let body = http_body_util::Full::<axum::body::Bytes>::default();
            let body = http_body_util::BodyExt::with_trailers(
                body,
                std::future::ready(Some(Ok(trailers.into_iter().collect()))),
            );
            ([("content-type", "application/grpc")], axum::body::Body::new(body)).into_response()
        }
    }
    let error = answered_by(Trailers).await?;
    assert!(matches!(&error, TrackError::Rejected(r) if r.code == track::Code::InvalidArgument), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn an_answer_of_a_proxy_is_told_by_its_http_status() -> Result {
    let error = answered_by((http::StatusCode::BAD_GATEWAY, "<html>")).await?;
    assert!(matches!(&error, TrackError::Unavailable { message, .. } if message.contains("502")), "{error:?}");
    // A proxy that knows no such path burns no event, and says where to look.
    for (status, code) in [(404, "UNIMPLEMENTED"), (405, "405"), (501, "501")] {
        let error = answered_by((http::StatusCode::from_u16(status)?, "<html>")).await?;
        assert!(matches!(&error, TrackError::Unavailable { message, .. } if message.contains(code)), "{error:?}");
        assert_eq!(error.to_string().contains("help: check the endpoint"), status == 404, "{error}");
    }
    let error = answered_by((http::StatusCode::FORBIDDEN, "<html>")).await?;
    assert!(matches!(&error, TrackError::NotPermitted { message, .. } if message.contains("403")), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_load_balancer_that_is_overloaded_says_when_to_come_again() -> Result {
    let later = time::OffsetDateTime::now_utc() + Duration::from_secs(3_600);
    let date = later.format(&time::format_description::well_known::Rfc2822)?.replace("+0000", "GMT");
    let overload =
        [(http::StatusCode::TOO_MANY_REQUESTS, "over_quota"), (http::StatusCode::SERVICE_UNAVAILABLE, "unavailable")];
    for (status, kind) in overload {
        let answer = async |value: &str| {
            let error = answered_by((status, [("retry-after", value.to_owned())], "<html>")).await?;
            assert_eq!(error.kind(), kind, "{error:?}");
            assert!(error.to_string().contains(&format!("HTTP {status}")), "{error}");
            Result::Ok(error.retry_after())
        };
        assert_eq!(answer("7").await?, Some(Duration::from_secs(7)));
        let wait = answer(&date).await?.ok_or("a wait")?;
        assert!(wait > Duration::from_secs(3_000) && wait <= Duration::from_secs(3_600), "{wait:?}");
        for senseless in ["soon", "-7", "90000", "0"] {
            assert_eq!(answer(senseless).await?, None, "{senseless}");
        }
        let error = answered_by((status, "<html>")).await?;
        assert_eq!((error.kind(), error.retry_after()), (kind, None), "{error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn senseless_waits_are_ignored() -> Result {
    use prost::Message;

    let asked_for = async |seconds, nanos| {
        let info = tonic_types::pb::RetryInfo { retry_delay: Some(prost_types::Duration { seconds, nanos }) };
        let type_url = "type.googleapis.com/google.rpc.RetryInfo".to_owned();
        let detail = prost_types::Any { type_url, value: info.encode_to_vec() };
        let status = tonic_types::Status { code: 8, message: "slower".into(), details: vec![detail] };
        let details = status.encode_to_vec().into();
        Result::Ok(refused_with(Status::with_details(Code::ResourceExhausted, "slower", details)).await?.retry_after())
    };
    assert_eq!(asked_for(7, 0).await?, Some(Duration::from_secs(7)));
    assert_eq!(asked_for(24 * 60 * 60, 0).await?, Some(Duration::from_secs(24 * 60 * 60)));
    for (seconds, nanos) in [(0, 0), (-1, 0), (0, -1), (24 * 60 * 60, 1), (i64::MAX, 0), (i64::MIN, 0)] {
        assert_eq!(asked_for(seconds, nanos).await?, None, "{seconds} s, {nanos} ns");
    }
    Ok(())
}
