//! A mistake: one token of an item, changed at random.
//!
//! The kinds and their weights were fixed before the derive was measured by them:
//!
//! | kind | of 100 | what is changed |
//! |---|---|---|
//! | typo | 25 | a word: a letter dropped, doubled, replaced, or swapped with the next |
//! | missing | 20 | any token is left out |
//! | doubled | 10 | any token is written twice |
//! | other word | 15 | a word or literal is replaced by a word of the attribute's language or of Rust |
//! | literal | 15 | any token except a bracket is replaced by a literal |
//! | template | 15 | a text in the attribute: a brace dropped, a name misspelt or unknown, a `{}`, a path, a format that does not exist |
//!
//! A kind that the token cannot have is drawn again. Two things are left alone: the `#[derive(…)]` itself, without which no
//! derive runs, and the spelling of a name that the item declares, which would only be another name.

use std::ops::Range;

use fastrand::Rng;
use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::subjects::{Item, Subject};

/// A changed item.
pub(crate) struct Mistake {
    pub(crate) source: String,
    pub(crate) kind: &'static str,
    /// Whether the token stood within the parentheses of an attribute.
    pub(crate) inside: bool,
    /// The lines of the item, from 1, on which the error may be: those of the token and of its neighbours.
    pub(crate) lines: Vec<usize>,
}

struct Token {
    at: Range<usize>,
    kind: Kind,
    inside: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Word,
    /// A word that the item declares.
    Name,
    Text,
    Literal,
    Sign,
    Bracket,
}

const LITERALS: [&str; 5] = ["4", "\"text\"", "true", "'x'", "1.5"];
const WORDS: [&str; 8] = ["self", "String", "u32", "struct", "value", "Option", "Self", "pub"];

/// A mistake in this item, inside the attribute or beside it.
pub(crate) fn make(subject: &Subject, item: &Item, inside: bool, rng: &mut Rng) -> Mistake {
    let tokens = tokens(item.source);
    loop {
        let here: Vec<usize> = (0..tokens.len()).filter(|&i| tokens[i].inside == inside).collect();
        let index = here[rng.usize(..here.len())];
        let token = &tokens[index];
        let written = &item.source[token.at.clone()];
        let (kind, replacement) = match rng.u8(..100) {
            0..25 if token.kind == Kind::Word => ("typo", typo(written, rng)),
            25..45 => ("missing", String::new()),
            45..55 => ("doubled", format!("{written} {written}")),
            55..70 if matches!(token.kind, Kind::Word | Kind::Text | Kind::Literal) => {
                let words = [&WORDS, subject.words].concat();
                ("other word", words[rng.usize(..words.len())].to_owned())
            }
            70..85 if token.kind != Kind::Bracket => ("literal", LITERALS[rng.usize(..LITERALS.len())].to_owned()),
            85.. if token.kind == Kind::Text && inside => ("template", template(written, rng)),
            _ => continue,
        };
        if replacement == written {
            continue;
        }
        let line = |at: usize| item.source[..at].matches('\n').count() + 1;
        let neighbours = &tokens[index.saturating_sub(1)..=(index + 1).min(tokens.len() - 1)];
        let mut lines: Vec<_> = neighbours.iter().map(|token| line(token.at.start)).collect();
        lines.dedup();
        let source = [&item.source[..token.at.start], &*replacement, &item.source[token.at.end..]].concat();
        return Mistake { source, kind, inside, lines };
    }
}

fn typo(word: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = rng.usize(..letters.len());
    match rng.u8(..4) {
        0 if letters.len() > 1 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => letters[at] = char::from(rng.u8(b'a'..=b'z')),
    }
    letters.into_iter().collect()
}

fn template(text: &str, rng: &mut Rng) -> String {
    let braces: Vec<usize> = text.match_indices(['{', '}']).map(|(at, _)| at).collect();
    let names: Vec<Range<usize>> = text
        .match_indices('{')
        .filter_map(|(open, _)| Some(open + 1..open + 1 + text[open + 1..].find(['}', ':'])?))
        .filter(|name| !name.is_empty())
        .collect();
    let end = text.len() - 1;
    let insert = |at: usize, what: &str| [&text[..at], what, &text[at..]].concat();
    if names.is_empty() {
        return insert(end, [" {", " }", " {}", " {nothing}"][rng.usize(..4)]);
    }
    let name = names[rng.usize(..names.len())].clone();
    match rng.u8(..6) {
        0 => {
            let at = braces[rng.usize(..braces.len())];
            [&text[..at], &text[at + 1..]].concat()
        }
        1 => [&text[..name.start], &*typo(&text[name.clone()], rng), &text[name.end..]].concat(),
        2 => insert(end, " {}"),
        3 => insert(end, " {nothing}"),
        4 => insert(name.end, ".name"),
        _ => insert(name.end, ":q"),
    }
}

/// The tokens of the item, without its `#[derive(…)]`; brackets are tokens of their own, `::` and `'a` are one each.
fn tokens(source: &str) -> Vec<Token> {
    let stream: TokenStream = source.parse().expect("a valid item");
    let declared = Declared::of(source);
    let mut found = Vec::new();
    // A span counts from where this text stands among all that were parsed; the first token is the `#` of an attribute.
    let first = stream.clone().into_iter().next().expect("a token").span().byte_range().start;
    let start = first - source.find('#').expect("an attribute");
    collect(stream, false, &mut found);
    for token in &mut found {
        token.at = token.at.start - start..token.at.end - start;
        if token.kind == Kind::Word && declared.0.iter().any(|name| *name == source[token.at.clone()]) {
            token.kind = Kind::Name;
        }
    }
    // Where a declared name is used, in an attribute, it can be misspelt.
    for token in found.iter_mut().filter(|token| token.inside && token.kind == Kind::Name) {
        token.kind = Kind::Word;
    }
    found
}

fn collect(stream: TokenStream, inside: bool, found: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let mut at = tree.span().byte_range();
        let kind = match tree {
            TokenTree::Group(group) => {
                let attribute = || {
                    let mut inner = group.stream().into_iter();
                    match (inner.next(), inner.next()) {
                        (Some(TokenTree::Ident(name)), Some(TokenTree::Group(_))) => Some(name.to_string()),
                        _ => None,
                    }
                };
                let behind_hash = found.last().is_some_and(|last| last.kind == Kind::Sign && last.at.end == at.start);
                let name =
                    (group.delimiter() == proc_macro2::Delimiter::Bracket && behind_hash).then(attribute).flatten();
                if name.as_deref() == Some("derive") {
                    found.pop();
                    continue;
                }
                let [open, close] = [group.span_open(), group.span_close()].map(|span| span.byte_range());
                found.push(Token { at: open, kind: Kind::Bracket, inside });
                let was = found.len();
                collect(group.stream(), inside, found);
                if name.is_some() {
                    // `talent ( … )`: all between the parentheses is inside.
                    let end = found.len() - 1;
                    found[was + 2..end].iter_mut().for_each(|token| token.inside = true);
                }
                found.push(Token { at: close, kind: Kind::Bracket, inside });
                continue;
            }
            TokenTree::Ident(_) => Kind::Word,
            TokenTree::Literal(literal) if literal.to_string().starts_with('"') => Kind::Text,
            TokenTree::Literal(_) => Kind::Literal,
            TokenTree::Punct(first) => {
                let mut joint = first.spacing() == Spacing::Joint;
                let lifetime = first.as_char() == '\'';
                while joint && let Some(next) = trees.peek() {
                    joint = match next {
                        TokenTree::Punct(next) if next.as_char() != '\'' => next.spacing() == Spacing::Joint,
                        TokenTree::Ident(_) if lifetime => false,
                        _ => break,
                    };
                    at.end = next.span().byte_range().end;
                    trees.next();
                }
                Kind::Sign
            }
        };
        found.push(Token { at, kind, inside });
    }
}

/// The names that an item declares: its own, and those of its parameters, variants and fields.
struct Declared(Vec<String>);

impl Declared {
    fn of(source: &str) -> Self {
        let mut declared = Self(Vec::new());
        declared.visit_file(&syn::parse_file(source).expect("a valid item"));
        declared
    }
}

impl<'a> Visit<'a> for Declared {
    fn visit_item_struct(&mut self, item: &'a syn::ItemStruct) {
        self.0.push(item.ident.to_string());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'a syn::ItemEnum) {
        self.0.push(item.ident.to_string());
        visit::visit_item_enum(self, item);
    }

    fn visit_type_param(&mut self, param: &'a syn::TypeParam) {
        self.0.push(param.ident.to_string());
        visit::visit_type_param(self, param);
    }

    fn visit_variant(&mut self, variant: &'a syn::Variant) {
        self.0.push(variant.ident.to_string());
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'a syn::Field) {
        self.0.extend(field.ident.iter().map(ToString::to_string));
        visit::visit_field(self, field);
    }
}

#[test]
fn the_tokens_of_an_item() {
    let item = "\n#[derive(E)]\n#[talent(event = View)]\nstruct A<'a> {\n    b: &'a std::B,\n}\n";
    let tokens = tokens(item);
    let inside: Vec<_> = tokens.iter().filter(|t| t.inside).map(|t| &item[t.at.clone()]).collect();
    assert_eq!(inside, ["event", "=", "View"]);
    let beside: Vec<_> = tokens.iter().filter(|t| !t.inside).map(|t| &item[t.at.clone()]).collect();
    let expected = "# [ talent ( ) ] struct A < 'a > { b : & 'a std :: B , }";
    assert_eq!(beside.join(" "), expected);
}
