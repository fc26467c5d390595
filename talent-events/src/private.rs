//! What the derive's code calls. Not for anybody else, and free to change.

use std::fmt;
use std::marker::PhantomData;

pub use std::fmt::{Binary, Debug, Display, LowerExp, LowerHex, Octal, Pointer, UpperExp, UpperHex};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Ok};
pub use std::{format_args, unreachable};

/// An expression as it was written, which may not be one yet.
#[doc(hidden)]
#[macro_export]
macro_rules! __talent_expression {
    ($value:expr) => {
        $value
    };
}
pub use __talent_expression as expression;

use crate::Answers;
pub use crate::event::Kind;
use crate::event::limits::{MAX_EVENT_ID_BYTES, MAX_JOBS, MAX_NOTES_CHARS, MAX_SEGMENT_BYTES};
use crate::event::rules::{Refusal, Stage, Step};
use crate::event::{ContextDescriptor, EventDescriptor, JobEventType, RequestIdSource};

/// The descriptor of an event.
pub const fn descriptor(
    name: &'static str,
    event_type: Option<JobEventType>,
    jobs: &'static str,
    request_id: RequestIdSource,
    notes: Option<&'static str>,
    doc: &'static str,
) -> EventDescriptor {
    EventDescriptor { name, event_type, jobs, request_id, notes, doc, skipped: false }
}

/// The descriptor of a variant that is not sent.
pub const fn skipped(name: &'static str, doc: &'static str) -> EventDescriptor {
    EventDescriptor { doc, skipped: true, ..EventDescriptor::new(name) }
}

/// The descriptor at this place, where the derive put one.
pub const fn kind<E: Answers + ?Sized>(index: usize) -> &'static EventDescriptor {
    match &E::KINDS[index] {
        Kind::Event(descriptor) => descriptor,
        Kind::Inner(_) | Kind::Unknown(_) => unreachable!(),
    }
}

/// `Of::<T>::kinds` is the function here where `T` says what it can send, else that of [`KindsUnknown`]: what is in a
/// transparent variant need not say it.
#[doc(hidden)]
pub struct Of<T: ?Sized>(PhantomData<T>);

impl<T: Answers + ?Sized> Of<T> {
    pub fn kinds() -> &'static [Kind] {
        T::KINDS
    }
}

#[doc(hidden)]
pub trait KindsUnknown {
    fn kinds() -> &'static [Kind];
}

impl<T: ?Sized> KindsUnknown for Of<T> {
    fn kinds() -> &'static [Kind] {
        const { &[Kind::Unknown(std::any::type_name::<T>)] }
    }
}

/// The descriptor of what a context gives.
pub const fn context(
    jobs: Option<&'static str>,
    several_jobs: bool,
    request_id: Option<RequestIdSource>,
    event_id: bool,
    create_time: bool,
    notes: Option<&'static str>,
    job_from_funnel: bool,
) -> ContextDescriptor {
    let mut context = ContextDescriptor::new();
    context.jobs = jobs;
    context.several_jobs = several_jobs;
    context.request_id = request_id;
    context.event_id = event_id;
    context.create_time = create_time;
    context.notes = notes;
    context.job_from_funnel = job_from_funnel;
    context
}

/// What is left of a context after an error in it.
pub const BROKEN_CONTEXT: ContextDescriptor = {
    let mut context = ContextDescriptor::new();
    context.broken = true;
    context
};

/// A context and those that it flattens, as one.
pub const fn context_with_contexts(own: ContextDescriptor, contexts: &[ContextDescriptor]) -> ContextDescriptor {
    let mut all = own;
    let mut i = 0;
    while i < contexts.len() {
        let more = &contexts[i];
        if more.jobs.is_some() {
            (all.jobs, all.several_jobs) = (more.jobs, more.several_jobs);
        }
        if more.request_id.is_some() {
            all.request_id = more.request_id;
        }
        all.event_id |= more.event_id;
        all.create_time |= more.create_time;
        all.job_from_funnel |= more.job_from_funnel;
        all.broken |= more.broken;
        if more.notes.is_some() {
            all.notes = more.notes;
        }
        i += 1;
    }
    all
}

/// The descriptor of an event that flattens contexts.
pub const fn with_contexts(own: EventDescriptor, contexts: &[ContextDescriptor]) -> EventDescriptor {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    let mut event = own;
    if let Some(jobs) = all.jobs {
        event.jobs = jobs;
    }
    if let Some(request_id) = all.request_id {
        event.request_id = request_id;
    }
    if all.notes.is_some() {
        event.notes = all.notes;
    }
    event
}

/// A role that the event gives itself, and a flattened context too. The words are for job, request id, event id, time
/// and notes.
#[track_caller]
pub const fn check_apart(context: &[ContextDescriptor; 1], own: &ContextDescriptor, words: [&str; 5]) {
    check_two_apart(&[context[0], *own], words);
}

/// A role that two flattened contexts give, or a job and a request id of theirs that can not stand together.
#[track_caller]
pub const fn check_two_apart([a, b]: &[ContextDescriptor; 2], words: [&str; 5]) {
    let both = [
        a.jobs.is_some() && b.jobs.is_some(),
        a.request_id.is_some() && b.request_id.is_some(),
        a.event_id && b.event_id,
        a.create_time && b.create_time,
        a.notes.is_some() && b.notes.is_some(),
    ];
    let mut i = 0;
    while i < both.len() {
        if both[i] {
            panic!("{}", words[i]);
        }
        i += 1;
    }
    let [a_without, b_without] =
        [matches!(a.request_id, Some(RequestIdSource::None)), matches!(b.request_id, Some(RequestIdSource::None))];
    if a.job_from_funnel && b_without || b.job_from_funnel && a_without {
        panic!(
            "the job comes from a funnel, which goes on from a search, and yet there is `request_id = none`: write `request_id = from_session` instead, or name the job"
        );
    }
}

/// No job of the event's own, and none of its contexts'.
#[track_caller]
pub const fn check_job_given<const N: usize>(contexts: &[ContextDescriptor; N], words: &str) {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    if all.jobs.is_none() && !all.broken {
        panic!("{}", words);
    }
}

/// No request id of the event's own, and none of its contexts'.
#[track_caller]
pub const fn check_request_id_given<const N: usize>(contexts: &[ContextDescriptor; N], words: &str) {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    if all.request_id.is_none() && !all.broken {
        panic!("{}", words);
    }
}

/// `many_jobs`, and no context that gives several.
#[track_caller]
pub const fn check_several_given<const N: usize>(contexts: &[ContextDescriptor; N]) {
    let all = context_with_contexts(ContextDescriptor::new(), contexts);
    if all.jobs.is_some() && !all.several_jobs {
        panic!("`many_jobs` speaks of several jobs, but what is flattened gives one: remove it");
    }
}

/// Several jobs of a context on a type that speaks of one job, or one of the funnel on a type that no funnel takes.
#[track_caller]
pub const fn check_flattened_jobs(context: &[ContextDescriptor; 1], event_type: JobEventType) {
    if context[0].job_from_funnel {
        check_of_one_application(event_type);
    }
    if context[0].several_jobs && !event_type.speaks_of_many_jobs() {
        panic!(
            "what is flattened gives several jobs, but this event type speaks of one job: send one event per job; or add `many_jobs` if several are meant"
        );
    }
}

/// `[T; len]` in the role of the jobs.
#[track_caller]
pub const fn check_array_of_jobs(len: usize) {
    if len == 0 {
        panic!("this array names no job, and an event names at least one");
    }
    if len > MAX_JOBS {
        panic!("this array names more than 500 jobs, the most that one event can hold: send several events");
    }
}

/// A job that is the same for every event.
#[track_caller]
pub const fn check_job_name(name: &str) {
    if !is_job_name(name) {
        panic!(
            "this names no job: write `projects/{{project}}/tenants/{{tenant}}/jobs/{{job}}`, or a bare id without `/`"
        );
    }
}

/// Answers as `JobName::new` does, or, for a text without `/`, as `TenantName::job`.
const fn is_job_name(name: &str) -> bool {
    let text = name.as_bytes();
    let words: [&[u8]; 6] = [b"projects", b"", b"tenants", b"", b"jobs", b""];
    let (mut segment, mut start, mut i) = (0, 0, 0);
    while i <= text.len() {
        if i < text.len() && text[i] != b'/' {
            i += 1;
            continue;
        }
        let len = i - start;
        let bare = segment == 0 && i == text.len();
        if bare || segment < 6 && segment % 2 == 1 {
            if len == 0 || len > MAX_SEGMENT_BYTES {
                return false;
            }
        } else if segment >= 6 || !same(text.split_at(start).1, words[segment], len) {
            return false;
        }
        if bare {
            return !has_control(name);
        }
        segment += 1;
        start = i + 1;
        i += 1;
    }
    segment == 6 && !has_control(name)
}

/// Whether the text begins with the word, which is `len` long.
const fn same(text: &[u8], word: &[u8], len: usize) -> bool {
    if word.len() != len {
        return false;
    }
    let mut i = 0;
    while i < len {
        if text[i] != word[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A template for notes whose own text leaves no room.
#[track_caller]
pub const fn check_notes_template(template: &str) {
    if literal_part(template).1 > MAX_NOTES_CHARS {
        panic!(
            "the text of these notes is longer than 1,000 characters, the most that notes can hold, before anything is filled in: shorten it"
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
        panic!("this text is longer than 4,096 bytes, the most that an id can hold: shorten it");
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

/// Answers as `char::is_control` does of any of its characters.
const fn has_control(text: &str) -> bool {
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

/// `jobs` without `many_jobs`, on a type that speaks of one job.
#[track_caller]
pub const fn check_many_jobs(event_type: JobEventType) {
    if !event_type.speaks_of_many_jobs() {
        panic!(
            "this event type speaks of one job: write `job`, and send one event per job; or add `many_jobs` if several are meant"
        );
    }
}

/// `many_jobs`, on a type that speaks of several jobs.
#[track_caller]
pub const fn check_one_job(event_type: JobEventType) {
    if event_type.speaks_of_many_jobs() {
        panic!("this event type speaks of several jobs by itself: remove `many_jobs`");
    }
}

/// A job from the funnel, for an event that no funnel takes.
#[track_caller]
pub const fn check_of_one_application(event_type: JobEventType) {
    if let Step::Refused(Refusal::NotOfOneApplication) = Stage::Open.step(event_type) {
        panic!(
            "this event type belongs to the search, and no funnel takes it: write `job` or `jobs` with what it names"
        );
    }
}

/// Stands in a template's scope for a field marked `private`: nothing can be displayed of it.
#[doc(hidden)]
pub struct PrivateField<Why>(PhantomData<Why>);

/// In place of a field marked `private`.
pub const PRIVATE: PrivateField<Private> = PrivateField(PhantomData);

#[doc(hidden)]
pub struct Private;

/// Implemented by nobody.
#[diagnostic::on_unimplemented(
    message = "a field marked `private` cannot be named in a template",
    label = "this field is private",
    note = "take it out of the template, or take `private` off the field"
)]
pub trait NotPrivate {}

impl<Why: NotPrivate> fmt::Display for PrivateField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<Why: NotPrivate> fmt::Debug for PrivateField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Stands in a template's scope for a field that only other variants have.
#[doc(hidden)]
pub struct OtherField<Why>(PhantomData<Why>);

/// In place of a field that only other variants have.
pub const OTHER_VARIANT: OtherField<OtherVariant> = OtherField(PhantomData);

#[doc(hidden)]
pub struct OtherVariant;

/// Implemented by nobody.
#[diagnostic::on_unimplemented(
    message = "a template names the fields of its own variant",
    label = "this field belongs to another variant",
    note = "take it out of the template, or give this variant a field of that name"
)]
pub trait OfThisVariant {}

impl<Why: OfThisVariant> fmt::Display for OtherField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<Why: OfThisVariant> fmt::Debug for OtherField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{has_control, is_job_name, literal_part};
    use crate::{JobName, TenantName};

    #[test]
    fn a_constant_job_is_judged_as_at_run_time() {
        let tenant: TenantName = "projects/p/tenants/t".parse().unwrap();
        let [fits, long] = [255, 256].map(|n| "x".repeat(n));
        let full = |job: &str| format!("projects/p/tenants/t/jobs/{job}");
        for name in [
            "",
            "/",
            "42",
            "stellenangebot-ä",
            "a\tb",
            &fits,
            &long,
            "projects",
            "projects/",
            "projects/p",
            "projects/p/tenants/t",
            "projects/p/tenants/t/jobs",
            "projects/p/tenants/t/jobs/",
            "projects/p/tenants/t/jobs/1",
            "projects/p/tenants/t/jobs/1/",
            "projects/p/tenants/t/jobs/1/2",
            "projects//tenants/t/jobs/1",
            "project/p/tenants/t/jobs/1",
            "projects/p/companies/t/jobs/1",
            "projects/p/tenants/t/job/1",
            "/projects/p/tenants/t/jobs/1",
            "projects/p/tenants/t/jobs/\u{85}",
            &full(&fits),
            &full(&long),
        ] {
            let expected = if name.contains('/') { JobName::new(name).is_ok() } else { tenant.job(name).is_ok() };
            assert_eq!(is_job_name(name), expected, "{name:?}");
        }
    }

    #[test]
    fn control_characters_are_those_of_std() {
        for c in ('\0'..='\u{2ff}').chain(['語', '\u{2028}', '🦀']) {
            assert_eq!(has_control(&format!("a{c}b")), c.is_control(), "{c:?}");
            assert_eq!(has_control(&c.to_string()), c.is_control(), "{c:?}");
        }
    }

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
