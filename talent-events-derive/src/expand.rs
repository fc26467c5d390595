//! Writes the impls. All rules have been checked, so nothing here can fail.
//!
//! Spans: what only the type checker looks at keeps the user's own, so that its errors fall on the user's token; code
//! that runs is `call_site`, located at the user's token, so that no lint of the user's speaks of it. Each of the
//! user's tokens is mentioned once, so that an error about it is printed once.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Generics, LitStr, Path, Type};

use crate::ast::{Field, Fields, Item, Shape};
use crate::bounds::{self_contained, with_bounds};
use crate::checks;
use crate::template;
use crate::valid::{Event, EventId, EventType, Events, Jobs, Notes, RequestId, Role, Sent, Source};

pub(crate) fn expand(item: &Item<'_>, events: &Events<'_>) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let w = writer();
    let cx = Cx { item, w: &w };

    let generics = with_bounds(item, &events.sent);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();

    let parts = cx.parts(events);
    let (write, descriptor, kinds) = (&parts.write, &parts.descriptor, &parts.kinds);

    let answer = answer(krate, events);
    let self_contained = self_contained(item, &events.sent)
        .map(|bounds| marker_impl(item, &generics, &quote!(#krate::SelfContained), &bounds));
    let typed = parts.typed.map(|event_type| typed_impl(item, &generics, &event_type));
    let doc = crate::doc::sends(item, events);
    let event = event_impl(item, &generics, &w, write, descriptor);
    let event = quote!(#[doc = #doc] #event);
    let answers = quote! {
        impl #impl_generics #krate::Answers for #ident #ty_generics #where_clause {
            type Answer = #answer;

            const KINDS: &'static [#krate::__private::Kind] = #kinds;
        }
    };
    let items = parts.types.into_iter().chain(parts.checks);
    with_items(items.collect(), [Some(event), Some(answers), self_contained, typed].into_iter().flatten())
}

pub(crate) fn event_impl(
    item: &Item<'_>,
    generics: &Generics,
    w: &Ident,
    write: &TokenStream,
    descriptor: &TokenStream,
) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();
    quote! {
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
    }
}

pub(crate) fn typed_impl(item: &Item<'_>, generics: &Generics, event_type: &TokenStream) -> TokenStream {
    let (ident, krate) = (item.ident, &item.krate);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();
    quote! {
        impl #impl_generics #krate::TypedEvent for #ident #ty_generics #where_clause {
            type Type = #event_type;
        }
    }
}

/// Of a trait without items, where these bounds hold too.
pub(crate) fn marker_impl(
    item: &Item<'_>,
    generics: &Generics,
    marker: &TokenStream,
    bounds: &[TokenStream],
) -> TokenStream {
    let ident = item.ident;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = item.generics.split_for_impl();
    let clause = where_clause.map(|w| &w.predicates).into_iter().flatten();
    quote! {
        impl #impl_generics #marker for #ident #ty_generics
        where
            #(#clause,)*
            #(#bounds,)*
        {
        }
    }
}

/// The impls, in a block where there are items of our own that they need: the block costs the user's build too.
pub(crate) fn with_items(items: Vec<TokenStream>, impls: impl Iterator<Item = TokenStream>) -> TokenStream {
    if items.is_empty() {
        return quote!(#(#[automatically_derived] #[allow(deprecated)] #impls)*);
    }
    quote! {
        #[allow(deprecated)]
        const _: () = {
            #(#items)*
            #(#[automatically_derived] #impls)*
        };
    }
}

/// The variable of the writer: like those of the fields, a name that nobody writes.
pub(crate) fn writer() -> Ident {
    Ident::new("__w", Span::mixed_site())
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
    /// Names of our own for the marker types, where there is more than one place that mentions them.
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
                let marker = self.marker(event, 0);
                let named = marker.as_ref().map(|(name, _)| name);
                let late = checks::event(self, event, self.item.ident, named, &mut checks);
                let krate = &self.item.krate;
                let (event_type, typed) = match marker {
                    // No check names it.
                    Some((_, path)) if checks.is_empty() && late.is_empty() => {
                        (Some(quote!(<Self as #krate::TypedEvent>::Type)), Some(path))
                    }
                    Some((name, path)) => {
                        types.push(quote!(type #name = #path;));
                        (Some(name.clone()), Some(name))
                    }
                    None => (None, None),
                };
                let (pattern, body) = self.write(event, fields, event_type.as_ref());
                let descriptor = self.descriptor(event, &name, &self.item.doc, event_type.as_ref());
                Parts {
                    write: quote! {
                        #late
                        let Self #pattern = self;
                        #body
                    },
                    descriptor: self.kind(0),
                    kinds: quote!(&[#descriptor]),
                    typed,
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
                            let event_type = self.marker(event, index).map(|(name, path)| {
                                types.push(quote!(type #name = #path;));
                                name
                            });
                            let late = checks::event(self, event, ident, event_type.as_ref(), &mut checks);
                            let (pattern, body) = self.write(event, &variant.fields, event_type.as_ref());
                            kinds.push(self.descriptor(event, &name, &variant.doc, event_type.as_ref()));
                            let descriptor = self.kind(index);
                            writes.push(quote! {
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

    /// A name of our own for the marker type, and its path, so that the user's word need stand in the code once only.
    fn marker(&self, event: &Event<'_>, index: usize) -> Option<(TokenStream, TokenStream)> {
        let Some(EventType::Named(word)) = event.event_type else { return None };
        let krate = &self.item.krate;
        // Hygiene does not reach items: a name that nobody writes.
        let name = Ident::new(&format!("__TalentEventType{index}"), Span::mixed_site());
        Some((quote!(#name), quote!(#krate::types::#word)))
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
                self.with_fields_of_the_variant(fields, tokens, quote!(#w.event_type(#value)?;))
            }
        });
        let jobs = event.jobs.as_ref().map(|jobs| match jobs {
            Jobs::One(Source::Field(role)) => self.put(role, "AsJob", "as_job", "tell_job"),
            Jobs::One(Source::Computed(tokens)) => {
                let at = Ends::of(tokens);
                let value = at.in_parentheses(expression(krate, tokens));
                let (krate, as_job) = (at.first(krate), at.last("as_job"));
                let at = at.first;
                let tell = quote_spanned!(at=> #w.tell_job(#krate::event::AsJob::#as_job(&#value)););
                self.with_fields_of_the_variant(fields, tokens, tell)
            }
            Jobs::One(Source::Constant(name)) => quote!(#w.tell_job(#krate::event::AsJob::as_job(#name));),
            Jobs::Many { source: Source::Field(role), .. } => self.jobs(role),
            Jobs::Many { source: Source::Computed(tokens), .. } => {
                let at = Ends::of(tokens);
                let value = at.in_parentheses(expression(krate, tokens));
                let (krate, for_each_job) = (at.first(krate), at.last("for_each_job"));
                let at = at.first;
                let tell = quote_spanned!(at=> #krate::event::AsJobs::#for_each_job(&#value, &mut #w.each_job())?;);
                self.with_fields_of_the_variant(fields, tokens, tell)
            }
            Jobs::Many { source: Source::Constant(_), .. } => unreachable!("a constant names one job"),
            Jobs::FromFunnel { .. } => quote!(#w.job_from_funnel()?;),
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
        let named: Vec<_> = event.templates().flat_map(template::placeholders).collect();
        let stray = stray(&named, fields);
        let named = |field: &Field<'_>| named.iter().any(|p| p.name == field.name);
        let computed = |field: &Field<'_>| {
            self.in_variant() && event.computed().any(|tokens| mentioned(tokens.clone(), &field.ident).is_some())
        };
        // What is private is bound, and so counts as read, which is all that becomes of it.
        let bound = |field: &Field<'_>| {
            stray || named(field) || in_role(event, field) || computed(field) || field.attr("private").is_some()
        };
        (pattern(fields, bound), body)
    }

    fn in_variant(&self) -> bool {
        matches!(self.item.shape, Shape::Enum(_))
    }

    /// In a variant an expression names the fields themselves: under the names as it has them, since where it came
    /// through a macro, others of the same letters are not the same.
    fn with_fields_of_the_variant(&self, fields: &Fields<'_>, tokens: &TokenStream, tell: TokenStream) -> TokenStream {
        let mentioned = |field: &Field<'_>| {
            let binding = &field.binding;
            // The word may stand for something else than the variable.
            let bound = |ident| quote!(#[allow(unused_variables)] let #ident = #binding;);
            mentioned(tokens.clone(), &field.ident).map(bound)
        };
        let names: Vec<_> =
            if self.in_variant() { fields.list.iter().filter_map(mentioned).collect() } else { Vec::new() };
        in_scope(&names, tell)
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
        // A name that no field has is rustc's to tell; with every field in scope it knows which was meant. Or it is that
        // of a constant.
        let stray = stray(&named, fields);
        let allow = stray.then(|| quote!(#[allow(unused_variables)]));
        let names = |field: &&Field<'_>| stray || named.iter().any(|p| p.name == field.name);
        let own = fields.list.iter().filter(names).filter_map(|field| match field.attr("private") {
            Some(_) => Some((field, quote!(#krate::__private::PRIVATE))),
            None if fields.named => Some((field, field.binding.to_token_stream())),
            None => None,
        });
        let displayed = |field: &&Field<'_>| named.iter().any(|p| p.name == field.name && p.format.is_some());
        let foreign = self.foreign_fields(fields).filter(displayed);
        let foreign = foreign.map(|field| (field, quote!(#krate::__private::OTHER_VARIANT)));
        let template = if fields.named { template.clone() } else { template::indices_as_variables(template) };
        let names = own.chain(foreign).map(|(field, value)| {
            let mut name = field.ident.clone();
            // The braces name what is in scope where the literal was written.
            name.set_span(template.span());
            quote!(#allow let #name = #value;)
        });
        let tell = quote!(#w.#method(#krate::__private::format_args!(#template)););
        in_scope(&names.collect::<Vec<_>>(), tell)
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
        quote!(#krate::__private::kind::<Self>(#index))
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
            Jobs::FromFunnel { .. } => "from_funnel".into(),
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
    let tokens = own_self(tokens.clone(), false);
    match syn::parse2::<syn::Expr>(tokens.clone()) {
        Ok(_) => tokens,
        Err(_) => quote!(#krate::__private::expression!(#tokens)),
    }
}

/// The `self` of a fragment that was given to the user's macro is that of the method written here. Only of a fragment,
/// which comes in an invisible group: a token of changed hygiene keeps rustc from underlining the whole expression.
fn own_self(tokens: TokenStream, in_fragment: bool) -> TokenStream {
    let tokens = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) if in_fragment && word == "self" => {
            TokenTree::Ident(Ident::new("self", word.span().resolved_at(Span::call_site())))
        }
        TokenTree::Group(group) => {
            let in_fragment = in_fragment || group.delimiter() == Delimiter::None;
            let mut own = Group::new(group.delimiter(), own_self(group.stream(), in_fragment));
            own.set_span(group.span());
            TokenTree::Group(own)
        }
        other => other,
    });
    tokens.collect()
}

/// `path(field)`; of an `Option` in a role that takes one, what is inside goes through the function.
fn with(krate: &TokenStream, path: &Path, field: &Field<'_>, optional: bool, at: Span) -> TokenStream {
    let binding = &field.binding;
    if optional && is_option(field.ty) {
        // By a call, as without an `Option`: a function of `&str` takes a `&String` there, but not by itself.
        let inner = Ident::new("__inner", binding.span());
        let call = quote_spanned!(at=> |#inner| #path(#inner));
        quote_spanned!(at=> #krate::__private::Option::map(#krate::__private::Option::as_ref(#binding), #call))
    } else {
        quote_spanned!(at=> #path(#binding))
    }
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

fn pattern(fields: &Fields<'_>, bind: impl Fn(&Field<'_>) -> bool) -> TokenStream {
    let bound = fields.list.iter().filter(|field| bind(field));
    let bound = bound.map(|Field { member, binding, .. }| quote!(#member: #binding,));
    quote!({ #(#bound)* .. })
}

/// The statement, and for itself alone what it names.
fn in_scope(names: &[TokenStream], statement: TokenStream) -> TokenStream {
    if names.is_empty() { statement } else { quote!({ #(#names)* #statement }) }
}

/// Whether a template has a name that no field has.
fn stray(named: &[template::Placeholder], fields: &Fields<'_>) -> bool {
    named.iter().any(|p| fields.list.iter().all(|f| f.name != p.name))
}

/// Whether the event's code takes the field, templates and expressions apart.
fn in_role(event: &Event<'_>, field: &Field<'_>) -> bool {
    event.roles().any(|(role, _)| std::ptr::eq(role.field, field))
        || event.flattened.iter().any(|(flattened, _)| std::ptr::eq(*flattened, field))
}

pub(crate) fn mentions(tokens: TokenStream, ident: &Ident) -> bool {
    mentioned(tokens, ident).is_some()
}

/// The word where it stands first.
fn mentioned(tokens: TokenStream, ident: &Ident) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) if word == *ident => Some(word),
        TokenTree::Group(group) => mentioned(group.stream(), ident),
        _ => None,
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
    let in_funnel = |sent: &Sent<'_>| matches!(sent, Sent::Event(e) if matches!(e.jobs, Some(Jobs::FromFunnel { .. })));
    if events.sent.iter().all(in_funnel) {
        quote!(#krate::event::InFunnel)
    } else if events.sent.iter().all(|sent| matches!(sent, Sent::Event(_))) {
        quote!(#krate::event::Always)
    } else {
        quote!(#krate::event::Maybe)
    }
}
