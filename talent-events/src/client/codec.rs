//! The call's messages: a request around bytes that exist already, and an answer that is decoded only on demand.
//!
//! An event is encoded when it is tracked. A request is the parent and those bytes, each with its length in front, so no
//! message type is built for it.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::{Buf, BufMut};
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use crate::event::{ClientEvent, EncodedEvent, InvalidEvent, reader};

use super::call_state::CallState;

// The fields of CreateClientEventRequest, both length-delimited.
const TAG_PARENT: u8 = (1 << 3) | 2;
const TAG_CLIENT_EVENT: u8 = (2 << 3) | 2;

/// gRPC's prefix of a message: a byte of flags, four of length.
const GRPC_PREFIX: usize = 5;

/// What a caller reads of an answer.
pub(super) trait Receipt: Send + Sync + 'static {
    fn read(answer: &[u8]) -> Self;
}

/// The event as the service has it, or why the answer is not a valid event. The service took the event either way.
impl Receipt for Result<ClientEvent, InvalidEvent> {
    fn read(answer: &[u8]) -> Self {
        reader::client_event(answer)
    }
}

/// The answer came. A queue needs no more.
impl Receipt for () {
    fn read(_: &[u8]) {}
}

/// The answer to a call.
pub(super) enum Answer<R> {
    Receipt(R),
    /// The answer to another call: the id of its event.
    Foreign(String),
}

/// A codec for one call. tonic allocates the buffers before it sees the message, so the codec tells it the size: each
/// buffer is allocated once and holds no more than it has to (8 KiB each otherwise).
#[derive(Debug)]
pub(super) struct PassThrough<R> {
    state: Arc<CallState>,
    buffer: usize,
    receipt: PhantomData<fn() -> R>,
}

impl<R> PassThrough<R> {
    pub(super) fn new(state: Arc<CallState>) -> Self {
        let buffer = GRPC_PREFIX + fields(&state.event).map(|(_, bytes)| field_len(bytes)).iter().sum::<usize>();
        Self { state, buffer, receipt: PhantomData }
    }

    fn copy(&self) -> Self {
        Self { state: Arc::clone(&self.state), buffer: self.buffer, receipt: PhantomData }
    }

    /// The answer is the event as recorded, so it has about the request's size.
    fn settings(&self) -> BufferSettings {
        BufferSettings::new(self.buffer, self.buffer)
    }
}

fn fields(event: &EncodedEvent) -> [(u8, &[u8]); 2] {
    [(TAG_PARENT, event.tenant().as_str().as_bytes()), (TAG_CLIENT_EVENT, event.as_bytes())]
}

fn field_len(bytes: &[u8]) -> usize {
    1 + prost::length_delimiter_len(bytes.len()) + bytes.len()
}

impl<R: Receipt> Codec for PassThrough<R> {
    type Encode = ();
    type Decode = Answer<R>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        self.copy()
    }

    fn decoder(&mut self) -> Self {
        self.copy()
    }
}

impl<R> Encoder for PassThrough<R> {
    type Item = ();
    type Error = Status;

    /// The connection asks for the message after it took the call.
    fn encode(&mut self, (): (), to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        self.state.set_sent();
        for (tag, bytes) in fields(&self.state.event) {
            to.put_u8(tag);
            prost::encode_length_delimiter(bytes.len(), to).map_err(|e| Status::internal(e.to_string()))?;
            to.put_slice(bytes);
        }
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.settings()
    }
}

impl<R: Receipt> Decoder for PassThrough<R> {
    type Item = Answer<R>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Answer<R>>, Status> {
        // tonic's buffer is one piece.
        let bytes = from.chunk();
        let answer = match reader::event_id(bytes) {
            Some(id) if id != self.state.event.event_id() => Answer::Foreign(id.to_owned()),
            _ => Answer::Receipt(R::read(bytes)),
        };
        from.advance(from.remaining());
        Ok(Some(answer))
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.settings()
    }
}
