//! The call's message around bytes that are there already.
//!
//! An event was encoded when it was tracked, so a request is a parent and those bytes, each with its length in front;
//! and only the answer's bytes are read. Nothing is decoded to be encoded again, and no message type stands between.

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

/// Made for one call, because tonic allocates the buffers before it sees the message: with the size known, each is
/// allocated once and holds no more than it has to (8 KiB each otherwise).
#[derive(Clone, Copy, Debug)]
pub(super) struct PassThrough {
    buffer: usize,
}

impl PassThrough {
    pub(super) fn of(event: &EncodedEvent) -> Self {
        Self { buffer: GRPC_PREFIX + fields(event).map(|(_, bytes)| field_len(bytes)).iter().sum::<usize>() }
    }

    fn buffer_settings(self) -> BufferSettings {
        BufferSettings::new(self.buffer, self.buffer)
    }
}

fn fields(event: &EncodedEvent) -> [(u8, &[u8]); 2] {
    [(TAG_PARENT, event.tenant().as_str().as_bytes()), (TAG_CLIENT_EVENT, event.as_bytes())]
}

fn field_len(bytes: &[u8]) -> usize {
    1 + prost::length_delimiter_len(bytes.len()) + bytes.len()
}

impl Codec for PassThrough {
    type Encode = EncodedEvent;
    type Decode = Answer;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for PassThrough {
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
        (*self).buffer_settings()
    }
}

/// The answer is the event as recorded, so it has about the request's size.
impl Decoder for PassThrough {
    type Item = Answer;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Answer>, Status> {
        Ok(Some(reader::client_event(&from.copy_to_bytes(from.remaining()))))
    }

    fn buffer_settings(&self) -> BufferSettings {
        (*self).buffer_settings()
    }
}
