//! The metadata of a search: who searches.

mod device;
mod text;
#[cfg(feature = "client")]
mod wire;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::TrackError;
use crate::event::InvalidField;
use text::{Hidden, check_length};

pub use device::{DeviceInfo, DeviceType};

/// Who searches, from which site and device. It goes with the app's own *search* call, never with an event.
///
/// Google links a user's searches by it. Google requires that session and user ids are **obfuscated**: use a keyed hash,
/// for example, the same for every search of that user. This crate shows neither in a `Debug` form, an error or a log. The
/// serialised form has them.
///
/// A session id is not a request id. Events carry the request id of the search's *response*. A request id made of the
/// session id is synthetic, and its events do not count.
///
/// Its serde form is proto3 JSON, as in the REST API. Deserialised metadata is checked like built metadata.
///
/// ```
/// use talent_events::sequence::{DeviceInfo, DeviceType, RequestMetadata};
///
/// let metadata = RequestMetadata::builder()
///     .domain("jobs.example.com")
///     .session_id("5f1d7a0c")
///     .user_id("c2b94e77")
///     .device_info(DeviceInfo::new(DeviceType::Web).with_id("browser-123")?)
///     .build()?;
/// assert_eq!(
///     serde_json::to_string(&metadata)?,
///     r#"{"domain":"jobs.example.com","sessionId":"5f1d7a0c","userId":"c2b94e77","deviceInfo":{"deviceType":"WEB","id":"browser-123"}}"#,
/// );
/// assert!(!format!("{metadata:?}").contains("c2b94e77"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Unchecked")]
pub struct RequestMetadata {
    #[serde(skip_serializing_if = "String::is_empty")]
    domain: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    session_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    user_id: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    allow_missing_ids: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_info: Option<DeviceInfo>,
}

impl RequestMetadata {
    /// Builds metadata part by part.
    pub fn builder() -> RequestMetadataBuilder {
        RequestMetadataBuilder(Self::default())
    }

    /// The site of the search, e.g. `jobs.example.com`. Empty if unknown.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The user's session. Empty if unknown.
    pub fn session_id(&self) -> &str {
        &self.session_id
    }

    /// The user. Empty if unknown.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Whether some of the three may be missing.
    pub fn allow_missing_ids(&self) -> bool {
        self.allow_missing_ids
    }

    /// The user's device.
    pub fn device_info(&self) -> Option<&DeviceInfo> {
        self.device_info.as_ref()
    }

    fn check(self) -> Result<Self, InvalidField> {
        for (field, text) in [
            ("request_metadata.domain", &self.domain),
            ("request_metadata.session_id", &self.session_id),
            ("request_metadata.user_id", &self.user_id),
        ] {
            check_length(field, text)?;
            if text.is_empty() && !self.allow_missing_ids {
                let help = "call `allow_missing_ids` if it cannot be known";
                return Err(InvalidField::new(field, "an empty text", "1 to 255 characters").with_help(help));
            }
        }
        Ok(self)
    }
}

/// Without the ids.
impl fmt::Debug for RequestMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestMetadata")
            .field("domain", &self.domain)
            .field("session_id", &Hidden(&self.session_id))
            .field("user_id", &Hidden(&self.user_id))
            .field("allow_missing_ids", &self.allow_missing_ids)
            .field("device_info", &self.device_info)
            .finish()
    }
}

/// Builds [`RequestMetadata`].
#[derive(Clone, Debug)]
#[must_use = "`build` makes the metadata"]
pub struct RequestMetadataBuilder(RequestMetadata);

impl RequestMetadataBuilder {
    /// Sets the site of the search, e.g. `jobs.example.com`. Each site has a domain of its own (Google). At most 255
    /// characters (Google).
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.0.domain = domain.into();
        self
    }

    /// Sets the user's session, obfuscated (Google). At most 255 characters (Google).
    pub fn session_id(mut self, session_id: impl Into<String>) -> Self {
        self.0.session_id = session_id.into();
        self
    }

    /// Sets the user, obfuscated (Google). At most 255 characters (Google).
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.0.user_id = user_id.into();
        self
    }

    /// Allows that domain, session id or user id are missing. Google advises against it: they improve its results.
    pub fn allow_missing_ids(mut self) -> Self {
        self.0.allow_missing_ids = true;
        self
    }

    /// Sets the user's device.
    pub fn device_info(mut self, device_info: DeviceInfo) -> Self {
        self.0.device_info = Some(device_info);
        self
    }

    /// Checks the metadata.
    ///
    /// # Errors
    ///
    /// [`TrackError::Invalid`] for a text of more than 255 characters, or a missing text without
    /// [`allow_missing_ids`](Self::allow_missing_ids) (both are Google's rules). The error does not repeat the text.
    pub fn build(self) -> Result<RequestMetadata, TrackError> {
        Ok(self.0.check()?)
    }
}

/// The form as it is read, before it is checked. proto3 JSON reads `null` as the default.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Unchecked {
    domain: Option<String>,
    #[serde(alias = "session_id")]
    session_id: Option<String>,
    #[serde(alias = "user_id")]
    user_id: Option<String>,
    #[serde(alias = "allow_missing_ids")]
    allow_missing_ids: Option<bool>,
    #[serde(alias = "device_info")]
    device_info: Option<DeviceInfo>,
}

impl TryFrom<Unchecked> for RequestMetadata {
    type Error = InvalidField;

    fn try_from(read: Unchecked) -> Result<Self, InvalidField> {
        Self {
            domain: read.domain.unwrap_or_default(),
            session_id: read.session_id.unwrap_or_default(),
            user_id: read.user_id.unwrap_or_default(),
            allow_missing_ids: read.allow_missing_ids.unwrap_or_default(),
            device_info: read.device_info,
        }
        .check()
    }
}
