//! The serde form of an encoded event, which keeps it over a restart.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::encoded::{EncodedMeta, Marks, RequestIdMark};
use super::{ClientEvent, EncodedEvent, InvalidEvent, InvalidField, TenantName};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stored {
    tenant: TenantName,
    event: ClientEvent,
    #[serde(default, skip_serializing_if = "is_false")]
    notes_truncated: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    synthetic_request_id: bool,
}

/// A mark that is not set is left out.
fn is_false(mark: &bool) -> bool {
    !mark
}

impl From<EncodedEvent> for Stored {
    fn from(event: EncodedEvent) -> Self {
        let (notes_truncated, synthetic_request_id) = (event.notes_truncated(), event.synthetic_request_id());
        Self { event: event.to_client_event(), tenant: event.tenant, notes_truncated, synthetic_request_id }
    }
}

impl Serialize for EncodedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EncodedEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Stored::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl TryFrom<Stored> for EncodedEvent {
    type Error = InvalidEvent;

    fn try_from(stored: Stored) -> Result<Self, InvalidEvent> {
        let Stored { tenant, event, notes_truncated, synthetic_request_id } = stored;
        let encoded = Self::from_client_event(&event, &tenant)?;
        let request_id = match (&event.request_id, synthetic_request_id) {
            (Some(_), false) => RequestIdMark::Given,
            (Some(_), true) => RequestIdMark::Synthetic,
            (None, false) => RequestIdMark::None,
            (None, true) => {
                let expected = "the made-up request id that `syntheticRequestId` marks";
                return Err(InvalidField::new("request_id", "nothing", expected).into());
            }
        };
        let meta = EncodedMeta { marks: Marks::new(request_id, notes_truncated), ..encoded.meta };
        Ok(Self { meta, ..encoded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Envelope, EventWriter};
    use crate::{JobEventType, RequestId};

    const PLAIN: &str = r#"{"tenant":"projects/acme/tenants/board","event":{"requestId":"search-7f","eventId":"e-1","createTime":"2026-02-03T09:30:00Z","jobEvent":{"type":"VIEW","jobs":["projects/12345/tenants/board/jobs/42"]},"eventNotes":"position 2"}}"#;

    fn read(json: &str) -> EncodedEvent {
        serde_json::from_str(json).unwrap()
    }

    fn refused(from: &str, to: &str) -> String {
        assert!(PLAIN.contains(from), "{from}");
        serde_json::from_str::<EncodedEvent>(&PLAIN.replacen(from, to, 1)).unwrap_err().to_string()
    }

    /// Files of today are read for years.
    #[test]
    fn the_form_stays_as_it_is() {
        let marked = PLAIN.replace(r#""position 2"}}"#, r#""…"},"notesTruncated":true,"syntheticRequestId":true}"#);
        let without = PLAIN.replace(r#""requestId":"search-7f","#, "");
        for (json, truncated, synthetic, none) in
            [(PLAIN, false, false, false), (&marked, true, true, false), (&without, false, false, true)]
        {
            let event = read(json);
            assert_eq!(serde_json::to_string(&event).unwrap(), json);
            assert_eq!(
                (event.notes_truncated(), event.synthetic_request_id(), event.without_request_id()),
                (truncated, synthetic, none),
                "{json}"
            );
            assert_eq!((event.event_id(), event.tenant().tenant()), ("e-1", "board"));
        }
    }

    #[test]
    fn what_the_writer_noticed_is_kept() {
        let tenant: TenantName = "projects/acme/tenants/board".parse().unwrap();
        let user = RequestId::new("application-jane-42").unwrap();
        let mut w = EventWriter::new(Envelope::new(&tenant).with_synthetic_request_id(&user));
        w.event_type(JobEventType::View).unwrap();
        w.request_id_from_session().unwrap();
        w.job("42").unwrap();
        w.notes_text(&"n".repeat(1_001)).unwrap();
        let event = w.finish().unwrap();
        let again = read(&serde_json::to_string(&event).unwrap());
        assert!(again.notes_truncated() && again.synthetic_request_id());
        assert_eq!((again.to_client_event(), again.tenant()), (event.to_client_event(), event.tenant()));
    }

    #[test]
    fn every_rule_holds_on_the_way_in() {
        for (from, to, words) in [
            ("\"projects/acme/tenants/board\"", "\"board\"", "tenant"),
            (
                "projects/acme/tenants/board",
                "projects/acme/tenants/other",
                "expected a job of `projects/acme/tenants/other`",
            ),
            ("[\"projects/12345/tenants/board/jobs/42\"]", "[]", "1 to 500 jobs"),
            ("position 2", &"n".repeat(1_001), "at most 1000 characters"),
            ("e-1", "", "an empty text"),
            ("VIEW", "VEW", "VEW"),
            ("\"eventNotes\"", "\"notes\"", "unknown field `notes`"),
            ("\"tenant\"", "\"parent\"", "unknown field `parent`"),
            ("\"event\":", "\"synthetic\":true,\"event\":", "unknown field `synthetic`"),
            (
                "\"event\":{\"requestId\":\"search-7f\",",
                "\"syntheticRequestId\":true,\"event\":{",
                "that `syntheticRequestId` marks",
            ),
        ] {
            let error = refused(from, to);
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        for end in (0..PLAIN.len()).filter(|end| PLAIN.is_char_boundary(*end)) {
            serde_json::from_str::<EncodedEvent>(&PLAIN[..end]).unwrap_err();
        }
    }
}
