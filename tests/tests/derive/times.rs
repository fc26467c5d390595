//! The same instants, as each crate has them.

use talent_events::TalentEvent;
use talent_events::event::AsCreateTime;

use super::{job, refused, sent};

#[derive(TalentEvent)]
#[talent(event = View, request_id = none)]
struct Opened<T> {
    #[talent(job)]
    job: talent_events::JobName,
    #[talent(create_time)]
    at: T,
}

#[track_caller]
fn is_sent_as<T: AsCreateTime>(at: T, seconds: i64, nanos: i32) {
    let time = sent(&Opened { job: job("1"), at }).create_time.unwrap();
    assert_eq!((time.seconds, time.nanos), (seconds, nanos));
}

/// 2026-02-03T09:30:00.25Z, and half a second before 1970.
const INSTANTS: [(i64, i32); 2] = [(1_770_111_000, 250_000_000), (-1, 500_000_000)];

#[test]
fn of_jiff() {
    for (seconds, nanos) in INSTANTS {
        let at = jiff::Timestamp::new(seconds, nanos).unwrap();
        is_sent_as(at, seconds, nanos);
        is_sent_as(at.to_zoned_datetime(jiff::tz::TimeZone::fixed(jiff::tz::offset(-9))), seconds, nanos);
    }
    is_sent_as(jiff::Timestamp::new(-5, 0).unwrap(), -5, 0);
    is_sent_as(jiff::Timestamp::MAX, jiff::Timestamp::MAX.as_second(), 999_999_999);
    assert!(refused(&Opened { job: job("1"), at: jiff::Timestamp::MIN }).contains("`create_time`"));
}

#[test]
fn of_chrono() {
    for (seconds, nanos) in INSTANTS {
        let at = chrono::DateTime::from_timestamp(seconds, nanos as u32).unwrap();
        is_sent_as(at, seconds, nanos);
        is_sent_as(at.with_timezone(&chrono::FixedOffset::east_opt(3600).unwrap()), seconds, nanos);
    }
    let leap = chrono::DateTime::from_timestamp(1_483_228_799, 1_500_000_000).unwrap();
    is_sent_as(leap, 1_483_228_799, 999_999_999);
    let far = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    assert!(refused(&Opened { job: job("1"), at: far }).contains("`create_time`"));
}

#[test]
fn of_time() {
    for (seconds, nanos) in INSTANTS {
        let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        let at = time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap();
        is_sent_as(at, seconds, nanos);
        is_sent_as(at.to_offset(time::UtcOffset::from_hms(5, 30, 0).unwrap()), seconds, nanos);
        is_sent_as(time::UtcDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap(), seconds, nanos);
    }
    let early = time::OffsetDateTime::from_unix_timestamp(-62_135_596_801).unwrap();
    assert!(refused(&Opened { job: job("1"), at: early }).contains("`create_time`"));
}
