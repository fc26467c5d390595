//! The derive macros of `talent-events`. Depend on that crate: it re-exports them, and its documentation has the
//! grammar of the attributes.
//!
//! A derive goes through the files in this order:
//!
//! | files | what they do |
//! |---|---|
//! | `split`, `value`, `read`, `attr`, `ast` | read the attributes, each with the item on which it stands |
//! | `keys`, `roles` | the two tables: what can be written, and what an event is made of |
//! | `rules` | checks everything, and returns the `model` of what is sent |
//! | `expand`, `describe` | write the code, and the words in it; neither can fail |
//! | `expand::fallback` | after an error writes what it can, so that no second error follows the first |
//!
//! `event_types`, `suggest`, `similar` and `errors` have the words of errors; `template` and `tokens` are helpers.

mod ast;
mod attr;
mod describe;
mod errors;
mod event_types;
mod expand;
mod keys;
mod model;
mod read;
mod roles;
mod rules;
mod similar;
mod split;
mod suggest;
mod template;
#[cfg(test)]
mod tests;
mod tokens;
mod unread;
mod value;

use proc_macro::TokenStream;

use errors::Errors;
use expand::fallback;

/// Maps a struct or enum to the events of Google Cloud Talent Solution. The guide of `talent-events` has the grammar.
#[proc_macro_derive(TalentEvent, attributes(talent))]
pub fn derive_talent_event(input: TokenStream) -> TokenStream {
    talent_event(input.into()).into()
}

/// Makes a struct the context of events that hold it in a `#[talent(flatten)]` field. The guide of `talent-events` has
/// the grammar.
#[proc_macro_derive(TalentContext, attributes(talent))]
pub fn derive_talent_context(input: TokenStream) -> TokenStream {
    talent_context(input.into()).into()
}

fn talent_event(input: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let input = match ast::read(input.clone()) {
        Ok(input) => input,
        Err(e) => return unread::expand(input, false, &e),
    };
    let try_once = |adopt| {
        let errors = Errors::default();
        let item = ast::Item::event(&input, adopt, &errors);
        let events = rules::events(&item, &errors);
        let probes = unread::probes(&errors.foreign());
        match errors.finish() {
            errors if errors.is_empty() => Ok(expand::event::expand(&item, &events, probes)),
            errors => Err(fallback::event(&item, &events, errors)),
        }
    };
    // Attributes of another name are read as ours only if something is wrong without them.
    try_once(false).or_else(|_| try_once(true)).unwrap_or_else(|fallback| fallback)
}

fn talent_context(input: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let input = match ast::read(input.clone()) {
        Ok(input) => input,
        Err(e) => return unread::expand(input, true, &e),
    };
    let try_once = |adopt| {
        let errors = Errors::default();
        let item = ast::Item::context(&input, adopt, &errors);
        let context = rules::context(&item, &errors);
        let probes = unread::probes(&errors.foreign());
        match errors.finish() {
            errors if errors.is_empty() => Ok(expand::context::expand(&item, context, probes)),
            errors => Err(fallback::context(&item, &errors)),
        }
    };
    try_once(false).or_else(|_| try_once(true)).unwrap_or_else(|fallback| fallback)
}
