//! Splits the tokens in `#[talent(…)]` into keys and values.
//!
//! After the first syntax error in a list the rest is still read, and its errors are dropped.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Path;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

use crate::attr::{Attr, Value};
use crate::errors::{Errors, with_help};
use crate::keys::{self, Form, Key, Place, Row};
use crate::suggest;
use crate::tokens::tokens_text;
use crate::value::{Tokens, begins_entry, is_equals, is_punct, until_comma, value};

pub(crate) struct List {
    pub(crate) attrs: Vec<Attr>,
    /// A syntax error was reported.
    pub(crate) is_broken: bool,
}

pub(crate) fn split(tokens: TokenStream, place: Place, errors: &Errors) -> List {
    let mut reader =
        Reader { tokens: tokens.into_iter().peekable(), place, errors, attrs: Vec::new(), is_broken: false };
    while let Some(token) = reader.tokens.next() {
        reader.entry(token);
    }
    List { attrs: reader.attrs, is_broken: reader.is_broken }
}

struct Reader<'e> {
    tokens: Tokens,
    place: Place,
    errors: &'e Errors,
    attrs: Vec<Attr>,
    is_broken: bool,
}

impl Reader<'_> {
    fn syntax(&mut self, at: impl ToTokens, message: String) {
        if !self.is_broken {
            self.errors.at(at, message);
            self.attrs.push(Attr::unreadable());
        }
        self.is_broken = true;
    }

    fn entry(&mut self, token: TokenTree) {
        let word = match token {
            TokenTree::Ident(word) => word,
            other => {
                let is_comma = is_punct(&other, ",");
                let help = if is_comma { "remove it" } else { "a list has entries like `event = View` or `job`" };
                self.syntax(&other, with_help(format!("expected a key, found {}", found(&other)), help));
                if !is_comma {
                    until_comma(&mut self.tokens);
                    self.comma();
                }
                return;
            }
        };
        if matches!(self.tokens.peek(), Some(TokenTree::Punct(p)) if p.as_char() == ':' && p.spacing() == Spacing::Joint)
        {
            self.syntax(
                &word,
                with_help("expected a key, found a path", "a key is one word, such as `event` or `job`"),
            );
            self.skip_to_comma();
            self.comma();
            return;
        }
        let key = self.key(&word);
        let next_is_word = matches!(self.tokens.peek(), Some(TokenTree::Ident(next)) if *next == word);
        if next_is_word && let Some(again) = self.tokens.peek().cloned() {
            self.syntax(
                again,
                with_help(format!("expected `,` or `=`, found `{word}` again"), "remove one of the two"),
            );
            return;
        }
        let is_broken = self.is_broken;
        let before = self.errors;
        let value = before.silently(is_broken || key.is_none(), || self.value(&word, key));
        self.attrs.push(Attr { word, key, value });
        self.comma();
    }

    /// The key that the word is, if it can stand here.
    fn key(&self, word: &Ident) -> Option<Key> {
        let tell = |message: String| {
            if !self.is_broken {
                self.errors.at(word, message);
            }
            None
        };
        let text = word.to_string();
        let Some(Row { key, .. }) = Row::of(&text) else { return tell(suggest::unknown_key(&text, self.place)) };
        if key.fits(self.place) {
            return Some(*key);
        }
        if self.place == Place::Context && key.fits(Place::Struct) {
            return tell(format!("`{key}` belongs on the event that flattens this context"));
        }
        if (*key, self.place) == (Key::Skip, Place::Field) {
            return tell(with_help(
                "`skip` belongs on the variant, not on the field",
                "remove it: a field without attributes is not sent",
            ));
        }
        tell(format!("`{key}` belongs on the {}, not on the {}", key.places(), self.place.name()))
    }

    fn value(&mut self, word: &Ident, key: Option<Key>) -> Value {
        match self.tokens.peek().cloned() {
            None => Value::Flag,
            Some(next) if is_punct(&next, ",;") => Value::Flag,
            Some(TokenTree::Punct(colon)) if colon.as_char() == ':' => {
                let help = format!("write `{word} = …`, with `=` between key and value");
                self.syntax(&colon, with_help("expected `=`, found `:`", help));
                self.skip_to_comma();
                Value::Broken
            }
            Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => self.after_equals(word, key),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                self.tokens.next();
                match key {
                    None => Value::Broken,
                    Some(key) if key.row().form == Form::Bounds => self.bounds(key, group.stream()),
                    Some(key) => self.with(key, &group),
                }
            }
            Some(next) => self.without_equals(word, key, &next),
        }
    }

    /// `event View`, `job request_id`: an equals sign or a comma is missing.
    fn without_equals(&mut self, word: &Ident, key: Option<Key>, next: &TokenTree) -> Value {
        let stands_alone = key.is_none_or(|key| key.stands_alone(self.place));
        if stands_alone {
            // `comma` tells it.
            return Value::Flag;
        }
        if let (true, Some(key)) = (is_key(next), key) {
            self.syntax(
                next,
                with_help(format!("expected `=`, found {}", found(next)), format!("write {}", key.forms(self.place))),
            );
            return Value::Broken;
        }
        let written = tokens_text(&until_comma(&mut self.tokens));
        let help = match written.len() < 60 {
            true => format!("write `{word} = {written}`"),
            false => format!("write `{word} = …`"),
        };
        self.syntax(next, with_help(format!("expected `=`, found {}", found(next)), help));
        Value::Broken
    }

    fn after_equals(&mut self, word: &Ident, key: Option<Key>) -> Value {
        let Some(TokenTree::Punct(first)) = self.tokens.next() else { return Value::Broken };
        let joint = first.spacing() == Spacing::Joint;
        let mut equals = first.into_token_stream();
        let second = self.tokens.next_if(|next| is_punct(next, "=") || joint && is_punct(next, ">"));
        if let Some(second) = second {
            equals.extend([second]);
            let written = tokens_text(&equals).replace(' ', "");
            self.syntax(&equals, with_help(format!("expected `=`, found `{written}`"), format!("write `{word} = …`")));
            self.skip_to_comma();
            return Value::Broken;
        }
        let written = until_comma(&mut self.tokens);
        match written.clone().into_iter().last() {
            // Half typed. rustc would take it for what stands before, and complain of that too.
            Some(TokenTree::Punct(end)) if matches!(end.as_char(), '.' | ':') => {
                self.syntax(
                    &end,
                    format!("the value of `{word}` is incomplete: expected more after `{}`", end.as_char()),
                );
                Value::Broken
            }
            // The rest of it may be what comes next.
            Some(_) if self.tokens.peek().is_some_and(|next| !is_punct(next, ",;") && !begins_entry(next)) => {
                Value::Broken
            }
            _ => value(key, written).unwrap_or_else(|| {
                let help = key.map_or_else(String::new, |key| key.forms(self.place));
                self.syntax(equals, with_help(format!("expected a value after `{word} =`"), format!("write {help}")));
                Value::Broken
            }),
        }
    }

    /// The comma, or what stands in its place.
    fn comma(&mut self) {
        match self.tokens.peek().cloned() {
            None => {}
            Some(next) if is_punct(&next, ",") => drop(self.tokens.next()),
            Some(next) => {
                self.syntax(&next, format!("expected `,`, found {}", found(&next)));
                if !matches!(next, TokenTree::Ident(_)) {
                    self.skip_to_comma();
                    self.tokens.next_if(|next| is_punct(next, ",;"));
                }
            }
        }
    }

    fn skip_to_comma(&mut self) {
        while self.tokens.next_if(|token| !is_punct(token, ",;")).is_some() {}
    }

    /// `(with = path)`
    fn with(&self, key: Key, group: &Group) -> Value {
        let forms = format!("write {}", key.forms(self.place));
        if key.row().form != Form::Role {
            let message = match key.row().form {
                Form::Flag => format!("`{key}` takes no value"),
                _ => format!("expected `=`, found `(` after `{key}`"),
            };
            self.errors.push(syn::Error::new(group.span_open(), with_help(message, forms)));
            return Value::Broken;
        }
        let mut trees = group.stream().into_iter();
        match (trees.next(), trees.next()) {
            (None, _) => {
                self.errors.push(syn::Error::new(group.span_open(), with_help("expected `with = path`", forms)))
            }
            (Some(TokenTree::Ident(word)), Some(TokenTree::Punct(equals)))
                if word == keys::WITH && is_equals(&equals) =>
            {
                let path: TokenStream = trees.collect();
                match syn::parse2::<Path>(path.clone()) {
                    Ok(path) => return Value::With(path),
                    Err(_) if path.is_empty() => self.errors.help(equals, "expected a path after `with =`", forms),
                    Err(_) => self.errors.help(path, "expected the path of a function", forms),
                }
            }
            (Some(TokenTree::Ident(word)), Some(next)) if word == keys::WITH => {
                self.errors.help(&next, format!("expected `=`, found {}", found(&next)), forms);
            }
            (Some(TokenTree::Ident(word)), None) if word == keys::WITH => {
                self.errors.help(word, "expected `= path` after `with`", forms);
            }
            (Some(first), _) => {
                self.errors.help(&first, format!("expected `with = path`, found {}", found(&first)), forms)
            }
        }
        Value::Broken
    }

    /// `(T: Trait, …)`, or none at all.
    fn bounds(&self, key: Key, tokens: TokenStream) -> Value {
        Punctuated::parse_terminated.parse2(tokens.clone()).map(Value::Bounds).unwrap_or_else(|_| {
            self.errors.help(tokens, "expected bounds", format!("write {}", key.forms(self.place)));
            Value::Broken
        })
    }
}

fn found(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => "`(`".into(),
            Delimiter::Brace => "`{`".into(),
            Delimiter::Bracket => "`[`".into(),
            Delimiter::None => "an expression".into(),
        },
        other => format!("`{other}`"),
    }
}

fn is_key(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if Row::of(&word.to_string()).is_some())
}
