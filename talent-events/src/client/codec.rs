//! The call's message around bytes that are there already.
//!
//! An event was encoded when it was tracked, so a request is a parent and those bytes, each with its length in front;
//! and the answer's bytes are read only where somebody wants to know. Nothing is decoded to be encoded again, and no
//! message type stands between.

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

/// The service's answer, or why it can not be read as an event. That it answered is known either way.
pub(super) type Answer = Result<ClientEvent, InvalidEvent>;

/// What is made of an answer's bytes.
pub(super) trait Read: Send + Sync + 'static {
    fn read(from: &mut DecodeBuf<'_>) -> Self;
}

impl Read for Answer {
    fn read(from: &mut DecodeBuf<'_>) -> Self {
        reader::client_event(&from.copy_to_bytes(from.remaining()))
    }
}

/// That it answered is all there is to know.
impl Read for () {
    fn read(from: &mut DecodeBuf<'_>) {
        from.advance(from.remaining());
    }
}

/// A codec for one call. tonic allocates the buffers before it sees the message, so the codec tells it the size: each
/// buffer is allocated once and holds no more than it has to (8 KiB each otherwise).
#[derive(Debug)]
pub(super) struct PassThrough<A> {
    buffer: usize,
    state: Arc<CallState>,
    answer: PhantomData<fn() -> A>,
}

impl<A> PassThrough<A> {
    pub(super) fn of(event: &EncodedEvent, state: Arc<CallState>) -> Self {
        let buffer = GRPC_PREFIX + fields(event).map(|(_, bytes)| field_len(bytes)).iter().sum::<usize>();
        Self { buffer, state, answer: PhantomData }
    }
}

/// Writes the request.
#[derive(Debug)]
pub(super) struct Write {
    buffer: usize,
    state: Arc<CallState>,
}

/// Reads the answer, which is the event as recorded and has about the request's size.
#[derive(Debug)]
pub(super) struct ReadAs<A> {
    buffer: usize,
    answer: PhantomData<fn() -> A>,
}

fn fields(event: &EncodedEvent) -> [(u8, &[u8]); 2] {
    [(TAG_PARENT, event.tenant().as_str().as_bytes()), (TAG_CLIENT_EVENT, event.as_bytes())]
}

fn field_len(bytes: &[u8]) -> usize {
    1 + prost::length_delimiter_len(bytes.len()) + bytes.len()
}

impl<A: Read> Codec for PassThrough<A> {
    type Encode = EncodedEvent;
    type Decode = A;
    type Encoder = Write;
    type Decoder = ReadAs<A>;

    fn encoder(&mut self) -> Write {
        Write { buffer: self.buffer, state: Arc::clone(&self.state) }
    }

    fn decoder(&mut self) -> ReadAs<A> {
        ReadAs { buffer: self.buffer, answer: PhantomData }
    }
}

impl Encoder for Write {
    type Item = EncodedEvent;
    type Error = Status;

    /// The connection asks for the message after it took the call.
    fn encode(&mut self, event: EncodedEvent, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        self.state.set_sent();
        for (tag, bytes) in fields(&event) {
            to.put_u8(tag);
            prost::encode_length_delimiter(bytes.len(), to).map_err(|e| Status::internal(e.to_string()))?;
            to.put_slice(bytes);
        }
        Ok(())
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(self.buffer, self.buffer)
    }
}

impl<A: Read> Decoder for ReadAs<A> {
    type Item = A;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<A>, Status> {
        Ok(Some(A::read(from)))
    }

    fn buffer_settings(&self) -> BufferSettings {
        BufferSettings::new(self.buffer, self.buffer)
    }
}
