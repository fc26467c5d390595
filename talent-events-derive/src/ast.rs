//! The item as it was written: what syn read, with the `#[talent]` attributes of each place beside it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{DeriveInput, Expr, Generics, Lit, Member, Meta, Path, Type};

use crate::attr::{Attr, Value, find};
use crate::errors::{Errors, with_help};
use crate::keys::{Key, Place};
use crate::read;
use crate::tokens::Ends;

pub(crate) struct Item<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attrs: Vec<Attr>,
    pub(crate) doc: String,
    /// The path of the runtime crate.
    pub(crate) krate: TokenStream,
    /// The import of that name, if the user wrote a path: so the path stands in the code once, and so does an error of it.
    pub(crate) import: Option<TokenStream>,
    pub(crate) shape: Shape<'a>,
}

pub(crate) enum Shape<'a> {
    Struct(Fields<'a>),
    Enum(Vec<Variant<'a>>),
    /// Anything else; the error is reported.
    Other,
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attrs: Vec<Attr>,
    pub(crate) doc: String,
    pub(crate) fields: Fields<'a>,
}

pub(crate) struct Fields<'a> {
    pub(crate) named: bool,
    pub(crate) list: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    /// The field's name, or its index.
    pub(crate) name: String,
    /// The name by which templates and a variant's expressions know it: `_0` if it has none.
    pub(crate) ident: Ident,
    /// The name or index by which patterns know it.
    pub(crate) member: Member,
    /// The variable that it is bound to. Not by a name of the user's, which may be that of a function or a `static` too:
    /// hygiene does not tell a variable from these.
    pub(crate) binding: Ident,
    pub(crate) ty: &'a Type,
    pub(crate) attrs: Vec<Attr>,
}

/// The item. syn without its `full` does not read every expression, but takes one in braces as it is; so where it reads
/// none else, the length of each array is put into braces.
pub(crate) fn read(input: TokenStream) -> syn::Result<DeriveInput> {
    syn::parse2(input.clone()).or_else(|e| syn::parse2(with_lengths_in_braces(input)).map_err(|_| e))
}

fn with_lengths_in_braces(tokens: TokenStream) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| {
        let TokenTree::Group(group) = token else { return token };
        let mut inner = with_lengths_in_braces(group.stream()).into_iter();
        let mut rewritten = TokenStream::new();
        while let Some(token) = inner.next() {
            let ends = matches!(&token, TokenTree::Punct(p) if p.as_char() == ';');
            rewritten.extend([token]);
            if ends && group.delimiter() == Delimiter::Bracket {
                rewritten.extend([Group::new(Delimiter::Brace, inner.by_ref().collect())].map(TokenTree::Group));
            }
        }
        let mut rewritten = Group::new(group.delimiter(), rewritten);
        rewritten.set_span(group.span());
        TokenTree::Group(rewritten)
    });
    tokens.collect()
}

impl<'a> Item<'a> {
    pub(crate) fn event(input: &'a DeriveInput, adopt: bool, errors: &Errors) -> Self {
        let (place, shape) = match &input.data {
            syn::Data::Struct(data) => (Place::Struct, Shape::Struct(Fields::read(&data.fields, adopt, errors))),
            syn::Data::Enum(data) => {
                if data.variants.is_empty() {
                    errors.at(&input.ident, "an enum without variants sends no event");
                }
                let variants = data.variants.iter().map(|v| Variant::read(v, adopt, errors)).collect();
                (Place::Enum, Shape::Enum(variants))
            }
            syn::Data::Union(data) => {
                errors.at(
                    data.union_token,
                    with_help("a union cannot be an event", "derive `TalentEvent` on a struct or an enum"),
                );
                (Place::Struct, Shape::Other)
            }
        };
        Self::read(input, place, shape, adopt, errors)
    }

    pub(crate) fn context(input: &'a DeriveInput, adopt: bool, errors: &Errors) -> Self {
        let other = match &input.data {
            syn::Data::Struct(data) => {
                let shape = Shape::Struct(Fields::read(&data.fields, adopt, errors));
                return Self::read(input, Place::Context, shape, adopt, errors);
            }
            syn::Data::Enum(data) => data.enum_token.to_token_stream(),
            syn::Data::Union(data) => data.union_token.to_token_stream(),
        };
        errors.at(
            other,
            with_help(
                "expected a struct",
                "a context is a struct, whose fields are given to each event that flattens it",
            ),
        );
        // Without its attributes: they are those of the wrong kind of item.
        Self::unread(&input.ident, &input.generics)
    }

    /// An item of which nothing else is known.
    pub(crate) fn unread(ident: &'a Ident, generics: &'a Generics) -> Self {
        Self {
            ident,
            generics,
            attrs: Vec::new(),
            doc: String::new(),
            krate: quote!(::talent_events),
            import: None,
            shape: Shape::Other,
        }
    }

    fn read(input: &'a DeriveInput, place: Place, shape: Shape<'a>, adopt: bool, errors: &Errors) -> Self {
        let attrs = read::read(&input.attrs, place, adopt, errors);
        let path = crate_path(&attrs, errors);
        let krate = if path.is_some() { quote!(__talent_events) } else { quote!(::talent_events) };
        let import = path.map(|path| {
            let at = Ends::of(&path).first;
            quote_spanned!(at=> use #path as __talent_events;)
        });
        Self { ident: &input.ident, generics: &input.generics, attrs, doc: doc(&input.attrs), krate, import, shape }
    }
}

impl<'a> Variant<'a> {
    fn read(variant: &'a syn::Variant, adopt: bool, errors: &Errors) -> Self {
        Self {
            ident: &variant.ident,
            attrs: read::read(&variant.attrs, Place::Variant, adopt, errors),
            doc: doc(&variant.attrs),
            fields: Fields::read(&variant.fields, adopt, errors),
        }
    }
}

impl<'a> Fields<'a> {
    fn read(fields: &'a syn::Fields, adopt: bool, errors: &Errors) -> Self {
        let list = fields.iter().zip(fields.members()).enumerate().map(|(index, (field, member))| {
            let (name, ident, binding) = match &field.ident {
                // Where the user's span is: what does not fit is the field, and not of the derive's making.
                Some(ident) => {
                    (ident.unraw().to_string(), ident.clone(), format_ident!("__{index}", span = ident.span()))
                }
                None => {
                    let at = Span::call_site().located_at(field.ty.span());
                    let ident = format_ident!("_{index}", span = at);
                    (index.to_string(), ident.clone(), ident)
                }
            };
            let attrs = read::read(&field.attrs, Place::Field, adopt, errors);
            Field { name, ident, member, binding, ty: &field.ty, attrs }
        });
        Self { named: matches!(fields, syn::Fields::Named(_)), list: list.collect() }
    }
}

impl Field<'_> {
    pub(crate) fn attr(&self, key: Key) -> Option<&Attr> {
        find(&self.attrs, key)
    }
}

fn crate_path(attrs: &[Attr], errors: &Errors) -> Option<TokenStream> {
    let attr = find(attrs, Key::Crate)?;
    let tokens = match &attr.value {
        Value::Word(word) => word.to_token_stream(),
        Value::Tokens(tokens) => tokens.clone(),
        Value::Broken => return None,
        _ => TokenStream::new(),
    };
    let Ok(path) = syn::parse2::<Path>(tokens) else {
        errors.help(attr.at_value(), "expected a path", format!("write {}", Key::Crate.forms(Place::Struct)));
        return None;
    };
    let first = &path.segments[0].ident;
    if path.leading_colon.is_some() || is_crate(first) {
        return Some(path.into_token_stream());
    }
    // The code lands in the user's module, where a relative path may mean another thing than where it was written.
    let written = path.to_token_stream().to_string().replace(' ', "");
    let how = match first == "self" || first == "super" {
        true => "write every module from the crate's root, `crate = crate::path::to::talent_events`".into(),
        false => format!("write `crate = ::{written}` or `crate = crate::{written}`"),
    };
    errors.help(&path, "expected an absolute path, found a relative one", how);
    None
}

/// `$crate` is `crate` where a macro of the crate's own wrote it.
fn is_crate(ident: &Ident) -> bool {
    ident == "crate" || ident == "$crate"
}

/// The doc comment, its lines without the blank that begins each.
fn doc(attrs: &[syn::Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(lit) => match &lit.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned()).collect();
    lines.join("\n").trim().to_owned()
}
