//! The settings, which may change while the emulator runs.

use serde::{Deserialize, Serialize};

use crate::gate::{Policy, Quota};

/// The emulator's behaviour: [`Emulator::set_settings`](crate::Emulator::set_settings).
///
/// At `/emulator/v1/settings` each setting has the same name in camelCase. By [`default`](Default::default) everything is
/// off: each valid call is accepted, and its event counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Settings {
    /// Events whose request id is missing or unknown are discarded: answered with `OK`, recorded and marked.
    ///
    /// Google says that it discards such events. That the call answers `OK` is our inference.
    pub strict: bool,
    /// Calls over this quota are refused with `RESOURCE_EXHAUSTED` and a `google.rpc.RetryInfo`.
    pub quota: Option<Quota>,
    /// Calls without a token are refused with `UNAUTHENTICATED`. Any token is accepted, because the emulator cannot check
    /// one.
    pub require_token: bool,
    /// An event id that the tenant has sent before is answered with `OK` and the first event of that id. The event is
    /// recorded once, and an import leaves it out.
    ///
    /// Google does not document whether its service does so. It is off by default, because a client should not rely on it.
    pub idempotent: bool,
}

impl Settings {
    pub(crate) fn policy(self) -> Policy {
        Policy { require_token: self.require_token, quota: self.quota }
    }
}
