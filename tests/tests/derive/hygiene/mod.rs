//! The derive's code means the same wherever it lands: one file of items, in every setting.

/// As a cautious user writes.
mod with_every_lint {
    #![deny(missing_docs, unused, deprecated, unreachable_pub, unused_qualifications, single_use_lifetimes)]
    #![deny(non_camel_case_types, clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
    #![deny(
        clippy::absolute_paths,
        clippy::allow_attributes,
        clippy::allow_attributes_without_reason,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::default_numeric_fallback,
        clippy::else_if_without_else,
        clippy::expect_used,
        clippy::if_then_some_else_none,
        clippy::indexing_slicing,
        clippy::let_underscore_must_use,
        clippy::let_underscore_untyped,
        clippy::min_ident_chars,
        clippy::missing_assert_message,
        clippy::mod_module_files,
        clippy::multiple_inherent_impl,
        clippy::panic_in_result_fn,
        clippy::pattern_type_mismatch,
        clippy::question_mark_used,
        clippy::ref_patterns,
        clippy::same_name_method,
        clippy::self_named_module_files,
        clippy::shadow_reuse,
        clippy::shadow_same,
        clippy::shadow_unrelated,
        clippy::std_instead_of_alloc,
        clippy::std_instead_of_core,
        clippy::str_to_string,
        clippy::try_err,
        clippy::unneeded_field_pattern,
        clippy::unreachable,
        clippy::unwrap_used,
        clippy::use_debug,
        clippy::wildcard_enum_match_arm
    )]
    #![allow(
        dead_code,
        non_camel_case_types,
        unreachable_pub,
        clippy::absolute_paths,
        clippy::cargo,
        clippy::min_ident_chars,
        clippy::option_if_let_else,
        clippy::shadow_unrelated,
        clippy::std_instead_of_alloc,
        clippy::std_instead_of_core,
        clippy::trivially_copy_pass_by_ref,
        reason = "of the items themselves, which are what they are on purpose"
    )]

    macro_rules! items {
        ($($item:item)*) => { $($item)* };
    }
    include!("items.rs");
}

/// Names that generated code could stumble over.
mod without_prelude {
    #![no_implicit_prelude]
    #![allow(dead_code, unused_macros, non_camel_case_types, unreachable_pub)]

    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub struct Some;
    pub struct None;
    pub struct Ok;
    pub struct Err;
    pub struct View;
    pub struct Hired;
    pub trait ToString {}
    pub trait Display {}
    pub trait AsJob {}
    pub trait TalentEvent {}
    pub trait SelfContained {}
    pub mod core {}
    pub mod std {}
    pub mod talent_events {}
    macro_rules! format_args {
        ($($any:tt)*) => {
            ::std::compile_error!("not this one")
        };
    }
    macro_rules! unreachable {
        ($($any:tt)*) => {
            ::std::compile_error!("not this one")
        };
    }
    macro_rules! expression {
        ($($any:tt)*) => {
            ::std::compile_error!("not this one")
        };
    }

    macro_rules! items {
        ($($item:item)*) => { $($item)* };
    }
    include!("items.rs");
}

#[allow(non_camel_case_types, unreachable_pub, dead_code)]
fn in_a_function() -> Vec<Box<dyn talent_events::TalentEvent>> {
    // In the place of an expression an include is one, so the items stand in a block of it.
    macro_rules! items {
        ($($item:item)*) => {{
            $($item)*
            events()
        }};
    }
    include!("items.rs")
}

mod re_exported {
    pub(super) mod sdk {
        pub(crate) use talent_events as events;
    }

    #[derive(talent_events::TalentEvent)]
    #[talent(event = Impression, request_id = none, crate = crate::hygiene::re_exported::sdk::events)]
    pub(super) struct Page(#[talent(jobs)] pub(super) Vec<String>);
}

/// Every kind of fragment, each in every place that takes it.
macro_rules! an_event {
    ($name:ident, $event_type:ident, $field:ident: $ty:ty, $notes:literal, $job:expr, $with:path, $krate:path) => {
        #[derive(talent_events::TalentEvent)]
        #[talent(event = $event_type, request_id = none, notes = $notes, event_id = "{type:>2}", crate = $krate)]
        struct $name {
            #[talent(job)]
            $field: $ty,
            r#type: u8,
        }

        #[derive(talent_events::TalentEvent)]
        enum Board {
            #[talent(event = $event_type, job = $job, request_id = none, notes = $notes)]
            Computed { $field: $ty },
            #[talent(event = $event_type)]
            Through {
                #[talent(job(with = $with))]
                $field: u8,
                #[talent(request_id(with = $with))]
                search: Option<u8>,
            },
        }
    };
}
fn text(number: &u8) -> String {
    number.to_string()
}
/// Names of the macro's and names of the caller's, each used by the other.
macro_rules! of_two_origins {
    ($name:ident, $board:ident, $field:ident: $ty:ty, $notes:literal, $of_self:expr, $of_field:expr) => {
        #[derive(talent_events::TalentEvent)]
        #[talent(crate = $crate::hygiene::re_exported::sdk::events)]
        #[talent(event = View, request_id = none, notes = $notes, event_id = "{posting}-{position}", job = $of_self)]
        struct $name {
            $field: $ty,
            position: u8,
        }

        #[derive(talent_events::TalentEvent)]
        #[talent(request_id = none, notes = $notes)]
        enum $board {
            #[talent(event = View, job = $of_field)]
            Opened { $field: $ty, position: u8 },
            #[talent(event = Bookmark, job = posting.trim())]
            Saved { $field: $ty, position: u8 },
            #[talent(event = Hired, job = $of_self)]
            Hired { $field: $ty, position: u8 },
        }

        impl $board {
            fn name(&self) -> &str {
                match self {
                    Self::Opened { $field, .. } | Self::Saved { $field, .. } | Self::Hired { $field, .. } => $field,
                }
            }
        }

        impl $name {
            fn name(&self) -> &str {
                &self.$field
            }
        }
    };
}
of_two_origins!(TwoOrigins, BoardOfTwoOrigins, posting: String, "at {position}", self.name().trim(), (*posting).trim());

an_event!(FromMacro, View, r#match: String, "match {match}", "4".trim(), self::text, ::talent_events);

/// Request id, jobs, notes and type.
type Said = (String, Vec<String>, String, i32);

/// What is sent, but for what differs from run to run.
fn sent_by(events: &[Box<dyn talent_events::TalentEvent>]) -> Vec<Option<Said>> {
    let sent = events.iter().map(|event| {
        super::encode(&**event).unwrap().map(|_| {
            let event = super::sent(&**event);
            let jobs = super::jobs(&event).into_iter().map(str::to_owned).collect();
            (event.request_id.clone(), jobs, event.event_notes.clone(), super::job_event(&event).r#type)
        })
    });
    sent.collect()
}

#[test]
fn every_shape_sends_the_same_in_every_setting() {
    let sent = sent_by(&with_every_lint::events());
    let notes: Vec<_> = sent.iter().map(|sent| sent.as_ref().map_or("nothing", |(_, _, notes, _)| notes)).collect();
    let expected = [
        "via web,   1 of 2, r",
        "{0} 1 'c'",
        "no field",
        "x [4]",
        "",
        "raw  5",
        "",
        "",
        "",
        "through 11",
        "1 2",
        "3",
        "a variant",
        "4",
        "nothing",
    ];
    assert_eq!(notes, expected);
    assert_eq!(sent_by(&without_prelude::events()), sent);
    assert_eq!(sent_by(&in_a_function()), sent);
    assert_eq!(sent_by(&talent_events_tests_renamed::renamed()), sent);
    assert_eq!(sent_by(&talent_events_tests_renamed::re_exported()), sent);
}

#[test]
fn a_re_exported_crate() {
    assert_eq!(super::jobs(&super::sent(&re_exported::Page(vec!["1".into()]))).len(), 1);
}

#[test]
fn raw_identifiers_and_macros() {
    let event = FromMacro { r#match: "m".into(), r#type: 5 };
    let event = super::sent(&event);
    assert_eq!((&*event.event_notes, &*event.event_id), ("match m", " 5"));
    let event = super::sent(&Board::Computed { r#match: "m".into() });
    assert_eq!((super::jobs(&event), &*event.event_notes), (vec!["projects/acme/tenants/board/jobs/4"], "match m"));
    let event = super::sent(&Board::Through { r#match: 6, search: Some(7) });
    assert_eq!((super::jobs(&event), &*event.request_id), (vec!["projects/acme/tenants/board/jobs/6"], "7"));
}

#[test]
fn a_macro_and_its_caller_name_the_fields_of_each_other() {
    let (posting, position) = (|| " 7 ".to_owned(), 3);
    let event = super::sent(&TwoOrigins { posting: posting(), position });
    assert_eq!((super::jobs(&event)[0], &*event.event_notes), ("projects/acme/tenants/board/jobs/7", "at 3"));
    assert_eq!(event.event_id, " 7 -3");
    for event in [
        BoardOfTwoOrigins::Opened { posting: posting(), position },
        BoardOfTwoOrigins::Saved { posting: posting(), position },
        BoardOfTwoOrigins::Hired { posting: posting(), position },
    ] {
        let event = super::sent(&event);
        assert_eq!((super::jobs(&event)[0], &*event.event_notes), ("projects/acme/tenants/board/jobs/7", "at 3"));
    }
}

/// Names that the derive's own could meet.
mod same_names {
    #![allow(unreachable_pub)]

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

    /// Each field beside a function or a static of its name, and the derive's own variables beside some too.
    pub mod beside_items {
        #![allow(non_upper_case_globals, dead_code)]

        use talent_events::TalentEvent;

        static w: u8 = 1;
        static inner: u8 = 2;
        static at: u8 = 3;

        #[derive(TalentEvent)]
        #[talent(event = View, request_id = none, notes = "{shown}", job = name(&self.name))]
        pub struct Computed {
            pub name: u8,
            pub shown: u8,
            pub at: u8,
        }

        #[derive(TalentEvent)]
        #[talent(event = View)]
        pub struct Through {
            #[talent(job(with = name))]
            pub name: u8,
            #[talent(request_id(with = trimmed))]
            pub trimmed: Option<String>,
            #[talent(private)]
            pub w: u8,
        }

        #[derive(TalentEvent)]
        pub enum Board {
            #[talent(event = Hired)]
            Hired {
                #[talent(job(with = name))]
                name: u8,
                #[talent(request_id(with = trimmed))]
                trimmed: Option<Box<str>>,
                at: u8,
            },
        }

        fn name(number: &u8) -> String {
            number.to_string()
        }

        fn trimmed(text: &str) -> &str {
            text.trim()
        }
    }

    #[derive(TalentEvent)]
    #[talent(event = View, request_id = none, notes = "{1:>2$}|{1:.3$}")]
    pub struct Padded(#[talent(job)] pub &'static str, pub f64, pub usize, pub usize);
}

#[test]
fn names_of_the_users_meet_none_of_the_derives() {
    let event = super::sent(&same_names::Padded("1", 2.5, 6, 2));
    assert_eq!(event.event_notes, "   2.5|2.50");
    use same_names::beside_items;
    let trimmed = || " s ".to_owned();
    let event = super::sent(&beside_items::Computed { name: 5, shown: 6, at: 7 });
    assert_eq!((super::jobs(&event)[0], &*event.event_notes), ("projects/acme/tenants/board/jobs/5", "6"));
    let event = super::sent(&beside_items::Through { name: 5, trimmed: Some(trimmed()), w: 1 });
    assert_eq!((super::jobs(&event)[0], &*event.request_id), ("projects/acme/tenants/board/jobs/5", "s"));
    let event = super::sent(&beside_items::Board::Hired { name: 5, trimmed: Some(trimmed().into()), at: 7 });
    assert_eq!((super::jobs(&event)[0], &*event.request_id), ("projects/acme/tenants/board/jobs/5", "s"));
    let viewed: same_names::Event<'_, String> = same_names::Event::View { self_: "1" };
    assert_eq!(super::jobs(&super::sent(&viewed)).len(), 1);
    let opened = same_names::Opened { w: "w", r#write: 7 };
    let event = super::sent(&opened);
    assert_eq!((&*event.event_notes, super::jobs(&event)), ("w   7", vec!["projects/acme/tenants/board/jobs/a-x"]));
    let hired: same_names::Event<'_, String> = same_names::Event::r#try("1".into());
    assert_eq!(talent_events::TalentEvent::descriptor(&hired).name, "Event::try");
    assert_eq!(super::job_event(&super::sent(&hired)).r#type, 13);
}
