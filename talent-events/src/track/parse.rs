//! Names and ids from text, for an app: `"projects/acme/tenants/board".parse()?`.
//!
//! The error is the [`TrackError`] that everything else returns, so that `?` needs one conversion in an app. The error
//! of `new` and `try_from` is the [`InvalidField`](crate::InvalidField) inside it.

use std::str::FromStr;

use super::TrackError;
use crate::event::{EventId, JobName, RequestId, TenantName};

macro_rules! parsed {
    ($($name:ident),+) => {$(
        impl FromStr for $name {
            type Err = TrackError;

            fn from_str(text: &str) -> Result<Self, TrackError> {
                Ok(Self::new(text)?)
            }
        }
    )+};
}
parsed!(TenantName, JobName, RequestId, EventId);
