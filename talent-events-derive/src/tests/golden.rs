//! What is generated, for the main shapes. `scripts/bless.sh` renews it; read the difference before you commit it.

use super::{expand, expand_context};

macro_rules! golden {
    ($($name:ident: $item:literal;)+) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), expand($item), $item);
        }
    )+};
}

golden! {
    a_struct: r#"
        /// Somebody sent the form.
        #[talent(event = ApplicationFinish, notes = "Applied via {channel}, {pages:>3} CV pages")]
        struct ApplicationSubmitted {
            #[talent(job)] job: JobName,
            #[talent(request_id)] search: Option<RequestId>,
            #[talent(event_id)] id: Uuid,
            #[talent(create_time)] at: SystemTime,
            #[talent(private)] email: String,
            channel: Channel,
            pages: u32,
        }
    "#;
    a_tuple_struct: r#"
        #[talent(event = View, notes = "{1} of {2:?}")]
        pub struct Opened(#[talent(job)] JobName, u32, &'static str, #[talent(request_id)] RequestId);
    "#;
    several_jobs: r#"
        #[talent(event = Impression, request_id = from_session)]
        struct Page { #[talent(jobs)] shown: Vec<JobName> }
    "#;
    an_enum: r#"
        #[talent(request_id = from_session, notes = "from the board")]
        enum BoardEvent {
            /// A page.
            #[talent(event = Impression)] Listed { #[talent(jobs)] shown: Vec<JobName> },
            #[talent(event = View, notes = "position {position}")] Opened { #[talent(job)] job: JobName, position: u32 },
            #[talent(event = Hired, request_id = "placement-{0}")] Placed(#[talent(job)] String, u8),
        }
    "#;
    transparent_and_skip: r#"
        enum BoardEvent<E> {
            #[talent(transparent)] Applied(ApplicationSubmitted),
            #[talent(transparent)] Inner { inner: E },
            #[talent(skip)] Heartbeat,
        }
    "#;
    generic: r#"
        #[talent(event = View, notes = "{why} {n:?}")]
        struct Opened<'a, J: Clone, W, N = u8, const L: usize = 3> where W: Copy {
            #[talent(job)] job: &'a J,
            #[talent(request_id)] search: Option<RequestId>,
            why: W,
            n: [N; L],
        }
    "#;
    computed: r#"
        #[talent(event = self.posting.kind(), job = self.posting.name(), request_id = none, event_id = "{id}-view")]
        struct Opened { posting: Posting, id: u64 }
    "#;
    through_functions: r#"
        #[talent(event = View, notes(with = Self::summary), crate = crate::sdk::events)]
        struct Opened {
            #[talent(job(with = Posting::name))] posting: Posting,
            #[talent(request_id(with = hex))] search: Option<u32>,
        }
    "#;
    flattened: r#"
        #[talent(event = View, notes_overflow = error, notes = "{0}", many_jobs)]
        struct Opened(u8, #[talent(flatten)] Visit, #[talent(jobs)] [JobName; 2]);
    "#;
    own_bounds: r#"
        #[talent(event = View, request_id = none, bound(T: AsRef<str>), job = self.0.as_ref())]
        struct Opened<T>(T);
    "#;
    raw_identifiers: r##"
        #[talent(event = View, request_id = none, notes = "{type}")]
        struct r#match { #[talent(job)] r#fn: String, r#type: u8 }
    "##;
}

#[test]
fn a_context() {
    let item = "struct Visit<'a> { #[talent(request_id)] search: &'a str, #[talent(flatten)] page: Page }";
    insta::assert_snapshot!("a_context", expand_context(item), item);
}
