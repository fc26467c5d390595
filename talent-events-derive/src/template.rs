//! The little that has to be known of a template before rustc reads it.
//!
//! The literal reaches `format_args!` as it was written, so that rustc's own carets and fix-its fall inside it. Which
//! fields to bind for it, and which bounds a generic field needs, is seen from the names in its braces.

use proc_macro2::Span;
use syn::LitStr;

pub(crate) struct Placeholder {
    /// What stands before the colon: a field's name or index.
    pub(crate) name: String,
    /// The trait of `std::fmt` that it asks for; none where it is a width or precision, which is a `usize`.
    pub(crate) format: Option<&'static str>,
}

/// Every `{name…}` of the template; the names of widths and precisions (`$`) among them. A brace that does not close
/// ends the search: rustc tells it.
pub(crate) fn placeholders(template: &LitStr) -> Vec<Placeholder> {
    let text = template.value();
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            rest = after;
            continue;
        }
        let Some(close) = rest.find('}') else { break };
        let (name, spec) = rest[..close].split_once(':').unwrap_or((&rest[..close], ""));
        found.push(Placeholder { name: name.trim().to_owned(), format: Some(format(spec.trim_end())) });
        for width in spec.split('$').rev().skip(1) {
            let name = width.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            found.push(Placeholder { name: name.to_owned(), format: None });
        }
        rest = &rest[close + 1..];
    }
    found
}

/// What stands behind the colon ends with the type, but for fill, sign, width and precision.
fn format(spec: &str) -> &'static str {
    match spec.chars().next_back() {
        Some('?') => "Debug",
        Some('x') => "LowerHex",
        Some('X') => "UpperHex",
        Some('o') => "Octal",
        Some('b') => "Binary",
        Some('e') => "LowerExp",
        Some('E') => "UpperExp",
        Some('p') => "Pointer",
        _ => "Display",
    }
}

/// The same template with each index as the variable that a field without a name is bound to: `{0:1$}` as `{_0:_1$}`.
/// Such names are the derive's, and so is its span.
pub(crate) fn indices_as_variables(template: &LitStr) -> LitStr {
    let text = template.value();
    let mut rewritten = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open + 1);
        rewritten += before;
        if let Some(escaped) = after.strip_prefix('{') {
            rewritten.push('{');
            rest = escaped;
            continue;
        }
        let (inside, behind) = after.split_at(after.find('}').unwrap_or(after.len()));
        if inside.starts_with(|c: char| c.is_ascii_digit()) {
            rewritten.push('_');
        }
        // In a width or precision a number is an index if a `$` follows it.
        let mut parts = inside.split('$').peekable();
        while let Some(part) = parts.next() {
            let index = part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            if parts.peek().is_none() {
                rewritten += part;
            } else if index < part.len() && !part[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                rewritten += &format!("{}_{}$", &part[..index], &part[index..]);
            } else {
                rewritten += &format!("{part}$");
            }
        }
        rest = behind;
    }
    rewritten += rest;
    LitStr::new(&rewritten, Span::call_site().located_at(template.span()))
}
