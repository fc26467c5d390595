//! What a search is told of who searches.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::event::InvalidField;
use crate::event::limits::MAX_METADATA_CHARS;

/// Who searches, from where and with what device: goes with the app's own *search* call, never with an event.
///
/// Google links a user's searches by it. Session and user ids are to be **obfuscated** before they are given away
/// (Google's words): a keyed hash, say, the same for every search of that user. Neither is in the `Debug` form, in an
/// error or in a log of this crate; the serialised form has them.
///
/// A session id is not a request id. Events carry the request id that the search *answered*; one made of the session
/// id is synthetic, and its events are taken not to count.
///
/// Serialised it is proto3 JSON, as the REST API takes it; read, it is checked like a built one.
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
    /// Says them one by one.
    pub fn builder() -> RequestMetadataBuilder {
        RequestMetadataBuilder(Self::default())
    }

    /// The site that is searched, e.g. `jobs.example.com`; empty where it is not known.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The user's session; empty where it is not known.
    pub fn session_id(&self) -> &str {
        &self.session_id
    }

    /// The user; empty where it is not known.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Some of the three are not known.
    pub fn allow_missing_ids(&self) -> bool {
        self.allow_missing_ids
    }

    /// What the user searches with.
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

/// Makes [`RequestMetadata`].
#[derive(Clone, Debug)]
#[must_use = "it is made by `build`"]
pub struct RequestMetadataBuilder(RequestMetadata);

impl RequestMetadataBuilder {
    /// The site that is searched, e.g. `jobs.example.com`: each site of its own has one (Google). At most 255 characters
    /// (Google).
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.0.domain = domain.into();
        self
    }

    /// The user's session, obfuscated (Google). At most 255 characters (Google).
    pub fn session_id(mut self, session_id: impl Into<String>) -> Self {
        self.0.session_id = session_id.into();
        self
    }

    /// The user, obfuscated (Google). At most 255 characters (Google).
    pub fn user_id(mut self, user_id: impl Into<String>) -> Self {
        self.0.user_id = user_id.into();
        self
    }

    /// Some of domain, session id and user id can not be known. Google advises against it: its results get better by
    /// them.
    pub fn allow_missing_ids(mut self) -> Self {
        self.0.allow_missing_ids = true;
        self
    }

    /// What the user searches with.
    pub fn device_info(mut self, device_info: DeviceInfo) -> Self {
        self.0.device_info = Some(device_info);
        self
    }

    /// Checks it.
    ///
    /// # Errors
    ///
    /// A text of more than 255 characters, or a missing one without
    /// [`allow_missing_ids`](Self::allow_missing_ids) (both are Google's rules). The error does not repeat the text.
    pub fn build(self) -> Result<RequestMetadata, InvalidField> {
        self.0.check()
    }
}

/// What a user searches with.
///
/// The id is not in the `Debug` form.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "UncheckedDevice")]
pub struct DeviceInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_type: Option<DeviceType>,
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
}

impl DeviceInfo {
    /// A device of this type, without an id.
    pub fn new(device_type: DeviceType) -> Self {
        Self { device_type: Some(device_type), id: String::new() }
    }

    /// With an id that no other device has (Google). At most 255 characters (ours: Google gives this one no limit).
    ///
    /// # Errors
    ///
    /// It is longer. The error does not repeat it.
    pub fn with_id(self, id: impl Into<String>) -> Result<Self, InvalidField> {
        Self { id: id.into(), ..self }.check()
    }

    /// Its type; `None` where it is not specified.
    pub fn device_type(&self) -> Option<DeviceType> {
        self.device_type
    }

    /// Its id; empty where it has none.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn check(self) -> Result<Self, InvalidField> {
        check_length("request_metadata.device_info.id", &self.id).map(|()| self)
    }
}

/// Without the id.
impl fmt::Debug for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceInfo").field("device_type", &self.device_type).field("id", &Hidden(&self.id)).finish()
    }
}

/// A type of device. The numbers and names are Google's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum DeviceType {
    /// A browser on a computer.
    Web = 1,
    /// A browser on a phone.
    MobileWeb = 2,
    /// An Android app.
    Android = 3,
    /// An iOS app.
    Ios = 4,
    /// A program, not a person.
    Bot = 5,
    /// Something else.
    Other = 6,
}

impl DeviceType {
    /// All types, by number.
    pub const ALL: [Self; 6] = [Self::Web, Self::MobileWeb, Self::Android, Self::Ios, Self::Bot, Self::Other];

    /// The number on the wire, 1 to 6.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// Google's name, e.g. `MOBILE_WEB`.
    pub const fn google_name(self) -> &'static str {
        match self {
            Self::Web => "WEB",
            Self::MobileWeb => "MOBILE_WEB",
            Self::Android => "ANDROID",
            Self::Ios => "IOS",
            Self::Bot => "BOT",
            Self::Other => "OTHER",
        }
    }
}

/// Google's name, as in proto3 JSON.
impl Serialize for DeviceType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.google_name())
    }
}

const UNSPECIFIED: &str = "DEVICE_TYPE_UNSPECIFIED";

/// As in proto3 JSON: Google's name or the number, which may be that of the unspecified type.
fn device_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DeviceType>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "the name or the number of a device type")]
    enum Given {
        Number(i64),
        Name(String),
    }
    let unknown = |found: String| {
        de::Error::custom(InvalidField::new(
            "request_metadata.device_info.device_type",
            found,
            "one of WEB (1), MOBILE_WEB (2), ANDROID (3), IOS (4), BOT (5), OTHER (6), by name or number",
        ))
    };
    let mut all = DeviceType::ALL.into_iter();
    match Option::<Given>::deserialize(deserializer)? {
        None | Some(Given::Number(0)) => Ok(None),
        Some(Given::Name(name)) if name == UNSPECIFIED => Ok(None),
        Some(Given::Number(number)) => {
            all.find(|t| i64::from(t.number()) == number).map(Some).ok_or_else(|| unknown(number.to_string()))
        }
        Some(Given::Name(name)) => {
            all.find(|t| t.google_name() == name).map(Some).ok_or_else(|| unknown(InvalidField::quote(&name)))
        }
    }
}

/// As it is read, before it is checked. proto3 JSON reads `null` as the default.
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

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct UncheckedDevice {
    #[serde(alias = "device_type", deserialize_with = "device_type")]
    device_type: Option<DeviceType>,
    id: Option<String>,
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

impl TryFrom<UncheckedDevice> for DeviceInfo {
    type Error = InvalidField;

    fn try_from(UncheckedDevice { device_type, id }: UncheckedDevice) -> Result<Self, InvalidField> {
        Self { device_type, id: id.unwrap_or_default() }.check()
    }
}

/// The wire types, for a search call of the app's own.
#[cfg(feature = "client")]
mod wire {
    use super::{DeviceInfo, RequestMetadata};
    use crate::wire;

    impl From<&RequestMetadata> for wire::RequestMetadata {
        fn from(metadata: &RequestMetadata) -> Self {
            Self {
                domain: metadata.domain.clone(),
                session_id: metadata.session_id.clone(),
                user_id: metadata.user_id.clone(),
                allow_missing_ids: metadata.allow_missing_ids,
                device_info: metadata.device_info.as_ref().map(Into::into),
            }
        }
    }

    impl From<&DeviceInfo> for wire::DeviceInfo {
        fn from(device: &DeviceInfo) -> Self {
            Self { device_type: device.device_type.map_or(0, |t| t.number()), id: device.id.clone() }
        }
    }
}

/// The text itself is nobody's to see: whose it is.
fn check_length(field: &'static str, text: &str) -> Result<(), InvalidField> {
    // Bytes bound characters from above, so that short texts need no count.
    if text.len() <= MAX_METADATA_CHARS || text.chars().count() <= MAX_METADATA_CHARS {
        return Ok(());
    }
    Err(InvalidField::new(field, format!("{} characters", text.chars().count()), "at most 255 characters"))
}

/// Whether there is one is all that is shown.
struct Hidden<'t>(&'t str);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "hidden" })
    }
}
