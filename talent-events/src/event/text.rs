//! What the four validated texts ([`TenantName`](super::TenantName), [`JobName`](super::JobName),
//! [`RequestId`](super::RequestId), [`EventId`](super::EventId)) have in common.

/// Gives a newtype over `Arc<str>` with a `fn check(&str) -> Result<(), InvalidField>` its conversions: from
/// text, back to text, comparing with text, serde as a string. `FromStr` stands beside its error, in `track`. Cloning one counts a reference.
macro_rules! validated_text {
    ($name:ident, $what:literal) => {
        impl $name {
            #[doc = concat!("Reads ", $what, ", or says what is wrong with the text.")]
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidField> {
                let text = text.as_ref();
                Self::check(text)?;
                Ok(Self(text.into()))
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidField;

            fn try_from(text: &str) -> Result<Self, InvalidField> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidField;

            fn try_from(text: String) -> Result<Self, InvalidField> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        /// For assertions and look-ups.
        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.as_str() == text
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                self.as_str() == *text
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use validated_text;

/// Whether any character of the text is a control character, as `char::is_control` has it.
pub(super) const fn has_control(text: &str) -> bool {
    let text = text.as_bytes();
    let mut i = 0;
    while i < text.len() {
        // U+0080 to U+009F are two bytes.
        let c1 = text[i] == 0xc2 && text[i + 1] < 0xa0;
        if text[i] < 0x20 || text[i] == 0x7f || c1 {
            return true;
        }
        i += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_control;
    use crate::{EventId, JobName, RequestId, TenantName};

    #[test]
    fn names_and_ids_compare_with_text() {
        let text = String::from("projects/acme/tenants/board");
        let tenant = TenantName::new(&text).unwrap();
        assert_eq!(tenant, "projects/acme/tenants/board");
        assert_eq!(tenant, *text.as_str());
        assert_ne!(tenant, "projects/acme/tenants/Board");
        assert_eq!(JobName::new("projects/acme/tenants/board/jobs/42").unwrap(), "projects/acme/tenants/board/jobs/42");
        assert_eq!(RequestId::new("search-7f").unwrap(), "search-7f");
        assert_eq!(EventId::new("e-1").unwrap(), "e-1");
    }

    #[test]
    fn control_characters_are_those_of_std() {
        for c in ('\0'..='\u{2ff}').chain(['語', '\u{2028}', '🦀']) {
            assert_eq!(has_control(&format!("a{c}b")), c.is_control(), "{c:?}");
            assert_eq!(has_control(&c.to_string()), c.is_control(), "{c:?}");
        }
    }
}
