//! Whatever item the derive is given, it answers items: no panic, and no error without the impls that keep it the only one.
//!
//! `PROPTEST_CASES` says how many items are tried; `scripts/prove.sh` tries 100,000.

use proc_macro2::TokenStream;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use quote::ToTokens as _;

use super::Expansion;

const CASES: u32 = 3000;

/// The attributes that the grammar has, and some that it nearly has.
const ATTRIBUTES: &[&str] = &[
    "event = View",
    "event = Impression",
    "event = Vew",
    "event = Click",
    "event = VIEW",
    "event = job",
    "event = \"VIEW\"",
    "event = self.kind()",
    "event = if self.late { Hired } else { View }",
    "event = self.",
    "jobs = |",
    "job = a.b() c",
    "job",
    "jobs",
    "job = self.posting.name()",
    "jobs = self.list::<Vec<u8>, _>(a, b)",
    "jobs = *self.list",
    "job = from_funnel",
    "job = \"\"",
    "job = \"projects/p/tenants/t/jobs/j\"",
    "job(with = a::b::<C>)",
    "jobs(with = names)",
    "many_jobs",
    "request_id",
    "request_id = from_session",
    "request_id = none",
    "request_id = \"application-{job}-{0}\"",
    "request_id(with = hex)",
    "notes",
    "notes = \"via {job} {w:>width$} {r#type} {{}} {0:?} {1}\"",
    "notes = \"\"",
    "notes = \"{\"",
    "notes = \"} {é} {🦀:?} {job:>1$.*}\"",
    "notes = r#\"{job}\"#",
    "notes(with = Self::summary)",
    "event_id",
    "event_id = \"{job}-finish\"",
    "create_time",
    "private",
    "transparent",
    "skip",
    "flatten",
    "notes_overflow = truncate",
    "notes_overflow = error",
    "bound = \"T: Copy\"",
    "bound(T: Copy, 'a: 'a)",
    "bound()",
    "bound(T)",
    "crate = ::talent_events",
    "crate = crate::sdk",
    "crate = sdk",
];

/// Tokens that can stand anywhere.
const TOKENS: &[&str] = &[
    "event",
    "job",
    "jobs",
    "request_id",
    "notes",
    "with",
    "skip",
    "transparent",
    "crate",
    "self",
    "Self",
    "View",
    "r#type",
    "from_session",
    "none",
    "=",
    "==",
    ",",
    ":",
    "::",
    "<",
    ">",
    "->",
    ".",
    "&",
    "!",
    "#",
    "$",
    "'a",
    "_",
    "fn",
    "\"text\"",
    "\"{job\"",
    "b\"x\"",
    "'x'",
    "1",
    "1.5",
    "-",
    "é",
    "|",
    "=>",
    ";",
    "?",
    "async",
    "move",
    "dyn",
];

const FIELD_TYPES: &[&str] = &[
    "String",
    "JobName",
    "Option<RequestId>",
    "::std::option::Option<&'a T>",
    "Vec<T>",
    "[T; N]",
    "&'a mut dyn Fn(u8) -> T",
    "Self",
    "Box<Thing>",
    "()",
    "(u8, T)",
    "!",
    "*const u8",
    "[JobName; 501]",
    "<T as Iterator>::Item",
    "a_macro!(x)",
];

const NAMES: &[&str] = &["job", "search", "w", "at", "r#type", "channel", "_0", "DESCRIPTOR", "é", "r#match"];

const GENERICS: &[(&str, &str)] = &[
    ("", ""),
    ("<T>", ""),
    ("<'a, T: Clone + 'a, const N: usize>", "where T: Iterator<Item = u8>,"),
    ("<'a, T = u8, const N: usize = 3>", "where [T; N]: Default, T: 'a"),
    ("<>", "where"),
];

fn attribute() -> impl Strategy<Value = String> {
    let valid = || select(ATTRIBUTES).prop_map(str::to_owned);
    let mutated = (valid(), 0..12_usize, prop_oneof![Just(String::new()), nonsense()])
        .prop_map(|(attribute, at, instead)| mutate(&attribute, at, &instead));
    prop_oneof![6 => valid(), 2 => mutated, 1 => nonsense()]
}

/// The attribute with its token at this index replaced; by nothing, removed.
fn mutate(attribute: &str, at: usize, instead: &str) -> String {
    let tokens: TokenStream = attribute.parse().expect("tokens");
    let mut tokens: Vec<_> = tokens.into_iter().map(|token| token.to_string()).collect();
    let at = at % tokens.len();
    tokens[at] = instead.to_owned();
    tokens.join(" ")
}

fn nonsense() -> impl Strategy<Value = String> {
    let token = select(TOKENS).prop_map(str::to_owned);
    token.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 0..4).prop_map(|tokens| tokens.join(" ")),
            1 => (vec(inner, 0..4), select(&["()", "[]", "{}"][..]))
                .prop_map(|(tokens, pair)| format!("{} {} {}", &pair[..1], tokens.join(" "), &pair[1..])),
        ]
    })
}

fn attributes(most: usize) -> impl Strategy<Value = String> {
    let talent = (vec(attribute(), 0..=most), prop_oneof![8 => Just(", "), 1 => Just(" "), 1 => Just(",, ")])
        .prop_map(|(list, comma)| format!("#[talent({})]", list.join(comma)));
    let other = select(
        &[
            "#[talent]",
            "#[talent = 1]",
            "#[talent[job]]",
            "#[talent{}]",
            "#[doc = \"A page.\"]",
            "#[cfg(x)]",
            "#[doc(hidden)]",
        ][..],
    )
    .prop_map(str::to_owned);
    vec(prop_oneof![9 => talent, 1 => other], 0..=2).prop_map(|lists| lists.join(" "))
}

/// Sometimes all that an event needs is said, so that the valid ones are not few.
fn item_attributes() -> impl Strategy<Value = String> {
    let enough = select(
        &["#[talent(event = View, request_id = none)]", "#[talent(event = Impression, request_id = none, many_jobs)]"]
            [..],
    )
    .prop_map(str::to_owned);
    prop_oneof![1 => enough, 1 => attributes(4)]
}

fn fields() -> impl Strategy<Value = (bool, String)> {
    let any_fields = vec((prop_oneof![Just(String::new()), attributes(2)], select(FIELD_TYPES)), 0..4);
    // One that names the job, and others that do no harm.
    let other = select(&["", "#[talent(private)]", "#[talent(notes)]"][..]).prop_map(str::to_owned);
    let enough =
        ((Just("#[talent(job)]".to_owned()), select(FIELD_TYPES)), proptest::option::of((other, select(FIELD_TYPES))))
            .prop_map(|(job, other)| [job].into_iter().chain(other).collect());
    let fields = prop_oneof![2 => any_fields, 3 => enough];
    (any::<bool>(), fields, Just(NAMES).prop_shuffle_names()).prop_map(|(named, fields, names)| {
        let list: Vec<_> = (fields.iter().zip(names))
            .map(
                |((attributes, ty), name)| {
                    if named { format!("{attributes} {name}: {ty}") } else { format!("{attributes} {ty}") }
                },
            )
            .collect();
        (named, if named { format!("{{ {} }}", list.join(", ")) } else { format!("( {} )", list.join(", ")) })
    })
}

/// The names in some order, so that no two fields have the same.
trait Shuffle {
    fn prop_shuffle_names(self) -> proptest::strategy::Shuffle<Just<Vec<&'static str>>>;
}

impl Shuffle for Just<&'static [&'static str]> {
    fn prop_shuffle_names(self) -> proptest::strategy::Shuffle<Just<Vec<&'static str>>> {
        Just(self.0.to_vec()).prop_shuffle()
    }
}

fn item() -> impl Strategy<Value = String> {
    let name = select(&["Thing", "r#match"][..]);
    let generics = select(GENERICS);
    let a_struct =
        (item_attributes(), name.clone(), generics.clone(), prop_oneof![9 => fields().prop_map(Some), 1 => Just(None)])
            .prop_map(|(attributes, name, (generics, clause), fields)| match fields {
                Some((true, fields)) => format!("{attributes} pub struct {name}{generics} {clause} {fields}"),
                Some((false, fields)) => format!("{attributes} struct {name}{generics} {fields} {clause};"),
                None => format!("{attributes} struct {name}{generics} {clause};"),
            });
    let variant =
        (item_attributes(), prop_oneof![3 => fields().prop_map(|(_, fields)| fields), 1 => Just(String::new())]);
    let an_enum = (attributes(2), name, generics, vec(variant, 0..4)).prop_map(
        |(attributes, name, (generics, clause), variants)| {
            let variants: Vec<_> = (variants.iter().zip(["A", "B", "r#type", "D"]))
                .map(|((attributes, fields), name)| format!("{attributes} {name} {fields}"))
                .collect();
            format!("{attributes} enum {name}{generics} {clause} {{ {} }}", variants.join(", "))
        },
    );
    let a_union = attributes(2).prop_map(|attributes| format!("{attributes} union Thing {{ a: u8 }}"));
    prop_oneof![10 => a_struct, 8 => an_enum, 1 => a_union]
}

fn check(item: syn::DeriveInput) -> Result<Expansion, TestCaseError> {
    let name = item.ident.to_string();
    let tokens = item.into_token_stream();
    let context = Expansion::of_context(tokens.clone());
    implements(&context, &name, &["TalentContext"], &["SelfContainedContext"])?;
    let event = Expansion::of(tokens);
    implements(&event, &name, &["TalentEvent", "SendPolicy"], &["SelfContained", "TypedEvent"])?;
    Ok(event)
}

/// It implements these, and after an error those too.
fn implements(expansion: &Expansion, name: &str, always: &[&str], after: &[&str]) -> Result<(), TestCaseError> {
    let after = if expansion.errors.is_empty() { &[] } else { after };
    for needed in always.iter().chain(after) {
        prop_assert!(expansion.implements(needed, name), "no {needed} after {:?}", expansion.errors);
    }
    for error in &expansion.errors {
        prop_assert!(!error.contains("__"), "a generated name in {error}");
    }
    Ok(())
}

#[test]
fn any_item_is_answered_with_items() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let config =
        ProptestConfig { cases, max_global_rejects: cases, failure_persistence: None, ..ProptestConfig::default() };
    let (right, wrong) = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&item(), |item| {
        // What syn does not read as an item, rustc does not give to a derive.
        let Ok(item) = syn::parse_str(&item) else { return Err(TestCaseError::reject("no item")) };
        let counter = if check(item)?.errors.is_empty() { &right } else { &wrong };
        counter.set(counter.get() + 1);
        Ok(())
    });
    if let Err(e) = outcome {
        panic!("{e}");
    }
    // Neither is to be so rare that the property says nothing.
    assert!(right.get() >= cases / 20 && wrong.get() >= cases / 20, "{} right, {} wrong", right.get(), wrong.get());
}
