//! Writes the impls. All rules have been checked, so nothing here can fail.
//!
//! Spans: what only the type checker looks at keeps the user's own, so that its errors fall on the user's token; code
//! that runs is `call_site`, located at the user's token, so that no lint of the user's speaks of it. Each of the
//! user's tokens is mentioned once, so that an error about it is printed once.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{LitStr, Path, Type};

use crate::ast::{Field, Fields, Item, Shape};
use crate::bounds::{self_contained, with_bounds};
use crate::checks;
use crate::template;
use crate::valid::{Event, EventId, EventType, Events, Jobs, Notes, RequestId, Role, Sent, Source};

pub(crate) fn expand(item: &Item<'_>, events: &Events<'_>) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let w = Ident::new("w", Span::mixed_site());
    let cx = Cx { item, w: &w };

    let generics = with_bounds(item, &events.sent);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();

    let parts = cx.parts(events);
    let (write, descriptor, kinds) = (&parts.write, &parts.descriptor, &parts.kinds);

    let answer = answer(krate, events);
    let self_contained = self_contained(item, &events.sent).map(|bounds| {
        let mut generics = generics.clone();
        generics.make_where_clause().predicates.extend(bounds);
        let (_, _, where_clause) = generics.split_for_impl();
        quote!(impl #impl_generics #krate::SelfContained for #ident #ty_generics #where_clause {})
    });
    let typed = parts.typed.map(|event_type| {
        quote! {
            impl #impl_generics #krate::TypedEvent for #ident #ty_generics #where_clause {
                type Type = #event_type;
            }
        }
    });
    let (types, checks) = (&parts.types, &parts.checks);
    let doc = crate::doc::sends(item, events);

    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        const _: () = {
            #(#types)*
            #(#checks)*

            #[doc = #doc]
            impl #impl_generics #krate::TalentEvent for #ident #ty_generics #where_clause {
                fn write(
                    &self,
                    #w: &mut #krate::event::EventWriter<'_>,
                ) -> #krate::__private::Result<(), #krate::InvalidEvent> {
                    #write
                }

                fn descriptor(&self) -> &'static #krate::event::EventDescriptor {
                    #descriptor
                }
            }

            impl #impl_generics #krate::Answers for #ident #ty_generics #where_clause {
                type Answer = #answer;

                const KINDS: &'static [#krate::__private::Kind] = #kinds;
            }

            #self_contained
            #typed
        };
    }
}

/// What every piece needs to know.
pub(crate) struct Cx<'a> {
    pub(crate) item: &'a Item<'a>,
    /// The writer.
    pub(crate) w: &'a Ident,
}

pub(crate) struct Parts {
    pub(crate) write: TokenStream,
    descriptor: TokenStream,
    /// All descriptors, for those who have no value at hand: `descriptor` takes its own from here.
    kinds: TokenStream,
    /// The marker type, where the item has one event type that is known.
    pub(crate) typed: Option<TokenStream>,
    /// Each marker type's own name.
    pub(crate) types: Vec<TokenStream>,
    checks: Vec<TokenStream>,
}

impl Cx<'_> {
    pub(crate) fn parts(&self, events: &Events<'_>) -> Parts {
        let (mut types, mut checks) = (Vec::new(), Vec::new());
        match &self.item.shape {
            Shape::Struct(fields) => {
                let Some(Sent::Event(event)) = events.sent.first() else {
                    unreachable!("a valid struct sends one event")
                };
                let name = self.item.ident.unraw().to_string();
                let event_type = self.event_type(event, "Type", &mut types);
                let late = checks::event(self, event, self.item.ident, event_type.as_ref(), &mut checks);
                let (pattern, body) = self.write(event, fields, event_type.as_ref());
                let descriptor = self.descriptor(event, &name, &self.item.doc, event_type.as_ref());
                Parts {
                    write: quote! {
                        #late
                        #[allow(unused_variables)]
                        let Self #pattern = self;
                        #body
                    },
                    descriptor: self.kind(0),
                    kinds: quote!(&[#descriptor]),
                    typed: event_type,
                    types,
                    checks,
                }
            }
            Shape::Enum(variants) => {
                let mut writes = Vec::new();
                let mut descriptors = Vec::new();
                let mut kinds = Vec::new();
                for (index, (variant, sent)) in variants.iter().zip(&events.sent).enumerate() {
                    let ident = variant.ident;
                    let name = format!("{}::{}", self.item.ident.unraw(), ident.unraw());
                    match sent {
                        Sent::Event(event) => {
                            let event_type = self.event_type(event, &ident.unraw().to_string(), &mut types);
                            let late = checks::event(self, event, ident, event_type.as_ref(), &mut checks);
                            let (pattern, body) = self.write(event, &variant.fields, event_type.as_ref());
                            kinds.push(self.descriptor(event, &name, &variant.doc, event_type.as_ref()));
                            let descriptor = self.kind(index);
                            writes.push(quote! {
                                #[allow(unused_variables)]
                                Self::#ident #pattern => { #late #body }
                            });
                            descriptors.push(quote!(Self::#ident { .. } => #descriptor,));
                        }
                        Sent::Transparent(field) => {
                            let (krate, w, ty, binding) = (&self.item.krate, self.w, field.ty, &field.binding);
                            let pattern = pattern(&variant.fields, |_| true);
                            writes.push(quote! {
                                Self::#ident #pattern => <#ty as #krate::TalentEvent>::write(#binding, #w),
                            });
                            descriptors.push(quote! {
                                Self::#ident #pattern => <#ty as #krate::TalentEvent>::descriptor(#binding),
                            });
                            kinds.push(quote!(#krate::__private::Kind::Inner(#krate::__private::Of::<#ty>::kinds)));
                        }
                        Sent::Nothing => {
                            let (krate, w, doc) = (&self.item.krate, self.w, &variant.doc);
                            writes.push(quote! {
                                Self::#ident { .. } => {
                                    #w.skip();
                                    #krate::__private::Ok(())
                                }
                            });
                            kinds.push(quote!(#krate::__private::Kind::Event(#krate::__private::skipped(#name, #doc))));
                            let descriptor = self.kind(index);
                            descriptors.push(quote!(Self::#ident { .. } => #descriptor,));
                        }
                    }
                }
                let inner = events.sent.iter().any(|sent| matches!(sent, Sent::Transparent(_))).then(|| {
                    let krate = &self.item.krate;
                    quote! {
                        #[allow(unused_imports)]
                        use #krate::__private::KindsUnknown as _;
                    }
                });
                Parts {
                    write: match variants.is_empty() {
                        true => quote!(match *self {}),
                        false => quote!(match self { #(#writes)* }),
                    },
                    descriptor: quote!(match self { #(#descriptors)* }),
                    kinds: match inner {
                        Some(import) => quote!({ #import &[#(#kinds),*] }),
                        None => quote!(&[#(#kinds),*]),
                    },
                    typed: None,
                    types,
                    checks,
                }
            }
            Shape::Other => unreachable!("a union is an error"),
        }
    }

    /// The marker type under a name of its own, so that the user's word stands in the code once.
    fn event_type(&self, event: &Event<'_>, name: &str, types: &mut Vec<TokenStream>) -> Option<TokenStream> {
        let Some(EventType::Named(word)) = event.event_type else { return None };
        let krate = &self.item.krate;
        // Hygiene does not reach items: a name that nobody writes.
        let name = Ident::new(&format!("__TalentEventType_{name}"), Span::mixed_site());
        types.push(quote! {
            #[allow(non_camel_case_types)]
            type #name = #krate::types::#word;
        });
        Some(quote!(#name))
    }

    /// The pattern that binds the fields in use, and the body that writes the event or context.
    pub(crate) fn write(
        &self,
        event: &Event<'_>,
        fields: &Fields<'_>,
        marker: Option<&TokenStream>,
    ) -> (TokenStream, TokenStream) {
        let (krate, w) = (&self.item.krate, self.w);
        let event_type = event.event_type.as_ref().map(|event_type| match event_type {
            EventType::Named(word) => {
                let at = Span::call_site().located_at(word.span());
                quote_spanned!(at=> #w.tell_event_type(<#marker as #krate::event::EventType>::TYPE);)
            }
            EventType::Computed(tokens) => {
                let value = expression(krate, tokens);
                quote!(#w.event_type(#value)?;)
            }
        });
        let jobs = event.jobs.as_ref().map(|jobs| match jobs {
            Jobs::One(Source::Field(role)) => self.put(role, "AsJob", "as_job", "tell_job"),
            Jobs::One(Source::Computed(tokens)) => {
                let at = Ends::of(tokens);
                let value = at.in_parentheses(expression(krate, tokens));
                let (krate, as_job) = (at.first(krate), at.last("as_job"));
                let at = at.first;
                quote_spanned!(at=> #w.tell_job(#krate::event::AsJob::#as_job(&#value));)
            }
            Jobs::One(Source::Constant(name)) => quote!(#w.tell_job(#krate::event::AsJob::as_job(#name));),
            Jobs::Many { source: Source::Field(role), .. } => self.jobs(role),
            Jobs::Many { source: Source::Computed(tokens), .. } => {
                let at = Ends::of(tokens);
                let value = at.in_parentheses(expression(krate, tokens));
                let (krate, for_each_job) = (at.first(krate), at.last("for_each_job"));
                let at = at.first;
                quote_spanned!(at=> #krate::event::AsJobs::#for_each_job(&#value, &mut #w.each_job())?;)
            }
            Jobs::Many { source: Source::Constant(_), .. } => unreachable!("a constant names one job"),
            Jobs::FromFunnel => quote!(#w.job_from_funnel()?;),
        });
        // After the own jobs and before the rest: the writer moves nothing when jobs come first.
        let flattened = event.flattened.iter().map(|(field, _)| {
            let Field { binding, ty, .. } = field;
            let at = Span::call_site().located_at(ty.span());
            let krate = located(krate, at);
            quote_spanned!(at=> <#ty as #krate::TalentContext>::write_context(#binding, #w)?;)
        });
        let request_id = event.request_id.as_ref().map(|request_id| match request_id {
            RequestId::Field(role) => self.put(role, "AsRequestId", "as_request_id", "tell_request_id"),
            RequestId::FromSession => quote!(#w.tell_request_id_from_session();),
            RequestId::Synthetic(template) => self.formatted("tell_synthetic_request_id", template, fields),
            RequestId::None => quote!(#w.tell_no_request_id();),
        });
        let event_id = event.event_id.as_ref().map(|event_id| match event_id {
            EventId::Field(role) => self.put(role, "AsEventId", "as_event_id", "tell_event_id"),
            EventId::Template(template) => self.formatted("tell_event_id_formatted", template, fields),
        });
        let create_time = event.create_time.as_ref();
        let create_time = create_time.map(|role| self.put(role, "AsCreateTime", "as_create_time", "tell_create_time"));
        let notes = event.notes.as_ref().map(|notes| match notes {
            Notes::Template(template) => self.formatted("tell_notes_formatted", template, fields),
            Notes::Field(role) => self.put(role, "AsNotes", "as_notes", "tell_notes"),
            Notes::With(path) => {
                let at = Span::call_site().located_at(path.span());
                let krate = located(krate, at);
                quote_spanned!(at=> #w.tell_notes(#krate::event::AsNotes::as_notes(&#path(self)));)
            }
        });
        let refuse_long_notes = event.refuses_long_notes.then(|| quote!(#w.refuse_long_notes()?;));
        let body = quote! {
            #event_type
            #jobs
            #refuse_long_notes
            #(#flattened)*
            #request_id
            #event_id
            #create_time
            #notes
            #w.end()
        };
        // A name that no field has is rustc's to tell; with every field in scope it knows which was meant.
        let named: Vec<_> = event.templates().flat_map(template::placeholders).collect();
        let stray = stray(&named, fields);
        let named = |field: &Field<'_>| named.iter().any(|p| p.name == field.name);
        // What is private is bound, and so counts as read, which is all that becomes of it.
        let bound =
            |field: &Field<'_>| stray || named(field) || in_role(event, field) || field.attr("private").is_some();
        (pattern(fields, bound), body)
    }

    /// `w.tell_job(<JobName as AsJob>::as_job(job));`
    fn put(&self, role: &Role<'_>, role_trait: &str, method: &str, put: &str) -> TokenStream {
        let (krate, w) = (&self.item.krate, self.w);
        let Field { binding, ty, .. } = role.field;
        let ends = role.with.map_or_else(|| Ends::at(ty.span()), |path| Ends::of(&path.to_token_stream()));
        let at = ends.first;
        let [role_trait, put] = [role_trait, put].map(|name| Ident::new(name, at));
        let (krate, method) = (ends.first(krate), ends.last(method));
        match role.with {
            None => quote_spanned!(at=> #w.#put(<#ty as #krate::event::#role_trait>::#method(#binding));),
            Some(path) => {
                let optional = role_trait == "AsRequestId" || role_trait == "AsNotes";
                let value = with(&krate, path, role.field, optional, at);
                quote_spanned!(at=> #w.#put(#krate::event::#role_trait::#method(&#value));)
            }
        }
    }

    fn jobs(&self, role: &Role<'_>) -> TokenStream {
        let w = self.w;
        let Field { binding, ty, .. } = role.field;
        let ends = role.with.map_or_else(|| Ends::at(ty.span()), |path| Ends::of(&path.to_token_stream()));
        let (krate, for_each_job, at) = (ends.first(&self.item.krate), ends.last("for_each_job"), ends.first);
        match role.with {
            None => quote_spanned! {at=>
                <#ty as #krate::event::AsJobs>::#for_each_job(#binding, &mut #w.each_job())?;
            },
            Some(path) => {
                let value = with(&krate, path, role.field, false, at);
                quote_spanned!(at=> #krate::event::AsJobs::#for_each_job(&#value, &mut #w.each_job())?;)
            }
        }
    }

    /// Gives the writer's method `format_args!` of the template as written, with what its braces can name in scope: the
    /// fields, and a marker without `Display` for each that it must not name.
    fn formatted(&self, method: &str, template: &LitStr, fields: &Fields<'_>) -> TokenStream {
        let (krate, w) = (&self.item.krate, self.w);
        let method = Ident::new(method, Span::call_site());
        let named = template::placeholders(template);
        let names = |field: &&Field<'_>| named.iter().any(|p| p.name == field.name);
        // A name that no field has may still be that of a variable, so then each private one is hidden.
        let stray = stray(&named, fields);
        let private = fields.list.iter().filter(|f| f.attr("private").is_some()).filter(|f| stray || names(f));
        let foreign = self.foreign_fields(fields).filter(names);
        let markers = private.map(|f| (f, quote!(PRIVATE))).chain(foreign.map(|f| (f, quote!(OTHER_VARIANT))));
        let hidden = markers.map(|(field, marker)| {
            let binding = &field.binding;
            quote!(let #binding = #krate::__private::#marker;)
        });
        let template = if fields.named { template.clone() } else { template::indices_as_variables(template) };
        quote!({
            #(#hidden)*
            #w.#method(#krate::__private::format_args!(#template));
        })
    }

    /// Named fields of other variants that this one does not have.
    fn foreign_fields<'f>(&'f self, own: &'f Fields<'_>) -> impl Iterator<Item = &'f Field<'f>> {
        let variants = if let Shape::Enum(variants) = &self.item.shape { &variants[..] } else { &[] };
        let mut seen = Vec::new();
        variants.iter().filter(|v| v.fields.named).flat_map(|v| &v.fields.list).filter(move |field| {
            let first = !own.list.iter().any(|f| f.name == field.name) && !seen.contains(&&field.name);
            seen.push(&field.name);
            first
        })
    }

    /// One of the descriptors in `KINDS`.
    fn kind(&self, index: usize) -> TokenStream {
        let krate = &self.item.krate;
        quote!(#krate::__private::kind(<Self as #krate::Answers>::KINDS, #index))
    }

    /// The entry in `KINDS` of what sends an event.
    fn descriptor(&self, event: &Event<'_>, name: &str, doc: &str, event_type: Option<&TokenStream>) -> TokenStream {
        let krate = &self.item.krate;
        let event_type = match event_type {
            Some(marker) => quote!(#krate::__private::Some(<#marker as #krate::event::EventType>::TYPE)),
            None => quote!(#krate::__private::None),
        };
        let said = Said::of(krate, event);
        let jobs = said.jobs.unwrap_or_default();
        let request_id = said.request_id.unwrap_or_else(|| quote!(#krate::event::RequestIdSource::None));
        let notes = said.notes;
        let descriptor = quote! {
            #krate::__private::descriptor(#name, #event_type, #jobs, #request_id, #notes, #doc)
        };
        if event.flattened.is_empty() {
            return quote!(#krate::__private::Kind::Event(#descriptor));
        }
        let contexts = event.flattened.iter().map(|(field, _)| constant(krate, field));
        quote!(#krate::__private::Kind::Event(#krate::__private::with_contexts(#descriptor, &[#(#contexts),*])))
    }
}

/// Where an item has its parts from, in the words of its descriptor.
pub(crate) struct Said {
    pub(crate) jobs: Option<String>,
    pub(crate) request_id: Option<TokenStream>,
    /// An `Option` in code.
    pub(crate) notes: TokenStream,
}

impl Said {
    pub(crate) fn of(krate: &TokenStream, event: &Event<'_>) -> Self {
        let jobs = event.jobs.as_ref().map(|jobs| match jobs {
            Jobs::One(source) | Jobs::Many { source, .. } => match source {
                Source::Field(role) => role_text(role),
                Source::Computed(tokens) => tokens_text(tokens),
                Source::Constant(name) => format!("{:?}", name.value()),
            },
            Jobs::FromFunnel => "from_funnel".into(),
        });
        let request_id = event.request_id.as_ref().map(|request_id| {
            let source = match request_id {
                RequestId::Field(role) => {
                    let text = role_text(role);
                    quote!(Given(#text))
                }
                RequestId::FromSession => quote!(FromSession),
                RequestId::Synthetic(template) => quote!(Synthetic(#template)),
                RequestId::None => quote!(None),
            };
            quote!(#krate::event::RequestIdSource::#source)
        });
        let notes = event.notes.as_ref().map(|notes| match notes {
            Notes::Template(template) => format!("{:?}", template.value()),
            Notes::Field(role) => role_text(role),
            Notes::With(path) => format!("{}(self)", tokens_text(&quote!(#path))),
        });
        Self { jobs, request_id, notes: option(krate, notes) }
    }
}

/// An `Option` in code.
pub(crate) fn option(krate: &TokenStream, value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(#krate::__private::Some(#value)),
        None => quote!(#krate::__private::None),
    }
}

/// `<Visit as TalentContext>::CONTEXT`
pub(crate) fn constant(krate: &TokenStream, field: &Field<'_>) -> TokenStream {
    let ty = field.ty;
    let at = Span::call_site().located_at(ty.span());
    let krate = located(krate, at);
    quote_spanned!(at=> <#ty as #krate::TalentContext>::CONTEXT)
}

/// Where the user's tokens begin and end: rustc underlines what it blames from its first token to its last.
pub(crate) struct Ends {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Ends {
    pub(crate) fn at(span: Span) -> Self {
        let here = Span::call_site().located_at(span);
        Self { first: here, last: here }
    }

    pub(crate) fn of(tokens: &TokenStream) -> Self {
        let mut spans = tokens.clone().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::call_site);
        let last = spans.last().unwrap_or(first);
        let here = Span::call_site();
        Self { first: here.located_at(first), last: here.located_at(last) }
    }

    pub(crate) fn first(&self, tokens: &TokenStream) -> TokenStream {
        located(tokens, self.first)
    }

    fn last(&self, name: &str) -> Ident {
        Ident::new(name, self.last)
    }

    /// What ends with it ends where the user's tokens do.
    pub(crate) fn in_parentheses(&self, tokens: impl ToTokens) -> Group {
        let mut group = Group::new(Delimiter::Parenthesis, tokens.into_token_stream());
        group.set_span(self.last);
        group
    }
}

/// The same tokens at another place in the source.
pub(crate) fn located(tokens: &TokenStream, at: Span) -> TokenStream {
    let located = tokens.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(at));
        token
    });
    located.collect()
}

/// The user's expression. One that is half typed must not take the impls around it along: what we can not read (that is
/// more than the unfinished, as we read without syn's `full`) goes through a macro, whose error is its own.
fn expression(krate: &TokenStream, tokens: &TokenStream) -> TokenStream {
    match syn::parse2::<syn::Expr>(tokens.clone()) {
        Ok(_) => tokens.clone(),
        Err(_) => quote!(#krate::__private::expression!(#tokens)),
    }
}

/// `path(field)`; of an `Option` in a role that takes one, what is inside goes through the function.
fn with(krate: &TokenStream, path: &Path, field: &Field<'_>, optional: bool, at: Span) -> TokenStream {
    let binding = &field.binding;
    if optional && is_option(field.ty) {
        quote_spanned!(at=> #krate::__private::Option::map(#krate::__private::Option::as_ref(#binding), #path))
    } else {
        quote_spanned!(at=> #path(#binding))
    }
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

fn pattern(fields: &Fields<'_>, bind: impl Fn(&Field<'_>) -> bool) -> TokenStream {
    let bindings = fields.list.iter().map(|field| (bind(field), &field.binding));
    if fields.named {
        let bindings = bindings.filter(|(bound, _)| *bound).map(|(_, binding)| binding);
        quote!({ #(#bindings,)* .. })
    } else if fields.list.is_empty() {
        quote!({ .. })
    } else {
        let bindings = bindings.map(|(bound, binding)| if bound { quote!(#binding) } else { quote!(_) });
        quote!((#(#bindings),*))
    }
}

/// Whether a template has a name that no field has.
fn stray(named: &[template::Placeholder], fields: &Fields<'_>) -> bool {
    named.iter().any(|p| fields.list.iter().all(|f| f.name != p.name))
}

/// Whether the event's code speaks of the field, templates apart.
fn in_role(event: &Event<'_>, field: &Field<'_>) -> bool {
    event.roles().any(|(role, _)| std::ptr::eq(role.field, field))
        || event.flattened.iter().any(|(flattened, _)| std::ptr::eq(*flattened, field))
        || event.computed().any(|tokens| mentions(tokens.clone(), &field.binding))
}

pub(crate) fn mentions(tokens: TokenStream, ident: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == *ident,
        TokenTree::Group(group) => mentions(group.stream(), ident),
        _ => false,
    })
}

pub(crate) fn role_text(role: &Role<'_>) -> String {
    match role.with {
        Some(path) => format!("{}({})", tokens_text(&quote!(#path)), role.field.name),
        None => role.field.name.clone(),
    }
}

/// The tokens as a person would have written them, nearly.
pub(crate) fn tokens_text(tokens: &TokenStream) -> String {
    let mut text = tokens.to_string();
    for (spaced, tight) in
        [(" :: ", "::"), (" . ", "."), (" (", "("), ("( ", "("), (" )", ")"), ("& ", "&"), (" ,", ",")]
    {
        text = text.replace(spaced, tight);
    }
    text
}

/// What an enum delegates to may skip, and is not known here.
fn answer(krate: &TokenStream, events: &Events<'_>) -> TokenStream {
    match events.sent.iter().all(|s| matches!(s, Sent::Event(_))) {
        true => quote!(#krate::event::Always),
        false => quote!(#krate::event::Maybe),
    }
}
