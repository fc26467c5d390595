//! The time of an event.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::InvalidField;
use super::limits::{MAX_TIMESTAMP_SECONDS, MIN_TIMESTAMP_SECONDS};

/// A point in time between the years 1 and 9999, to the nanosecond, UTC: protobuf's `Timestamp`.
///
/// Its text form is proto3 JSON's RFC 3339: written with `Z` and 0, 3, 6 or 9 decimals, and read with any offset and up to
/// 9 decimals. Leap seconds are refused, as protobuf has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

const EXPECTED: &str = "a time from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";

impl Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z (negative before), and the nanoseconds that follow them, below 10⁹.
    pub fn new(seconds: i64, nanos: u32) -> Result<Self, InvalidField> {
        if !(MIN_TIMESTAMP_SECONDS..=MAX_TIMESTAMP_SECONDS).contains(&seconds) {
            return Err(InvalidField::new("create_time", format!("{seconds} seconds since 1970"), EXPECTED));
        }
        if nanos >= 1_000_000_000 {
            return Err(InvalidField::new("create_time", format!("{nanos} nanoseconds"), "0 to 999999999 nanoseconds"));
        }
        Ok(Self { seconds, nanos })
    }

    /// The current time of the system's clock, limited to protobuf's range.
    pub fn now() -> Self {
        let now = SystemTime::now();
        Self::try_from(now).unwrap_or(Self {
            seconds: if now < UNIX_EPOCH { MIN_TIMESTAMP_SECONDS } else { MAX_TIMESTAMP_SECONDS },
            nanos: 0,
        })
    }

    /// Seconds since 1970-01-01T00:00:00Z, negative before.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// The nanoseconds that follow [`seconds`](Self::seconds), 0 to 999,999,999.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = InvalidField;

    fn try_from(time: SystemTime) -> Result<Self, InvalidField> {
        let (seconds, nanos) = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let seconds = i64::try_from(before.as_secs()).map(|s| -s);
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds.map(|s| s - 1), 1_000_000_000 - nanos),
                }
            }
        };
        let seconds =
            seconds.map_err(|_| InvalidField::new("create_time", "a time billions of years from 1970", EXPECTED))?;
        Self::new(seconds, nanos)
    }
}

/// Fails if the platform's clock cannot represent the time: before 1601 on Windows, never on Linux.
impl TryFrom<Timestamp> for SystemTime {
    type Error = InvalidField;

    fn try_from(time: Timestamp) -> Result<Self, InvalidField> {
        let seconds = Duration::from_secs(time.seconds.unsigned_abs());
        let whole = if time.seconds < 0 { UNIX_EPOCH.checked_sub(seconds) } else { UNIX_EPOCH.checked_add(seconds) };
        let exact = whole.and_then(|whole| whole.checked_add(Duration::from_nanos(time.nanos.into())));
        exact.ok_or_else(|| {
            InvalidField::new("create_time", time.to_string(), "a time that this platform can represent")
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In range by construction, so the conversion cannot fail.
        let time = OffsetDateTime::from_unix_timestamp(self.seconds).map_err(|_| fmt::Error)?;
        let (date, hour, minute, second) = (time.date(), time.hour(), time.minute(), time.second());
        let mut text = format!(
            "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}",
            date.year(),
            u8::from(date.month()),
            date.day()
        );
        match self.nanos {
            0 => {}
            n if n % 1_000_000 == 0 => text += &format!(".{:03}", n / 1_000_000),
            n if n % 1_000 == 0 => text += &format!(".{:06}", n / 1_000),
            n => text += &format!(".{n:09}"),
        }
        text.push('Z');
        f.pad(&text)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let wrong = |why: &dyn fmt::Display| {
            let found = format!("{} ({why})", InvalidField::quote(text));
            InvalidField::new("create_time", found, "an RFC 3339 time, e.g. 2026-02-03T09:30:00Z")
        };
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|e| wrong(&e))?;
        strict(text).map_err(|why| wrong(&why))?;
        Self::new(time.unix_timestamp(), time.nanosecond())
    }
}

/// Refuses the RFC 3339 forms that protobuf's JSON parsers refuse and the `time` crate accepts.
fn strict(text: &str) -> Result<(), &'static str> {
    let text = text.as_bytes();
    if text.get(10) != Some(&b'T') || text.last() == Some(&b'z') {
        return Err("a capital `T` stands between date and time, and a capital `Z` for UTC");
    }
    if text.get(17..19) == Some(b"60") {
        return Err("protobuf has no leap seconds");
    }
    match text.iter().skip(20).take_while(|c| c.is_ascii_digit()).count() {
        10.. if text.get(19) == Some(&b'.') => Err("a nanosecond, the 9th decimal, is the least"),
        _ => Ok(()),
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is refused here is what protobuf's own parsers refuse.
    #[test]
    fn only_proto3_json_is_a_time() {
        for (text, nanos) in [
            ("2026-02-03T09:30:00Z", 0),
            ("2026-02-03T10:30:00+01:00", 0),
            ("2026-02-03T09:30:00.5Z", 500_000_000),
            ("2026-02-03T04:00:00.123456789-05:30", 123_456_789),
        ] {
            assert_eq!(text.parse(), Timestamp::new(1_770_111_000, nanos), "{text}");
        }
        for (text, why) in [
            ("2026-02-03X09:30:00Z", "a capital `T`"),
            ("2026-02-03 09:30:00Z", "a capital `T`"),
            ("2026-02-03t09:30:00Z", "a capital `T`"),
            ("2026-02-03T09:30:00z", "a capital `T`"),
            ("2026-02-03T09:30:00.1234567890Z", "the 9th decimal"),
            ("2026-02-03T09:30:00.1234567890123+00:00", "the 9th decimal"),
            ("2016-12-31T23:59:60Z", "no leap seconds"),
            ("2026-02-03T23:59:60Z", ""),
            ("2026-02-03T09:30:00.Z", ""),
            ("2026-02-03T09:30Z", ""),
            ("2026-02-03", ""),
            ("", ""),
        ] {
            let error = text.parse::<Timestamp>().expect_err(text).to_string();
            assert!(error.contains(why) && error.contains("RFC 3339"), "{text}: {error}");
        }
    }
}
