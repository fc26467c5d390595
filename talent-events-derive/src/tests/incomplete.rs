//! What an editor sees while an attribute is being typed: the error, and impls that keep the type in use elsewhere.

use super::{Expansion, expand};

/// The struct with the attribute as far as it has been typed.
fn item(attribute: &str) -> String {
    format!(
        "#[talent{attribute}] struct Saved {{ #[talent(job)] job: JobName, #[talent(request_id)] search: RequestId }}"
    )
}

macro_rules! incomplete {
    ($($name:ident: $attribute:literal;)+) => {$(
        #[test]
        fn $name() {
            let item = item($attribute);
            let expansion = Expansion::of(item.parse().expect("tokens"));
            for name in ["TalentEvent", "SelfContained", "SendPolicy", "TypedEvent"] {
                assert!(expansion.implements(name, "Saved"), "no {name} for\n{item}");
            }
            insta::assert_snapshot!(stringify!($name), expand(&item), &item);
        }
    )+};
}

incomplete! {
    no_list: "";
    empty_list: "()";
    half_a_key: "(ev)";
    key_without_value: "(event)";
    equals_without_value: "(event =)";
    half_a_type: "(event = V)";
    half_an_expression: "(event = self.)";
    half_a_path: "(event = Bookmark, notes(with = text::))";
    no_comma: "(event = Bookmark notes = \"x\")";
    trailing_key: "(event = Bookmark, no)";
    trailing_equals: "(event = Bookmark, notes =)";
    open_brace: "(event = Bookmark, notes = \"for {\")";
    half_a_placeholder: "(event = Bookmark, notes = \"for {jo}\")";
    empty_with: "(event = Bookmark, notes())";
    half_a_with: "(event = Bookmark, notes(wi))";
    half_a_crate: "(event = Bookmark, crate = cr)";
}

#[test]
fn a_field_and_a_variant() {
    for item in [
        "#[talent(event = Bookmark, request_id = none)] struct Saved { #[talent(jo)] job: JobName }",
        "#[talent(event = Bookmark, request_id = none)] struct Saved { #[talent(job(with))] job: JobName }",
        "#[talent(event = Bookmark, request_id = none)] struct Saved { #[talent()] job: JobName }",
        "#[talent(request_id = none)] enum Saved { A, #[talent(event = Hired)] B(#[talent(job)] JobName) }",
        "#[talent(request_id = none)] enum Saved { #[talent(tr)] A(B), #[talent(skip)] C }",
        "#[talent(request_id = none)] enum Saved { #[talent(event = )] A { #[talent(job)] job: JobName } }",
    ] {
        let expansion = Expansion::of(item.parse().expect("tokens"));
        assert!(!expansion.errors.is_empty(), "{item}");
        for name in ["TalentEvent", "SelfContained", "SendPolicy", "TypedEvent"] {
            assert!(expansion.implements(name, "Saved"), "no {name} for\n{item}");
        }
    }
}
