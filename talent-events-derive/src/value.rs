//! Where a value ends, and what form it has.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Ident, Punct, Spacing, TokenStream, TokenTree, token_stream};
use quote::ToTokens;
use syn::LitStr;

use crate::attr::Value;
use crate::keys::{self, Key};
use crate::similar::nearest;
use crate::tokens::is_constant;

pub(crate) type Tokens = Peekable<token_stream::IntoIter>;

/// The tokens up to the comma or key that ends a value: not a comma inside brackets, nor inside the `<…>` that begins
/// the value or follows `::`. A word before a single `=` is the next key, whose comma was forgotten; but not in the
/// pattern of a `let`, nor, unless it is like a key, behind a sign. Nor does Rust have two words or literals side by side.
pub(crate) fn until_comma(tokens: &mut Tokens) -> TokenStream {
    let mut taken = TokenStream::new();
    let mut angles = 0_usize;
    let mut in_let = false;
    let mut before: [Option<char>; 2] = [None, None];
    let mut after_operand = false;
    while let Some(token) = tokens.peek() {
        let punct = if let TokenTree::Punct(p) = token { Some(p.as_char()) } else { None };
        let is_operand = match token {
            TokenTree::Ident(word) => syn::parse2::<Ident>(word.to_token_stream()).is_ok() || is_own(word),
            TokenTree::Literal(_) => true,
            _ => false,
        };
        if after_operand && is_operand || before[1] == Some('.') && before[0] != Some('.') && is_no_member(token) {
            break;
        }
        match token {
            TokenTree::Punct(p) if is_equals(p) => in_let = false,
            TokenTree::Ident(word) if word == "let" => in_let = true,
            TokenTree::Ident(word)
                if angles == 0 && !in_let && !taken.is_empty() && (before[1].is_none() || is_like_a_key(word)) =>
            {
                let mut ahead = tokens.clone();
                ahead.next();
                if matches!(ahead.next(), Some(TokenTree::Punct(p)) if is_equals(&p)) {
                    break;
                }
            }
            _ => {}
        }
        match punct {
            Some(',' | ';') if angles == 0 => break,
            Some('<') if angles > 0 || taken.is_empty() || before == [Some(':'), Some(':')] => angles += 1,
            Some('>') if before[1] != Some('-') => angles = angles.saturating_sub(1),
            _ => {}
        }
        before = [before[1], punct];
        after_operand = is_operand;
        taken.extend(tokens.next());
    }
    taken
}

/// What cannot stand behind a dot.
fn is_no_member(token: &TokenTree) -> bool {
    match token {
        TokenTree::Literal(literal) => !literal.to_string().starts_with(|c: char| c.is_ascii_digit()),
        TokenTree::Group(group) => group.delimiter() != Delimiter::None,
        _ => false,
    }
}

/// Keywords that stand for a value.
fn is_own(word: &Ident) -> bool {
    ["self", "Self", "true", "false"].iter().any(|own| word == own)
}

pub(crate) fn begins_entry(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if is_like_a_key(word))
}

fn is_like_a_key(word: &Ident) -> bool {
    nearest(&word.to_string(), keys::KEYS.iter().map(|row| row.key.word())).is_some()
}

pub(crate) fn value(key: Option<Key>, tokens: TokenStream) -> Option<Value> {
    let mut trees = tokens.clone().into_iter();
    match (trees.next()?, trees.next()) {
        // A constant is an expression of a job.
        (TokenTree::Ident(word), None) if matches!(key, Some(Key::Job | Key::Jobs)) && is_constant(&word) => {
            Some(Value::Tokens(tokens))
        }
        // A keyword is no name: `self` is an expression.
        (TokenTree::Ident(word), None) if syn::parse2::<Ident>(tokens.clone()).is_ok() => Some(Value::Word(word)),
        (TokenTree::Literal(_), None) => match syn::parse2::<LitStr>(tokens.clone()) {
            Ok(text) => Some(Value::Text(text)),
            Err(_) => Some(Value::Tokens(tokens)),
        },
        // What a `macro_rules!` fragment was written as comes in an invisible group, which an expression keeps.
        (TokenTree::Group(group), None) if group.delimiter() == Delimiter::None => value(key, group.stream())
            .map(|inside| if let Value::Tokens(_) = inside { Value::Tokens(tokens) } else { inside }),
        _ => Some(Value::Tokens(tokens)),
    }
}

pub(crate) fn is_punct(token: &TokenTree, any_of: &str) -> bool {
    matches!(token, TokenTree::Punct(p) if any_of.contains(p.as_char()))
}

pub(crate) fn is_equals(punct: &Punct) -> bool {
    punct.as_char() == '=' && punct.spacing() == Spacing::Alone
}
