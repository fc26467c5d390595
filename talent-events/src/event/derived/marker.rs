//! What stands in a template's scope in place of a field that the template must not name.

use std::fmt;
use std::marker::PhantomData;

/// In place of a field marked `private`: it has no `Display`.
#[doc(hidden)]
pub struct PrivateField<Why>(PhantomData<Why>);

pub const PRIVATE: PrivateField<Private> = PrivateField(PhantomData);

#[doc(hidden)]
pub struct Private;

/// Implemented by nobody.
#[diagnostic::on_unimplemented(
    message = "a field marked `private` cannot be named in a template",
    label = "this field is private",
    note = "take the field out of the template, or take `private` off the field"
)]
pub trait NotPrivate {}

impl<Why: NotPrivate> fmt::Display for PrivateField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<Why: NotPrivate> fmt::Debug for PrivateField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// In place of a field that only other variants have.
#[doc(hidden)]
pub struct OtherField<Why>(PhantomData<Why>);

pub const OTHER_VARIANT: OtherField<OtherVariant> = OtherField(PhantomData);

#[doc(hidden)]
pub struct OtherVariant;

/// Implemented by nobody.
#[diagnostic::on_unimplemented(
    message = "a template names the fields of its own variant",
    label = "this field belongs to another variant",
    note = "take the field out of the template, or give this variant a field of that name"
)]
pub trait OfThisVariant {}

impl<Why: OfThisVariant> fmt::Display for OtherField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<Why: OfThisVariant> fmt::Debug for OtherField<Why> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
