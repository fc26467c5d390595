//! The points in time of other crates, each behind the feature of its name.

#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> super::AsCreateTime for chrono::DateTime<Tz> {
    /// A leap second, which protobuf has no number for, is told as the last nanosecond before it ends.
    fn as_create_time(&self) -> Result<super::Timestamp, super::InvalidField> {
        super::Timestamp::new(self.timestamp(), self.timestamp_subsec_nanos().min(999_999_999))
    }
}

#[cfg(feature = "jiff")]
impl super::AsCreateTime for jiff::Timestamp {
    fn as_create_time(&self) -> Result<super::Timestamp, super::InvalidField> {
        // Before 1970 both parts are negative; protobuf's nanoseconds count forward.
        let (second, nanosecond) = (self.as_second(), self.subsec_nanosecond());
        let before = i64::from(nanosecond < 0);
        super::Timestamp::new(second - before, (nanosecond + 1_000_000_000 * before as i32) as u32)
    }
}

#[cfg(feature = "jiff")]
impl super::AsCreateTime for jiff::ZonedDateTime {
    fn as_create_time(&self) -> Result<super::Timestamp, super::InvalidField> {
        self.timestamp().as_create_time()
    }
}

#[cfg(feature = "time")]
impl super::AsCreateTime for time::OffsetDateTime {
    fn as_create_time(&self) -> Result<super::Timestamp, super::InvalidField> {
        super::Timestamp::new(self.unix_timestamp(), self.nanosecond())
    }
}

#[cfg(feature = "time")]
impl super::AsCreateTime for time::UtcDateTime {
    fn as_create_time(&self) -> Result<super::Timestamp, super::InvalidField> {
        super::Timestamp::new(self.unix_timestamp(), self.nanosecond())
    }
}
