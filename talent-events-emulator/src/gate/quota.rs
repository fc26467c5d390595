//! A quota of calls in a period.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use talent_events::InvalidField;
use tokio::time::Instant;

use crate::text::invalid;

const MAX_PERIOD: Duration = Duration::from_secs(24 * 60 * 60);
const FORM: &str = "calls/time, e.g. 300/min, 10/s or 300/60s: 1 to 1000000 calls in 1ms to 24h";
const MAX_CALLS: u32 = 1_000_000;

/// A number of calls in a period: `300/min`.
///
/// All callers share one token bucket of that size. It refills evenly, so after a pause the whole number passes at once.
/// Google's default is 300 calls in 60 s for a project (Google, as of 2021). Google does not document how it counts them.
///
/// ```
/// use talent_events_emulator::Quota;
///
/// let quota: Quota = "300/min".parse()?;
/// assert_eq!(quota, "300/60s".parse()?);
/// # Ok::<(), talent_events::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    calls: NonZeroU32,
    period: Duration,
}

impl Quota {
    /// 1 to 1,000,000 calls in 1 ms to 24 hours (our limits).
    pub fn new(calls: u32, period: Duration) -> Result<Self, InvalidField> {
        let invalid = || invalid("quota", FORM, format!("{calls} calls in {period:?}"));
        let calls = NonZeroU32::new(calls).filter(|calls| calls.get() <= MAX_CALLS).ok_or_else(invalid)?;
        if !(Duration::from_millis(1)..=MAX_PERIOD).contains(&period) {
            return Err(invalid());
        }
        Ok(Self { calls, period })
    }

    /// The number of calls in a [`period`](Self::period).
    pub fn calls(self) -> u32 {
        self.calls.get()
    }

    /// The period.
    pub fn period(self) -> Duration {
        self.period
    }
}

impl FromStr for Quota {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let invalid = || invalid("quota", FORM, InvalidField::quote(text));
        let (calls, period) = text.split_once('/').ok_or_else(invalid)?;
        let unit = period.trim_start_matches(|c: char| c.is_ascii_digit());
        let many: u32 = match &period[..period.len() - unit.len()] {
            "" => 1,
            digits => digits.parse().map_err(|_| invalid())?,
        };
        let unit = match unit {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "min" => Duration::from_secs(60),
            "h" => Duration::from_secs(60 * 60),
            _ => return Err(invalid()),
        };
        let period = unit.checked_mul(many).ok_or_else(invalid)?;
        Self::new(calls.parse().map_err(|_| invalid())?, period).map_err(|_| invalid())
    }
}

/// The form that [`FromStr`] reads: `300/min`, or `300/1500ms` if no larger unit fits.
impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.period.as_millis();
        let units = [(60 * 60 * 1000, "h"), (60 * 1000, "min"), (1000, "s"), (1, "ms")];
        for (unit, name) in units {
            match (millis % unit, millis / unit) {
                (0, 1) => return write!(f, "{}/{name}", self.calls),
                (0, many) => return write!(f, "{}/{many}{name}", self.calls),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Serialize for Quota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quota {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A token bucket. Its whole state is the time at which it is full.
#[derive(Debug, Default)]
pub(super) struct TokenBucket {
    full_at: Option<Instant>,
}

impl TokenBucket {
    /// Takes the token of a call, or returns the time until there is one.
    pub(super) fn take(&mut self, quota: Quota, now: Instant) -> Result<(), Duration> {
        let token = quota.period / quota.calls.get();
        // The quota may have changed since the last call.
        let full_at = self.full_at.unwrap_or(now).clamp(now, now + quota.period);
        let available = quota.period.saturating_sub(full_at - now);
        if available < token {
            return Err(token - available);
        }
        self.full_at = Some(full_at + token);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_read_as_they_are_written() {
        for (text, calls, seconds) in [("300/min", 300, 60), ("1/s", 1, 1), ("7/24h", 7, 86_400), ("5/90s", 5, 90)] {
            let quota: Quota = text.parse().unwrap();
            assert_eq!((quota.calls(), quota.period()), (calls, Duration::from_secs(seconds)));
            assert_eq!(quota.to_string(), text);
        }
        assert_eq!("300/60s".parse::<Quota>().unwrap().to_string(), "300/min");
        for text in
            ["", "300", "/min", "0/s", "1/0s", "1/25h", "-1/s", "1/fortnight", "1/s ", "1000001/s", "1/99999999999s"]
        {
            let error = text.parse::<Quota>().unwrap_err().to_string();
            assert!(error.starts_with("`quota`: expected calls/time") && error.contains("300/min"), "{text}: {error}");
        }
    }

    #[test]
    fn a_bucket_gives_its_tokens_and_then_one_at_a_time() {
        let quota = Quota::new(3, Duration::from_secs(30)).unwrap();
        let (mut bucket, start) = (TokenBucket::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(bucket.take(quota, start), Ok(()));
        }
        assert_eq!(bucket.take(quota, start), Err(Duration::from_secs(10)));
        let later = start + Duration::from_secs(4);
        assert_eq!(bucket.take(quota, later), Err(Duration::from_secs(6)), "a refusal takes no token");
        assert_eq!(bucket.take(quota, start + Duration::from_secs(10)), Ok(()));
        let after_pause = start + Duration::from_secs(1_000);
        assert_eq!(
            (0..9).take_while(|_| bucket.take(quota, after_pause).is_ok()).count(),
            3,
            "never more than its size"
        );
    }
}
