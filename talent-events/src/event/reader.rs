//! The way back: from the bytes of a `google.cloud.talent.v4.ClientEvent` to the readable event.
//!
//! A few lines of our own and not prost, because a crate that only describes its events should not have to build it
//! (it would double that crate's build); a property test holds the two against each other.

use super::{ClientEvent, EventId, InvalidEvent, InvalidField, JobEvent, JobEventType, JobName, RequestId, Timestamp};

/// Reads any encoding of the message, ours or another's, and checks each field by itself.
pub(crate) fn client_event(bytes: &[u8]) -> Result<ClientEvent, InvalidEvent> {
    let (mut request_id, mut event_id, mut notes) = ("", "", "");
    let mut time = None;
    let mut event_type = 0;
    let mut jobs = Vec::new();
    fields(bytes, |number, value| {
        match (number, value) {
            (1, Value::Bytes(v)) => request_id = text(v, "request_id")?,
            (2, Value::Bytes(v)) => event_id = text(v, "event_id")?,
            (4, Value::Bytes(v)) => {
                let (seconds, nanos) = time.get_or_insert((0, 0));
                fields(v, |number, value| {
                    match (number, value) {
                        (1, Value::Varint(v)) => *seconds = v as i64,
                        (2, Value::Varint(v)) => *nanos = v as i32,
                        _ => {}
                    }
                    Ok(())
                })?;
            }
            (5, Value::Bytes(v)) => fields(v, |number, value| {
                match (number, value) {
                    (1, Value::Varint(v)) => event_type = v as i32,
                    (2, Value::Bytes(v)) => jobs.push(JobName::new(text(v, "job_event.jobs")?)?),
                    _ => {}
                }
                Ok(())
            })?,
            (9, Value::Bytes(v)) => notes = text(v, "event_notes")?,
            _ => {}
        }
        Ok(())
    })?;
    let r#type = JobEventType::from_number(event_type).ok_or_else(|| super::types::unknown(event_type.to_string()))?;
    let (seconds, nanos) = time.ok_or_else(InvalidField::no_create_time)?;
    let nanos = u32::try_from(nanos).unwrap_or(u32::MAX);
    Ok(ClientEvent {
        request_id: if request_id.is_empty() { None } else { Some(RequestId::new(request_id)?) },
        event_id: EventId::new(event_id)?,
        create_time: Timestamp::new(seconds, nanos)?,
        job_event: JobEvent { r#type, jobs },
        event_notes: notes.to_owned(),
    })
}

/// The event id of a message, which may lack everything else. `None` if there is none, or no message.
#[cfg(feature = "client")]
pub(crate) fn event_id(bytes: &[u8]) -> Option<&str> {
    let mut event_id = "";
    let read = fields(bytes, |number, value| {
        if let (2, Value::Bytes(v)) = (number, value) {
            event_id = text(v, "event_id")?;
        }
        Ok(())
    });
    read.ok().map(|()| event_id).filter(|id| !id.is_empty())
}

#[derive(Clone, Copy)]
enum Value<'b> {
    Varint(u64),
    Bytes(&'b [u8]),
    Other,
}

/// Gives each field of a message, known or not, to `each`.
fn fields<'b>(
    mut bytes: &'b [u8],
    mut each: impl FnMut(u64, Value<'b>) -> Result<(), InvalidField>,
) -> Result<(), InvalidField> {
    while !bytes.is_empty() {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut bytes)?),
            1 => take(&mut bytes, 8).map(|_| Value::Other)?,
            2 => {
                let len = varint(&mut bytes)?;
                Value::Bytes(take(&mut bytes, usize::try_from(len).unwrap_or(usize::MAX))?)
            }
            5 => take(&mut bytes, 4).map(|_| Value::Other)?,
            wire_type => return Err(malformed(format!("wire type {wire_type}"))),
        };
        each(key >> 3, value)?;
    }
    Ok(())
}

fn take<'b>(bytes: &mut &'b [u8], len: usize) -> Result<&'b [u8], InvalidField> {
    let (taken, rest) = bytes
        .split_at_checked(len)
        .ok_or_else(|| malformed(format!("{len} bytes announced and {} left", bytes.len())))?;
    *bytes = rest;
    Ok(taken)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, InvalidField> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(malformed("a varint of more than ten bytes".into()))
}

fn text<'b>(bytes: &'b [u8], field: &'static str) -> Result<&'b str, InvalidField> {
    std::str::from_utf8(bytes)
        .map_err(|e| InvalidField::new(field, format!("bytes that are not UTF-8 ({e})"), "UTF-8 text"))
}

fn malformed(found: String) -> InvalidField {
    InvalidField::new("client_event", found, "a protobuf message google.cloud.talent.v4.ClientEvent")
}
