//! The table of keys: every word that `#[talent(…)]` understands, where it can stand and what to write there.
//!
//! No other file spells a key in code: an attribute's key is looked up here once, and compared as a [`Key`] from then on.

use std::fmt;

/// Where an attribute can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    /// A struct that derives `TalentContext`.
    Context,
    Enum,
    Variant,
    Field,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Event,
    Job,
    Jobs,
    ManyJobs,
    RequestId,
    Notes,
    NotesOverflow,
    EventId,
    CreateTime,
    Private,
    Flatten,
    Transparent,
    Skip,
    Crate,
    Bound,
}

/// What a key takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Nothing.
    Flag,
    /// On a field nothing or `(with = path)`, as the field is the value; elsewhere a value.
    Role,
    /// A value.
    Value,
    /// `(T: Trait)`
    Bounds,
}

pub(crate) struct Row {
    pub(crate) key: Key,
    word: &'static str,
    pub(crate) form: Form,
    places: &'static [Place],
    /// What the value is, if it takes one.
    expects: &'static str,
    /// The right forms anywhere but on a field.
    forms: &'static str,
    /// What others call it.
    also: &'static [&'static str],
}

macro_rules! table {
    ($($key:ident $word:literal $form:ident [$($place:ident)+] $expects:literal $forms:literal [$($also:literal)*];)+) => {
        /// Every key, in the order in which errors list them.
        pub(crate) const KEYS: &[Row] = &[$(Row {
            key: Key::$key,
            word: $word,
            form: Form::$form,
            places: &[$(Place::$place),+],
            expects: $expects,
            forms: $forms,
            also: &[$($also),*],
        }),+];
    };
}

table! {
    Event "event" Value [Struct Variant] "an event type"
        "`event = View` or `event = self.kind()`"
        ["type" "kind" "event_type"];
    Job "job" Role [Struct Context Enum Variant Field] "a job"
        "`job = self.posting.name()`, `job = \"campaign\"` or `job = from_funnel`; or mark the field that holds it, `#[talent(job)]`"
        ["job_id" "job_name" "posting"];
    Jobs "jobs" Role [Struct Context Variant Field] "an expression of jobs"
        "`jobs = self.page.jobs()`; or mark the field that holds them, `#[talent(jobs)]`"
        ["job_ids" "job_names" "postings"];
    ManyJobs "many_jobs" Flag [Struct Variant] "" "`many_jobs`" [];
    RequestId "request_id" Role [Struct Context Enum Variant Field] "`from_session`, `none` or a template"
        "`request_id = from_session`, `request_id = none` or a template, `request_id = \"application-{user}-{job}\"`; or mark the field that holds it, `#[talent(request_id)]`"
        ["search" "search_id" "request"];
    Notes "notes" Role [Struct Context Enum Variant Field] "a template"
        "`notes = \"Applied via {channel}\"` or `notes(with = path)`; or mark the field that holds them, `#[talent(notes)]`"
        ["text" "message" "description" "note"];
    NotesOverflow "notes_overflow" Value [Struct Enum Variant] "`truncate` or `error`"
        "`notes_overflow = truncate`, which cuts notes of more than 1,000 characters, or `notes_overflow = error`"
        [];
    EventId "event_id" Role [Struct Context Variant Field] "a template"
        "`event_id = \"{application}-finish\"`; or mark the field that holds it, `#[talent(event_id)]`"
        ["id" "uuid"];
    CreateTime "create_time" Role [Field] "" "`#[talent(create_time)]`" ["time" "timestamp" "at" "when" "created_at" "date"];
    Private "private" Flag [Field] "" "`private`" ["secret" "sensitive" "pii"];
    Flatten "flatten" Flag [Field] "" "`flatten`" [];
    Transparent "transparent" Flag [Variant] "" "`transparent`" [];
    Skip "skip" Flag [Variant] "" "`skip`" ["ignore" "none"];
    Crate "crate" Value [Struct Context Enum] "a path" "`crate = ::path::to::talent_events`" [];
    Bound "bound" Bounds [Struct Context Enum] "bounds" "`bound(T: Trait, U: Other)`, as in a `where` clause" [];
}

/// The word inside a role: `job(with = path)`.
pub(crate) const WITH: &str = "with";

/// `job = from_funnel`
pub(crate) const FROM_FUNNEL: &str = "from_funnel";
/// `request_id = from_session`
pub(crate) const FROM_SESSION: &str = "from_session";
/// `request_id = none`
pub(crate) const NONE: &str = "none";
/// `notes_overflow = truncate`
pub(crate) const TRUNCATE: &str = "truncate";
/// `notes_overflow = error`
pub(crate) const ERROR: &str = "error";

/// The words that are values.
pub(crate) const WORDS: [&str; 5] = [FROM_FUNNEL, FROM_SESSION, NONE, TRUNCATE, ERROR];

impl Row {
    /// The row of this word.
    pub(crate) fn of(word: &str) -> Option<&'static Self> {
        KEYS.iter().find(|row| row.word == word)
    }

    /// The row of what others call this.
    pub(crate) fn also(word: &str) -> Option<&'static Self> {
        KEYS.iter().find(|row| row.also.contains(&word))
    }
}

impl Key {
    pub(crate) fn row(self) -> &'static Row {
        &KEYS[self as usize]
    }

    pub(crate) fn word(self) -> &'static str {
        self.row().word
    }

    pub(crate) fn fits(self, place: Place) -> bool {
        self.row().places.contains(&place)
    }

    /// Whether it says something without a value.
    pub(crate) fn stands_alone(self, place: Place) -> bool {
        match self.row().form {
            Form::Flag => true,
            Form::Role => place == Place::Field,
            Form::Value | Form::Bounds => false,
        }
    }

    /// What the value is.
    pub(crate) fn expects(self) -> &'static str {
        self.row().expects
    }

    /// What to write here, as the end of a sentence.
    pub(crate) fn forms(self, place: Place) -> String {
        match self.row().form {
            Form::Role if place == Place::Field => {
                format!("`#[talent({self})]` or `#[talent({self}(with = path))]`, since the field is the value")
            }
            _ => self.row().forms.to_owned(),
        }
    }

    /// `struct, variant or field`: where the key can stand. A context is a struct.
    pub(crate) fn places(self) -> String {
        let places = self.row().places.iter().filter(|place| **place != Place::Context);
        let names: Vec<_> = places.map(|place| place.name()).collect();
        match names.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => names.concat(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Place {
    /// The keys that can stand here.
    pub(crate) fn keys(self) -> impl Iterator<Item = Key> + Clone {
        KEYS.iter().map(|row| row.key).filter(move |key| key.fits(self))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Struct => "struct",
            Self::Context => "context",
            Self::Enum => "enum",
            Self::Variant => "variant",
            Self::Field => "field",
        }
    }

    pub(crate) fn with_article(self) -> String {
        let article = if self == Self::Enum { "an" } else { "a" };
        format!("{article} {}", self.name())
    }
}
