//! The user's own tokens stand in the expansion with their own spans: hover, completion and go-to-definition follow them.

use proc_macro2::{Ident, TokenStream, TokenTree};

fn idents(tokens: TokenStream, found: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => found.push(ident),
            TokenTree::Group(group) => idents(group.stream(), found),
            _ => {}
        }
    }
}

/// Where the word stands in the source, as the expansion says: once for each time that it is generated.
fn places(item: &str, word: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let tokens: TokenStream = item.parse().expect("tokens");
    let mut own = Vec::new();
    idents(tokens.clone(), &mut own);
    let start = own[0].span().byte_range().start - item.find(&own[0].to_string()).expect("the first word");
    idents(crate::talent_event(tokens), &mut found);
    found.retain(|ident| ident == word);
    found.iter().map(|ident| ident.span().byte_range().start - start).collect()
}

#[test]
fn the_event_type_is_the_users_word_and_stands_once() {
    let item = "#[talent(event = Bookmark, request_id = none)] struct Saved { #[talent(job)] job: JobName }";
    assert_eq!(places(item, "Bookmark"), [item.find("Bookmark").unwrap()]);
}

#[test]
fn it_does_so_for_each_variant() {
    let item = "#[talent(request_id = none)] enum Board { #[talent(event = Hired)] A(#[talent(job)] J), \
                #[talent(event = SentCv)] B(#[talent(job)] K) }";
    for word in ["Hired", "SentCv", "J", "K"] {
        assert_eq!(places(item, word).len(), 1, "{word}");
    }
    assert_eq!(places(item, "SentCv"), [item.find("SentCv").unwrap()]);
}

#[test]
fn it_does_so_although_another_key_is_wrong() {
    let item = "#[talent(event = Bookm, reqest_id = none)] struct Saved { #[talent(job)] job: JobName }";
    assert_eq!(places(item, "Bookm"), [item.find("Bookm").unwrap()]);
}

#[test]
fn what_is_right_stands_although_something_is_missing() {
    let item = "struct Saved { #[talent(job(with = name))] posting: Posting, #[talent(notes(with = hex))] n: u8 }";
    for word in ["name", "hex"] {
        assert_eq!(places(item, word), [item.find(word).unwrap()]);
    }
    let item = "#[talent(job = self.list.)] struct Saved { posting: Posting, #[talent(notes(with = hex))] n: u8 }";
    assert_eq!(places(item, "hex"), [item.find("hex").unwrap()]);
}

#[test]
fn a_half_typed_type_is_left_to_the_compiler_which_knows_the_fifteen() {
    let item = "#[talent(event = V, request_id = none)] struct Saved { #[talent(job)] job: JobName }";
    assert_eq!(places(item, "V"), [item.find('V').unwrap()]);
}

#[test]
fn expressions_and_functions_are_the_users_too() {
    let item =
        "#[talent(event = self.happened(), request_id = none)] struct Saved { #[talent(job(with = name))] p: Posting }";
    assert_eq!(places(item, "happened"), [item.find("happened").unwrap()]);
    assert_eq!(places(item, "name"), [item.find("name").unwrap()]);
}
