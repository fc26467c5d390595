//! The time of creation.

use crate::event::roles::AsCreateTime;
use crate::event::{InvalidEvent, InvalidField, Timestamp};

use super::fields::{MAX_VARINT, TAG_CREATE_TIME, TAG_TIMESTAMP_NANOS, TAG_TIMESTAMP_SECONDS, put_varint};
use super::{EventWriter, twice};

impl EventWriter<'_> {
    /// Sets the time of creation.
    pub fn create_time<T: AsCreateTime + ?Sized>(&mut self, time: &T) -> Result<(), InvalidEvent> {
        self.write_create_time(time.as_create_time())
    }

    pub(crate) fn write_create_time(&mut self, time: Result<Timestamp, InvalidField>) -> Result<(), InvalidEvent> {
        if self.has_create_time {
            return Err(twice("create_time"));
        }
        self.add_create_time(time?);
        Ok(())
    }

    pub(super) fn add_create_time(&mut self, time: Timestamp) {
        const SECONDS: usize = 1 + MAX_VARINT;
        const NANOS: usize = 1 + 5;
        self.has_create_time = true;
        let start = self.buf.len();
        self.buf.extend_from_slice(&[0; 2 + SECONDS + NANOS]);
        let field = &mut self.buf[start..];
        let mut len = 2;
        // protobuf leaves out what is zero.
        for (tag, value) in [(TAG_TIMESTAMP_SECONDS, time.seconds() as u64), (TAG_TIMESTAMP_NANOS, time.nanos().into())]
        {
            if value != 0 {
                field[len] = tag;
                len += 1 + put_varint(&mut field[len + 1..], value);
            }
        }
        (field[0], field[1]) = (TAG_CREATE_TIME, (len - 2) as u8);
        self.buf.truncate(start + len);
    }
}
