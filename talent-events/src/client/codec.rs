//! The call's message around bytes that are there already.
//!
//! An event was encoded when it was tracked, so a request is a parent and those bytes, each with its length in front;
//! and the answer's bytes are read only where somebody wants to know. Nothing is decoded to be encoded again, and no
//! message type stands between.

use std::marker::PhantomData;

use bytes::{Buf, BufMut};
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use crate::event::{ClientEvent, EncodedEvent, InvalidEvent, reader};

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

/// Made for one call, because tonic allocates the buffers before it sees the message: with the size known, each is
/// allocated once and holds no more than it has to (8 KiB each otherwise).
#[derive(Debug)]
pub(super) struct PassThrough<A> {
    buffer: usize,
    answer: PhantomData<fn() -> A>,
}

impl<A> PassThrough<A> {
    pub(super) fn of(event: &EncodedEvent) -> Self {
        let buffer = GRPC_PREFIX + fields(event).map(|(_, bytes)| field_len(bytes)).iter().sum::<usize>();
        Self { buffer, answer: PhantomData }
    }

    fn copy(&self) -> Self {
        Self { buffer: self.buffer, answer: PhantomData }
    }

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

impl<A: Read> Codec for PassThrough<A> {
    type Encode = EncodedEvent;
    type Decode = A;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        self.copy()
    }

    fn decoder(&mut self) -> Self {
        self.copy()
    }
}

impl<A> Encoder for PassThrough<A> {
    type Item = EncodedEvent;
    type Error = Status;

    fn encode(&mut self, event: EncodedEvent, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        for (tag, bytes) in fields(&event) {
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

/// The answer is the event as recorded, so it has about the request's size.
impl<A: Read> Decoder for PassThrough<A> {
    type Item = A;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<A>, Status> {
        Ok(Some(A::read(from)))
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.settings()
    }
}
