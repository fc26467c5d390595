//! The switches, which may be turned while the emulator runs.

use serde::{Deserialize, Serialize};

use crate::Quota;

/// How the emulator behaves: [`Emulator::set_settings`](crate::Emulator::set_settings), or `/emulator/v1/settings` from
/// outside, where a setting has the same name in camelCase.
///
/// As [`default`](Default::default) everything is off: each valid call is taken and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Settings {
    /// Events whose request id is missing or not known are discarded: answered `OK`, recorded, and marked.
    ///
    /// That Google discards such events is Google's word; that the call answers `OK` is our inference.
    pub strict: bool,
    /// Calls beyond this rate are refused with `RESOURCE_EXHAUSTED` and a `google.rpc.RetryInfo`.
    pub quota: Option<Quota>,
    /// Calls without a token are refused with `UNAUTHENTICATED`. Any token is as good as another: nothing here could
    /// tell a real one.
    pub require_token: bool,
    /// An event id that the tenant has sent before is answered `OK` with the first event of that id, and recorded once; an
    /// import leaves it out.
    ///
    /// Whether the service does so is not documented, so it is off by default: a client should not rely on it.
    pub idempotent: bool,
}
