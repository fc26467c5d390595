// Every shape that the derive takes, for a module, a function or a crate of any kind: `mod.rs` includes it in several
// settings, and `tests/renamed` under another name of the crate. Paths are absolute, as there may be no prelude.
items! {
    /// Every role by a field, with names that generated code could take for its own.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = ApplicationFinish, notes = "via {w}, {core:>3} of {std:?}, {r}")]
    pub struct EveryRole {
        /// The job.
        #[talent(job)]
        pub job: ::talent_events::JobName,
        /// The search.
        #[talent(request_id)]
        pub descriptor: ::std::option::Option<::talent_events::RequestId>,
        /// The event's id.
        #[talent(event_id)]
        pub id: &'static str,
        /// When.
        #[talent(create_time)]
        pub krate: ::std::time::SystemTime,
        /// Whom.
        #[talent(private)]
        pub email: &'static str,
        /// A name of the writer's.
        pub w: &'static str,
        /// A name of a crate.
        pub core: u8,
        /// A name of a crate.
        pub std: u8,
        /// A short name.
        pub r: char,
    }

    /// Fields without names.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = View, notes = "{{0}} {1} {2:?}", event_id = "{1}-{0}")]
    pub struct Tuple(
        #[talent(job)] pub &'static str,
        pub u8,
        pub char,
        #[talent(request_id)] pub ::std::boxed::Box<str>,
    );

    /// No fields at all.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = Hired, job = "7".trim_end(), request_id = none, notes = "no field")]
    pub struct Unit;

    /// Parameters of every kind, one of them in no role.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = Bookmark, request_id = none, notes = "{why} {n:?}")]
    pub struct Generic<'a, J: ::std::clone::Clone, W, N = u8, U = (), const L: usize = 2>
    where
        W: ::std::marker::Copy,
    {
        /// The job.
        #[talent(job)]
        pub job: &'a J,
        /// Why.
        pub why: W,
        /// How often.
        pub n: [N; L],
        /// Nothing.
        pub unused: ::std::marker::PhantomData<U>,
    }

    /// A parameter, and no bound.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = View, request_id = none)]
    pub struct Unbound<U>(#[talent(job)] pub &'static str, pub ::std::marker::PhantomData<U>);

    /// Raw identifiers wherever one can stand.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = View, request_id = "{match}-{type}", notes = "raw {type:>2}")]
    pub struct r#match {
        /// The job.
        #[talent(job)]
        pub r#match: &'static str,
        /// The type.
        pub r#type: u8,
    }

    /// Several jobs.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = Impression, request_id = none)]
    pub struct Several(#[talent(jobs)] pub ::std::vec::Vec<&'static str>);

    /// Several jobs on a type that speaks of one.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = SentCv, many_jobs, request_id = none)]
    pub struct Meant(#[talent(jobs)] pub [&'static str; 2]);

    /// Expressions, one that only the compiler can read among them.
    #[derive(::talent_events::TalentEvent)]
    #[talent(
        crate = ::talent_events,
        event = if self.late { ::talent_events::JobEventType::Hired } else { ::talent_events::JobEventType::View },
        jobs = [self.job, self.job],
        request_id = none,
    )]
    pub struct Computed {
        /// The job.
        pub job: &'static str,
        /// Whether it is late.
        pub late: bool,
    }

    /// Functions in roles.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = View, notes(with = Through::summary))]
    pub struct Through {
        /// The job.
        #[talent(job(with = text))]
        pub job: u8,
        /// The search.
        #[talent(request_id(with = text))]
        pub search: ::std::option::Option<u8>,
    }

    impl Through {
        fn summary(&self) -> ::std::string::String {
            ::std::format!("through {}", self.job)
        }
    }

    fn text(number: &u8) -> ::std::string::String {
        ::std::string::ToString::to_string(number)
    }

    /// What events have in common.
    #[derive(::talent_events::TalentContext)]
    #[talent(crate = ::talent_events)]
    pub struct Common {
        /// The job.
        #[talent(job)]
        pub job: &'static str,
    }

    /// An event with it.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, event = View, request_id = none)]
    pub struct Flattened {
        /// A name of the writer's.
        #[talent(flatten)]
        pub w: Common,
    }

    /// Every kind of variant, under names that generated code could take for its own.
    #[derive(::talent_events::TalentEvent)]
    #[talent(crate = ::talent_events, request_id = none, notes = "a variant")]
    pub enum Board<'a> {
        /// Named fields.
        #[talent(event = View, notes = "{w} {self_}")]
        r#type {
            /// The job.
            #[talent(job)]
            job: &'a str,
            /// A name of the writer's.
            w: u8,
            /// Nearly `self`.
            self_: u8,
        },
        /// Fields without names.
        #[talent(event = Hired, notes = "{1}")]
        Ok(#[talent(job)] &'a str, u8),
        /// An expression that sees its fields.
        #[talent(event = Bookmark, job = job.trim())]
        Err {
            /// The job.
            job: &'a str,
        },
        /// What is inside.
        #[talent(transparent)]
        Some(::std::boxed::Box<Self>),
        /// Another event.
        #[talent(transparent)]
        Result(Unit),
        /// Nothing.
        #[talent(skip)]
        None,
    }

    /// One of each, in this order.
    #[must_use]
    pub fn events() -> ::std::vec::Vec<::std::boxed::Box<dyn ::talent_events::TalentEvent>> {
        fn parsed<T: ::std::str::FromStr>(text: &str) -> T {
            match text.parse() {
                ::std::result::Result::Ok(value) => value,
                ::std::result::Result::Err(_) => ::std::panic!("{text} is refused"),
            }
        }
        ::std::vec![
            ::std::boxed::Box::new(EveryRole {
                job: parsed("projects/acme/tenants/board/jobs/1"),
                descriptor: ::std::option::Option::Some(parsed("search")),
                id: "id",
                krate: ::std::time::UNIX_EPOCH,
                email: "ada@example.org",
                w: "web",
                core: 1,
                std: 2,
                r: 'r',
            }),
            ::std::boxed::Box::new(Tuple("2", 1, 'c', ::std::convert::Into::into("search"))),
            ::std::boxed::Box::new(Unit),
            ::std::boxed::Box::new(Generic::<_, _, _, (), 1> {
                job: &"3",
                why: 'x',
                n: [4_u8],
                unused: ::std::marker::PhantomData,
            }),
            ::std::boxed::Box::new(Unbound::<()>("4", ::std::marker::PhantomData)),
            ::std::boxed::Box::new(r#match { r#match: "5", r#type: 5 }),
            ::std::boxed::Box::new(Several(::std::vec!["6", "7"])),
            ::std::boxed::Box::new(Meant(["8", "9"])),
            ::std::boxed::Box::new(Computed { job: "10", late: true }),
            ::std::boxed::Box::new(Through { job: 11, search: ::std::option::Option::Some(3) }),
            ::std::boxed::Box::new(Board::r#type { job: "12", w: 1, self_: 2 }),
            ::std::boxed::Box::new(Board::Ok("13", 3)),
            ::std::boxed::Box::new(Board::Err { job: " 14 " }),
            ::std::boxed::Box::new(Board::Some(::std::boxed::Box::new(Board::Ok("15", 4)))),
            ::std::boxed::Box::new(Board::None),
        ]
    }
}
