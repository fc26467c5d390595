//! What is known of an event while its crate is compiled: constants that the derive writes call these, and a broken rule
//! panics.

use crate::event::limits::{MAX_EVENT_ID_BYTES, MAX_JOBS, MAX_NOTES_CHARS};
use crate::event::rules::{CannotFollow, Stage, Step};
use crate::event::text::has_control;
use crate::event::{ContextDescriptor, JobEventType, JobName, RequestIdSource};

use super::describe::context_with_contexts;

/// The roles that a check names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Job,
    RequestId,
    EventId,
    CreateTime,
    Notes,
}

impl Role {
    const ALL: [Self; 5] = [Self::Job, Self::RequestId, Self::EventId, Self::CreateTime, Self::Notes];

    const fn is_given(self, context: &ContextDescriptor) -> bool {
        match self {
            Self::Job => context.jobs.is_some(),
            Self::RequestId => context.request_id.is_some(),
            Self::EventId => context.event_id,
            Self::CreateTime => context.create_time,
            Self::Notes => context.notes.is_some(),
        }
    }

    const fn given_twice(self) -> &'static str {
        match self {
            Self::Job => "the job is given twice: by ",
            Self::RequestId => "the request id is given twice: by ",
            Self::EventId => "the event id is given twice: by ",
            Self::CreateTime => "the time is given twice: by ",
            Self::Notes => "the notes are given twice: by ",
        }
    }

    const fn once(self, name: &str) -> Words {
        match self {
            Self::Notes => Words::new("\nhelp: name the context in a `notes` template, `{")
                .with(name)
                .with("}`, or remove one of the two"),
            _ => Words::new("\nhelp: remove one of the two"),
        }
    }
}

/// A role that the event gives itself, by what the second text says, and a flattened context of this name too.
#[track_caller]
pub const fn check_apart([context]: &[ContextDescriptor; 1], name: &str, own: &[(Role, &str)]) {
    let mut i = 0;
    while i < own.len() {
        let (role, giver) = own[i];
        if role.is_given(context) {
            let words = Words::new(role.given_twice()).with(giver).with(" and by the flattened `").with(name).with("`");
            words.with_words(&role.once(name)).panic();
        }
        i += 1;
    }
}

/// A role that two flattened contexts give, or a job and a request id of theirs that cannot stand together.
#[track_caller]
pub const fn check_two_apart([a, b]: &[ContextDescriptor; 2], first: &str, second: &str, both_notes: bool) {
    let mut i = 0;
    while i < Role::ALL.len() {
        let role = Role::ALL[i];
        if role.is_given(a) && role.is_given(b) && (both_notes || !matches!(role, Role::Notes)) {
            let words =
                Words::new(role.given_twice()).with("the flattened `").with(first).with("` and by the flattened `");
            words.with(second).with("`").with_words(&role.once(second)).panic();
        }
        i += 1;
    }
    if a.job_from_funnel {
        check_has_search(&[*b]);
    }
    if b.job_from_funnel {
        check_has_search(&[*a]);
    }
}

const FUNNEL_WITHOUT_SEARCH: &str = "`job = from_funnel` beside `request_id = none`: a funnel continues a search and has its request id\nhelp: write `request_id = from_session`, or name the job";

/// The job is the funnel's, and the context says that there was no search.
#[track_caller]
pub const fn check_has_search([context]: &[ContextDescriptor; 1]) {
    if matches!(context.request_id, Some(RequestIdSource::None)) {
        panic!("{}", FUNNEL_WITHOUT_SEARCH);
    }
}

/// There was no search, and the context's job is the funnel's.
#[track_caller]
pub const fn check_has_job([context]: &[ContextDescriptor; 1]) {
    if context.job_from_funnel {
        panic!("{}", FUNNEL_WITHOUT_SEARCH);
    }
}

/// The event's notes name a context that gives none.
#[track_caller]
pub const fn check_gives_notes([context]: &[ContextDescriptor; 1], name: &str) {
    if context.notes.is_none() && !context.broken {
        let words = Words::new("`{").with(name).with("}` stands for the notes of the flattened `").with(name);
        words.with("`, which gives none\nhelp: take it out of the template, or give the context `notes`").panic();
    }
}

/// No job of the event's own, and none of its contexts'.
#[track_caller]
pub const fn check_job_given<const N: usize>(contexts: &[ContextDescriptor; N], event: &str, names: &str) {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    if all.jobs.is_none() && !all.broken {
        let words = Words::new("`").with(event).with("` has no job, and neither has the flattened ").with(names);
        words.with("\nhelp: mark a field `#[talent(job)]`, here or there").panic();
    }
}

/// No request id of the event's own, and none of its contexts'.
#[track_caller]
pub const fn check_request_id_given<const N: usize>(contexts: &[ContextDescriptor; N], event: &str, names: &str) {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    if all.request_id.is_none() && !all.broken {
        let words = Words::new("`").with(event).with("` has no request id, and neither has the flattened ").with(names);
        let words =
            words.with("; Google discards such events\nhelp: mark a field `#[talent(request_id)]`, here or there");
        words.with("\nhelp: or write `request_id = from_session` or `request_id = none`").panic();
    }
}

/// `many_jobs`, and no context that gives several.
#[track_caller]
pub const fn check_several_given<const N: usize>(contexts: &[ContextDescriptor; N]) {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    if all.jobs.is_some() && !all.several_jobs {
        panic!("`many_jobs` beside a context that gives a single job\nhelp: remove it");
    }
}

/// Several jobs of a context on a type of one job, or one of the funnel on a type that no funnel takes.
#[track_caller]
pub const fn check_flattened_jobs([context]: &[ContextDescriptor; 1], event_type: JobEventType) {
    if context.job_from_funnel {
        check_of_one_application(event_type);
    }
    if context.several_jobs && !event_type.speaks_of_many_jobs() {
        panic!(
            "the context gives several jobs, and this event type takes one\nhelp: send one event per job, or add `many_jobs` if several are meant"
        );
    }
}

/// `[T; len]` in the role of the jobs.
#[track_caller]
pub const fn check_array_of_jobs(len: usize) {
    if len == 0 {
        panic!("expected at least one job, found an array of none");
    }
    if len > MAX_JOBS {
        panic!("expected at most 500 jobs, found a longer array\nhelp: send several events");
    }
}

/// A job that is the same for every event.
#[track_caller]
pub const fn check_job_name(name: &str) {
    if !JobName::is_name_or_bare_id(name) {
        panic!(
            "this text names no job\nhelp: write `projects/{{project}}/tenants/{{tenant}}/jobs/{{job}}`, or a bare id without `/`"
        );
    }
}

/// A template for notes whose own text is too long.
#[track_caller]
pub const fn check_notes_template(template: &str) {
    if literal_part(template).1 > MAX_NOTES_CHARS {
        panic!(
            "expected at most 1,000 characters of notes, found more before anything is filled in\nhelp: shorten the text"
        );
    }
}

/// A template for a request id or an event id that makes no valid one whatever is filled in.
#[track_caller]
pub const fn check_id_template(template: &str) {
    if template.is_empty() {
        panic!("an id cannot be empty");
    }
    if has_control(template) {
        panic!("an id cannot hold a control character such as a line break or a tab");
    }
    if literal_part(template).0 > MAX_EVENT_ID_BYTES {
        panic!(
            "expected at most 4,096 bytes of an id, found more before anything is filled in\nhelp: shorten the text"
        );
    }
}

/// How many bytes and characters of a template stand outside its braces; `{{` and `}}` are one each.
const fn literal_part(template: &str) -> (usize, usize) {
    let text = template.as_bytes();
    let (mut bytes, mut chars, mut i) = (0, 0, 0);
    while i < text.len() {
        let doubled = i + 1 < text.len() && text[i + 1] == text[i];
        if text[i] == b'{' && !doubled {
            while i < text.len() && text[i] != b'}' {
                i += 1;
            }
            i += 1;
            continue;
        }
        if doubled && (text[i] == b'{' || text[i] == b'}') {
            i += 1;
        }
        bytes += 1;
        // Every byte but those that continue a character.
        if text[i] & 0xc0 != 0x80 {
            chars += 1;
        }
        i += 1;
    }
    (bytes, chars)
}

/// `jobs` without `many_jobs`, on a type of one job.
#[track_caller]
pub const fn check_many_jobs(event_type: JobEventType) {
    if !event_type.speaks_of_many_jobs() {
        panic!(
            "this event type takes one job\nhelp: write `job` and send one event per job, or add `many_jobs` if several are meant"
        );
    }
}

/// `many_jobs`, on a type of several jobs.
#[track_caller]
pub const fn check_one_job(event_type: JobEventType) {
    if event_type.speaks_of_many_jobs() {
        panic!("this event type takes several jobs by itself\nhelp: remove `many_jobs`");
    }
}

/// A job from the funnel, for an event that no funnel takes.
#[track_caller]
pub const fn check_of_one_application(event_type: JobEventType) {
    if let Step::Refused(CannotFollow::NotOfOneApplication) = Stage::Open.step(event_type) {
        panic!(
            "this event type belongs to the search, and no funnel takes it\nhelp: write `job` or `jobs` with what it names"
        );
    }
}

/// A message put together while the crate is compiled: a constant cannot format.
struct Words {
    text: [u8; 1024],
    len: usize,
}

impl Words {
    const fn new(text: &str) -> Self {
        Self { text: [0; 1024], len: 0 }.with(text)
    }

    /// Cut if there is no room left.
    const fn with(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.text.len() {
            self.text[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn with_words(self, words: &Self) -> Self {
        self.with(words.as_str())
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    #[track_caller]
    const fn panic(&self) -> ! {
        panic!("{}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::literal_part;

    #[test]
    fn the_literal_part_of_a_template() {
        for (template, text) in [
            ("", ""),
            ("by hand", "by hand"),
            ("via {channel}, {pages:>3} pages", "via ,  pages"),
            ("{{position}} {n}{m}", "{position} "),
            ("{a}}}{{{b}", "}{"),
            ("für {a} 🦀", "für  🦀"),
            ("unclosed {a", "unclosed "),
        ] {
            assert_eq!(literal_part(template), (text.len(), text.chars().count()), "{template:?}");
        }
    }
}
