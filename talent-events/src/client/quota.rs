//! The quota of a project.

use crate::InvalidField;

/// How many calls the service grants in which time.
///
/// Google's default is 300 calls a minute and project, and other groups have 3,000 and more (Google, as of 2021). Nobody
/// outside Google knows the group of this call, so a client has no quota unless you set one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    per_minute: u32,
}

const MAX_PER_MINUTE: u32 = 60_000_000;

impl Quota {
    /// This many calls a minute, evenly spread: 1 to 60,000,000 (our limits).
    pub const fn per_minute(calls: u32) -> Self {
        Self { per_minute: calls }
    }

    pub(super) fn check(self) -> Result<Self, InvalidField> {
        match self.per_minute {
            1..=MAX_PER_MINUTE => Ok(self),
            other => Err(InvalidField::new("quota", format!("{other} calls a minute"), "1 to 60000000 calls a minute")),
        }
    }

    pub(super) fn per_second(self) -> f64 {
        f64::from(self.per_minute) / 60.0
    }
}
