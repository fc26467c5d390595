//! The derive macros of `talent-events`. Depend on that crate: it re-exports them, and its documentation has the
//! grammar of the attributes.
//!
//! A derive goes through the files in this order: `attr` splits attributes into keys and values, `ast` gives each key
//! to the item it stands on, `valid` holds every rule and answers what is to be sent (`prop`: and what follows from
//! that), `expand` writes the code (`context`, `bounds`, `checks` and
//! `doc`: its parts), which can not fail. After an error `fallback` writes what it can in its place, so that no second
//! error follows the first.

mod ast;
mod attr;
mod bounds;
mod checks;
mod context;
mod doc;
mod errors;
mod expand;
mod fallback;
mod prop;
mod suggest;
mod template;
#[cfg(test)]
mod tests;
mod valid;

use proc_macro::TokenStream;

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
    let input = match ast::read(input) {
        Ok(input) => input,
        Err(e) => return e.into_compile_error(),
    };
    let errors = errors::Errors::default();
    let item = ast::Item::event(&input, &errors);
    let events = valid::events(&item, &errors);
    match errors.finish() {
        None => expand::expand(&item, &events),
        Some(e) => fallback::event(&item, &events, e),
    }
}

fn talent_context(input: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let input = match ast::read(input) {
        Ok(input) => input,
        Err(e) => return e.into_compile_error(),
    };
    let errors = errors::Errors::default();
    let item = ast::Item::context(&input, &errors);
    let context = valid::context(&item, &errors);
    match errors.finish() {
        None => context::expand(&item, context),
        Some(e) => fallback::context(&item, &e),
    }
}
