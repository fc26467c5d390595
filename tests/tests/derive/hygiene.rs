//! The derive's code means the same wherever it lands.

#![allow(unreachable_pub)]

/// Names that generated code could stumble over.
mod without_prelude {
    #![no_implicit_prelude]
    #![deny(missing_docs, unused, clippy::all, clippy::pedantic)]
    #![allow(dead_code)]

    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Vec;
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;
    pub trait ToString {}
    pub trait Display {}
    pub mod core {}
    pub mod std {}
    pub mod talent_events {}

    /// A struct.
    #[derive(::talent_events::TalentEvent)]
    #[talent(event = View, notes = "{why} {n}", event_id = "{n}")]
    pub struct Opened<'a, T> {
        #[talent(job)]
        pub job: &'a str,
        #[talent(request_id)]
        pub search: &'a str,
        pub why: T,
        pub n: u8,
    }

    /// An enum.
    #[derive(::talent_events::TalentEvent)]
    #[talent(request_id = none)]
    pub enum Board<'a> {
        #[talent(event = Bookmark)]
        Saved {
            #[talent(job)]
            job: &'a str,
            #[talent(notes)]
            w: ::std::option::Option<&'a str>,
        },
        #[talent(event = Hired, notes = "{0}")]
        Hired(#[talent(job)] &'a str),
        #[talent(skip)]
        Heartbeat,
        #[talent(transparent)]
        Opened(Opened<'a, u8>),
    }
}

mod re_exported {
    pub mod sdk {
        pub use talent_events as events;
    }

    #[derive(talent_events::TalentEvent)]
    #[talent(event = Impression, request_id = none, crate = crate::hygiene::re_exported::sdk::events)]
    pub struct Page(#[talent(jobs)] pub Vec<String>);

    #[derive(talent_events::TalentEvent)]
    #[talent(event = View, request_id = none, crate = ::talent_events)]
    pub struct Opened(#[talent(job)] pub String);
}

macro_rules! an_event {
    ($name:ident, $event_type:ident, $field:ident: $ty:ty, $notes:literal) => {
        #[derive(talent_events::TalentEvent)]
        #[talent(event = $event_type, request_id = none, notes = $notes, event_id = "{type:>2}")]
        struct $name {
            #[talent(job)]
            $field: $ty,
            r#type: u8,
        }
    };
}
an_event!(FromMacro, View, r#match: String, "match {match}");

#[test]
fn shadowed_names_are_not_stumbled_over() {
    let opened = || without_prelude::Opened { job: "1", search: "s", why: 3_u8, n: 7 };
    assert_eq!(super::sent(&opened()).event_notes, "3 7");
    assert_eq!(super::sent(&without_prelude::Board::Saved { job: "1", w: Some("w") }).event_notes, "w");
    assert_eq!(super::sent(&without_prelude::Board::Hired("1")).event_notes, "1");
    assert_eq!(super::sent(&without_prelude::Board::Opened(opened())).event_id, "7");
    assert!(super::encode(&without_prelude::Board::Heartbeat).unwrap().is_none());
}

#[test]
fn a_re_exported_crate() {
    assert_eq!(super::jobs(&super::sent(&re_exported::Page(vec!["1".into()]))).len(), 1);
    assert_eq!(super::jobs(&super::sent(&re_exported::Opened("1".into()))).len(), 1);
}

#[test]
fn raw_identifiers_and_macros() {
    let event = FromMacro { r#match: "m".into(), r#type: 5 };
    let event = super::sent(&event);
    assert_eq!((&*event.event_notes, &*event.event_id), ("match m", " 5"));
}

/// Names that the derive's own could meet.
mod same_names {
    use talent_events::TalentEvent;
    use talent_events::event::AsJob;

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none, notes = "{w} {write:>3}", job = <Self as Named<u8, u8>>::name(self) + "-x")]
    pub struct Opened<__Type> {
        pub w: __Type,
        pub r#write: u8,
    }

    pub trait Named<A, B> {
        fn name(&self) -> String;
    }

    impl<T> Named<u8, u8> for Opened<T> {
        fn name(&self) -> String {
            "a".into()
        }
    }

    #[allow(non_camel_case_types)]
    #[derive(TalentEvent)]
    #[talent(request_id = none)]
    pub enum Event<'__absent, T: AsJob> {
        #[talent(event = Hired)]
        r#try(#[talent(job)] T),
        #[talent(event = View)]
        View {
            #[talent(job)]
            r#self_: &'__absent str,
        },
    }

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none, notes = "{1:>2$}|{1:.3$}")]
    pub struct Padded(#[talent(job)] pub &'static str, pub f64, pub usize, pub usize);
}

#[test]
fn names_of_the_users_meet_none_of_the_derives() {
    let event = super::sent(&same_names::Padded("1", 2.5, 6, 2));
    assert_eq!(event.event_notes, "   2.5|2.50");
    let viewed: same_names::Event<'_, String> = same_names::Event::View { self_: "1" };
    assert_eq!(super::jobs(&super::sent(&viewed)).len(), 1);
    let opened = same_names::Opened { w: "w", r#write: 7 };
    let event = super::sent(&opened);
    assert_eq!((&*event.event_notes, super::jobs(&event)), ("w   7", vec!["projects/acme/tenants/board/jobs/a-x"]));
    let hired: same_names::Event<'_, String> = same_names::Event::r#try("1".into());
    assert_eq!(talent_events::TalentEvent::descriptor(&hired).name, "Event::try");
    assert_eq!(super::job_event(&super::sent(&hired)).r#type, 13);
}
