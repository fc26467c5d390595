//! The 15 types of a job event, as values ([`JobEventType`]) and as types (one marker each).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::InvalidField;

/// An event type as a Rust type. Only the 15 types of this module implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event type",
    label = "not one of the 15 types in `talent_events::types`",
    note = "write one of these, e.g. `types::View`; its value `JobEventType::View` is not a type"
)]
pub trait EventType: sealed::Sealed + 'static {
    /// The same type as a value.
    const TYPE: JobEventType;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! event_types {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal $google:literal $(($many:tt))?;)+) => {
        /// What a user did with a job, or what happened to their application.
        ///
        /// The numbers and names are Google's; so is what each type means. Types that Google may add later are not
        /// known here, and are refused where they are read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum JobEventType {
            $($(#[doc = $doc])+ $name = $number,)+
        }

        impl JobEventType {
            /// All types, by number.
            pub const ALL: [Self; 15] = [$(Self::$name),+];

            /// Google's name, e.g. `APPLICATION_START`.
            pub const fn google_name(self) -> &'static str {
                match self {
                    $(Self::$name => $google,)+
                }
            }

            /// Whether the type speaks of several jobs: IMPRESSION and NOTIFICATION do.
            ///
            /// That the others speak of one job is inferred from Google's text and examples, not said by Google.
            pub const fn speaks_of_many_jobs(self) -> bool {
                match self {
                    $(Self::$name => event_types!(@many $($many)?),)+
                }
            }
        }

        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name;

            impl sealed::Sealed for $name {}
            impl EventType for $name {
                const TYPE: JobEventType = JobEventType::$name;
            }
        )+
    };
    (@many many) => { true };
    (@many) => { false };
}

event_types! {
    /// Jobs were shown in compressed form, e.g. one page of results.
    Impression = 1 "IMPRESSION" (many);
    /// The full description was opened; a snippet in the results does not count.
    View = 2 "VIEW";
    /// Viewing led to another site.
    ViewRedirect = 3 "VIEW_REDIRECT";
    /// Somebody began, or clearly meant, to apply.
    ApplicationStart = 4 "APPLICATION_START";
    /// An application was submitted.
    ApplicationFinish = 5 "APPLICATION_FINISH";
    /// An application by one click, nothing entered. Sent alone: without start and finish.
    ApplicationQuickSubmission = 6 "APPLICATION_QUICK_SUBMISSION";
    /// Applying led to another site.
    ApplicationRedirect = 7 "APPLICATION_REDIRECT";
    /// An application was begun from the result page, without viewing the job.
    ApplicationStartFromSearch = 8 "APPLICATION_START_FROM_SEARCH";
    /// One click on the result page led to another site. Sent alone: without view, start and finish.
    ApplicationRedirectFromSearch = 9 "APPLICATION_REDIRECT_FROM_SEARCH";
    /// A company (for staffing agencies) submitted an application on the seeker's behalf.
    ApplicationCompanySubmit = 10 "APPLICATION_COMPANY_SUBMIT";
    /// Somebody showed interest by saving the job.
    Bookmark = 11 "BOOKMARK";
    /// Somebody was sent an alert with one or more jobs.
    Notification = 12 "NOTIFICATION" (many);
    /// Somebody was employed, through an application that a search of this service began.
    Hired = 13 "HIRED";
    /// A recruiter or agency submitted an application on the candidate's behalf.
    SentCv = 14 "SENT_CV";
    /// An initial interview, for an application that a search or recommendation of this service began.
    InterviewGranted = 15 "INTERVIEW_GRANTED";
}

impl JobEventType {
    /// The number on the wire, 1 to 15.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The type with this number on the wire; `None` for 0 (unspecified) and for numbers that are not known here.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.number() == number)
    }
}

/// Google's name.
impl fmt::Display for JobEventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.google_name())
    }
}

/// Reads Google's name, e.g. `VIEW`.
impl FromStr for JobEventType {
    type Err = InvalidField;

    fn from_str(name: &str) -> Result<Self, InvalidField> {
        Self::ALL.into_iter().find(|t| t.google_name() == name).ok_or_else(|| unknown(InvalidField::quote(name)))
    }
}

pub(crate) fn unknown(found: String) -> InvalidField {
    InvalidField::new(
        "job_event.type",
        found,
        "one of the 15 event types from IMPRESSION (1) to INTERVIEW_GRANTED (15), by name or number",
    )
}

/// Google's name, as in proto3 JSON.
impl Serialize for JobEventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.google_name())
    }
}

/// Google's name or the number, as in proto3 JSON: `"VIEW"`, `2`, and as its parsers also read it `2.0` and `"2"`.
impl<'de> Deserialize<'de> for JobEventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = JobEventType;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name or the number of a job event type")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<JobEventType, E> {
                match name.parse() {
                    Ok(number) => self.visit_i64(number),
                    Err(_) => name.parse().map_err(E::custom),
                }
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<JobEventType, E> {
                i32::try_from(number)
                    .ok()
                    .and_then(JobEventType::from_number)
                    .ok_or_else(|| E::custom(unknown(number.to_string())))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<JobEventType, E> {
                self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<JobEventType, E> {
                // The nearest whole number, which it has to be; beyond all numbers the last, which is no type.
                let whole = number as i64;
                if whole as f64 == number { self.visit_i64(whole) } else { Err(E::custom(unknown(number.to_string()))) }
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_proto3_json_reads_as_a_type_is_read() {
        let read = |text: &str| serde_json::from_str::<JobEventType>(text);
        for text in ["\"VIEW\"", "2", "2.0", "2e0", "\"2\""] {
            assert_eq!(read(text).unwrap(), JobEventType::View, "{text}");
        }
        for text in
            ["\"view\"", "\"\"", "\"2.0\"", "\"0\"", "0", "16", "2.5", "-2.0", "1e300", "\"99999999999999999999\""]
        {
            assert!(read(text).unwrap_err().to_string().contains("by name or number"), "{text}");
        }
    }
}
