//! One answer, right or wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::{BufMut, Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, SendStream};
use http::{HeaderMap, HeaderValue, Response};
use prost::Message;
use talent_events::wire::ClientEvent;
use tokio::time::sleep;

use crate::{Result, Shared, Then, lock};

/// The length of a message, and whether it is compressed.
pub(crate) const GRPC_PREFIX: usize = 5;

pub(crate) async fn answer(
    mut respond: SendResponse<Bytes>,
    then: Then,
    event: &ClientEvent,
    shared: &Shared,
) -> Result {
    let mut head = Response::builder().header("content-type", "application/grpc");
    match then {
        Then::Hang => std::future::pending().await,
        Then::Late(wait) => sleep(wait).await,
        Then::ResetStream(reason) => {
            respond.send_reset(reason);
            return Ok(());
        }
        Then::Status(code) => {
            let head = head.header("grpc-status", code).header("grpc-message", "as told");
            respond.send_response(head.body(())?, true)?;
            return Ok(());
        }
        Then::RetryInfo(code, seconds) => {
            let head = head.header("grpc-status", code).header("grpc-status-details-bin", retry_info(code, seconds)?);
            respond.send_response(head.body(())?, true)?;
            return Ok(());
        }
        Then::Http(status, seconds) => {
            let head = Response::builder().status(status).header("content-type", "text/html");
            let mut page = respond.send_response(head.header("retry-after", seconds).body(())?, false)?;
            page.send_data(Bytes::from_static(b"<h1>Try again</h1>"), true)?;
            return Ok(());
        }
        Then::GiantHeader(size) => head = head.header("x-giant", "g".repeat(size)),
        _ => {}
    }
    let mut stream = respond.send_response(head.body(())?, false)?;
    let mut trailers = HeaderMap::new();
    match then {
        Then::ResetMidway => {
            stream.send_data(Bytes::from_static(&[0; GRPC_PREFIX - 1]), false)?;
            stream.send_reset(Reason::INTERNAL_ERROR);
            return Ok(());
        }
        Then::Announce(length) => {
            let mut prefix = vec![0];
            prefix.extend(length.to_be_bytes());
            stream.send_data(prefix.into(), false)?;
            return hold(stream).await;
        }
        Then::Compressed => stream.send_data(Bytes::from_static(&[1, 0, 0, 0, 0]), false)?,
        Then::Empty => {}
        Then::NoTrailers => {
            stream.send_data(framed(event), true)?;
            return Ok(());
        }
        _ => stream.send_data(framed(event), false)?,
    }
    match then {
        Then::NoStatus => drop(trailers.insert("x-something", HeaderValue::from_static("else"))),
        Then::GiantTrailer(size) => {
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            trailers.insert("x-giant", HeaderValue::try_from("g".repeat(size))?);
        }
        _ => drop(trailers.insert("grpc-status", HeaderValue::from_static("0"))),
    }
    stream.send_trailers(trailers)?;
    // A client that takes giant trailers has heard the OK that is in them.
    if matches!(then, Then::Answer | Then::Late(_) | Then::GiantTrailer(_)) {
        *lock(&shared.answered).entry(event.event_id.clone()).or_default() += 1;
    }
    Ok(())
}

/// gRPC's frame: not compressed, the length, the message.
fn framed(event: &ClientEvent) -> Bytes {
    let length = event.encoded_len();
    let mut frame = BytesMut::with_capacity(GRPC_PREFIX + length);
    frame.put_u8(0);
    frame.put_u32(length as u32);
    frame.extend_from_slice(&event.encode_to_vec());
    frame.freeze()
}

/// A `google.rpc.Status` with a `RetryInfo`, as the header carries it.
///
/// By hand, because tonic-types takes a [`std::time::Duration`], and a service may say what that cannot hold.
fn retry_info(code: u16, seconds: i64) -> Result<String> {
    let info = tonic_types::pb::RetryInfo { retry_delay: Some(prost_types::Duration { seconds, nanos: 0 }) };
    let details =
        prost_types::Any { type_url: "type.googleapis.com/google.rpc.RetryInfo".into(), value: info.encode_to_vec() };
    let status = tonic_types::pb::Status { code: code.into(), message: "as told".into(), details: vec![details] };
    Ok(STANDARD_NO_PAD.encode(status.encode_to_vec()))
}

/// Until the other side gives up.
async fn hold(mut stream: SendStream<Bytes>) -> Result {
    std::future::poll_fn(|cx| stream.poll_reset(cx)).await?;
    Ok(())
}
