//! The reasons as types, so that an event that cannot follow is a compile error with the reason's words.
//!
//! Each reason is a trait that nobody implements. The compiler asks for it on the user's struct, and answers with the
//! words that the trait carries.

use super::CannotFollow;
use super::refusal::reasons;
use super::types::{Follows, Verdict, sealed};

macro_rules! types {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $allows:ident $(of $rule:ident)? $source:literal: $sentence:literal;
    )+) => {
        /// The event can follow.
        #[derive(Debug)]
        pub enum Allowed {}

        impl sealed::Sealed for Allowed {}
        impl Verdict for Allowed {
            const REFUSAL: Option<CannotFollow> = None;
        }
        impl<E: ?Sized> Follows<Allowed> for E {}

        $(
            #[doc = concat!("Refused: ", $sentence, ".")]
            #[derive(Debug)]
            pub enum $name {}

            impl sealed::Sealed for $name {}
            impl Verdict for $name {
                const REFUSAL: Option<CannotFollow> = Some(CannotFollow::$name);
            }
            // The event is a parameter, not the type that the trait is asked of: if both were the same, rustc would
            // say the words of `Follows` in place of these.
            impl<E: ?Sized> Follows<$name> for E where allows::Rules: allows::$allows<E> {}
        )+

        /// What would have to be allowed for an event that is refused.
        pub mod allows {
            use super::sealed;

            /// The rules, which make no exception for any event.
            #[derive(Debug)]
            pub enum Rules {}

            $(
                /// Nobody implements it.
                #[diagnostic::on_unimplemented(
                    message = $sentence,
                    label = "`{E}` cannot follow here",
                    note = $source
                )]
                pub trait $allows<E: ?Sized>: sealed::Excepted<E> {}
            )+
        }
    };
}

reasons!(types);
