//! One connection, until the client or the script ends it.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::Request;
use prost::Message;
use talent_events::wire::{ClientEvent, CreateClientEventRequest};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinSet;

use crate::answer::{GRPC_PREFIX, answer};
use crate::{Call, Result, Shared, Then, lock};

/// What a call does to its connection.
enum End {
    GoAway(Reason),
    Leave,
    Reset,
    HalfOpen,
}

pub(crate) async fn serve(stream: TcpStream, number: u64, shared: Arc<Shared>) -> Result {
    stream.set_nodelay(true)?;
    // However it is closed, it is reset: no orderly end that the other side could count on.
    stream.set_zero_linger()?;
    let mut connection = h2::server::handshake(stream).await?;
    let (ends, mut ended) = channel(1);
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(end) = ended.recv() => match end {
                End::GoAway(reason) => connection.abrupt_shutdown(reason),
                End::Leave => connection.graceful_shutdown(),
                End::Reset => return Ok(()),
                End::HalfOpen => std::future::pending().await,
            },
            call = connection.accept() => {
                let Some(call) = call else { return Ok(()) };
                let (request, respond) = call?;
                let call = (shared.calls.fetch_add(1, Relaxed), number);
                *lock(&shared.loads).entry(number).or_default() += 1;
                calls.spawn(serve_call(request, respond, call, ends.clone(), Arc::clone(&shared)));
                while calls.try_join_next().is_some() {}
            }
        }
    }
}

async fn serve_call(
    request: Request<RecvStream>,
    respond: SendResponse<Bytes>,
    (number, connection): (u64, u64),
    ends: Sender<End>,
    shared: Arc<Shared>,
) -> Result {
    let call = Call { number, connection, event: event(request.into_body()).await? };
    let then = (shared.script)(&call);
    let end = match then {
        Then::GoAway(reason) => Some(End::GoAway(reason)),
        Then::Leave => Some(End::Leave),
        Then::Reset => Some(End::Reset),
        Then::HalfOpen => Some(End::HalfOpen),
        _ => None,
    };
    match end {
        Some(end) => {
            let leaves = matches!(end, End::Leave);
            ends.send(end).await?;
            if !leaves {
                // The stream stays open for as long as the connection.
                let _open = respond;
                return std::future::pending().await;
            }
            answer(respond, Then::Answer, &call.event, &shared).await
        }
        None => answer(respond, then, &call.event, &shared).await,
    }
}

async fn event(mut body: RecvStream) -> Result<ClientEvent> {
    let mut message = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk?;
        body.flow_control().release_capacity(chunk.len())?;
        message.extend_from_slice(&chunk);
    }
    let request = CreateClientEventRequest::decode(message.get(GRPC_PREFIX..).ok_or("no message")?)?;
    Ok(request.client_event.ok_or("no event")?)
}
