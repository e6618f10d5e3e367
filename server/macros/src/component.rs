//! `#[component]`: an `impl` block in, the same block and a `Component` implementation out.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, ImplItem, ImplItemFn, ItemImpl, Type, parse_quote};

use crate::case::Case;
use crate::mark::{self, Kind, Mark};
use crate::options::Options;
use crate::signature::{self, Returned, add};

/// The block and the implementation, or the block and every mistake in it.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let Ok(mut block) = syn::parse2::<ItemImpl>(item.clone()) else {
        // What does not parse is reported by the compiler itself, which sees the item again.
        let error = "`#[component]` goes on an `impl` block, whose marked methods become endpoints";
        let error = syn::Error::new(Span::call_site(), error).into_compile_error();
        return quote!(#error #item);
    };
    let mut mistakes = None;
    let options = syn::parse2::<Options>(options).unwrap_or_else(|error| {
        add(&mut mistakes, error);
        Options::default()
    });
    if let Some((_, of, _)) = &block.trait_ {
        let message = "`#[component]` goes on an `impl` block of the type itself, not of a trait";
        add(&mut mistakes, syn::Error::new_spanned(of, message));
    }
    let component = Component::read(options, &mut block, &mut mistakes);
    let written = match (mistakes, component) {
        (None, Some(component)) => component.write(&block),
        (mistakes, _) => mistakes
            .map(syn::Error::into_compile_error)
            .unwrap_or_default(),
    };
    quote!(#block #written)
}

/// Everything that is known about the block.
struct Component {
    name: String,
    serializers: Type,
    endpoints: Vec<Endpoint>,
    hooks: Vec<(mark::Hook, signature::Hook)>,
}

struct Endpoint {
    kind: Kind,
    arguments: mark::Arguments,
    /// In the route, unless a constant says it.
    name: String,
    method: signature::Endpoint,
}

impl Component {
    fn read(
        options: Options,
        block: &mut ItemImpl,
        mistakes: &mut Option<syn::Error>,
    ) -> Option<Self> {
        let name = match (&options.name, type_name(&block.self_ty)) {
            (Some(name), _) => Some(name.value()),
            (None, Some(name)) => Some(
                options
                    .rename_all
                    .unwrap_or(Case::Snake)
                    .apply(&name.unraw().to_string()),
            ),
            (None, None) => {
                let message = "a component of this type needs a name: `#[component(\"name\")]`";
                add(mistakes, syn::Error::new_spanned(&block.self_ty, message));
                None
            }
        };
        let mut component = Self {
            name: name?,
            serializers: options
                .serializers
                .unwrap_or_else(|| parse_quote!(::pitaya_server::protocol::Json)),
            endpoints: Vec::new(),
            hooks: Vec::new(),
        };
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item
                && let Err(error) = component.read_method(options.rename_all, method)
            {
                add(mistakes, error);
            }
        }
        if let Err(error) = component.check_names() {
            add(mistakes, error);
        }
        Some(component)
    }

    fn read_method(&mut self, case: Option<Case>, method: &mut ImplItemFn) -> syn::Result<()> {
        let Some(mark) = Mark::take(&mut method.attrs)? else {
            return Ok(());
        };
        if let Some(cfg) = method
            .attrs
            .iter()
            .find(|attribute| attribute.path().is_ident("cfg"))
        {
            let message = "a marked method cannot be switched by `cfg`: switch the component";
            return Err(syn::Error::new_spanned(cfg, message));
        }
        let signature = &method.sig;
        match mark {
            Mark::Hook(hook) => {
                if self.hooks.iter().any(|(earlier, _)| *earlier == hook) {
                    let message = format!("`#[{}]` marks one method", hook.name());
                    return Err(syn::Error::new(signature.ident.span(), message));
                }
                self.hooks
                    .push((hook, signature::Hook::read(hook.name(), signature)?));
            }
            Mark::Endpoint(mark::Endpoint { kind, arguments }) => {
                let rust_name = signature.ident.unraw().to_string();
                let name = match (&arguments.name, case) {
                    (Some(name), _) => name.value(),
                    (None, Some(case)) => case.apply(&rust_name),
                    (None, None) => rust_name,
                };
                let method = signature::Endpoint::read(kind, signature)?;
                self.endpoints.push(Endpoint {
                    kind,
                    arguments,
                    name,
                    method,
                });
            }
        }
        Ok(())
    }

    /// Constants are compared when the server starts: their text is not known here.
    fn check_names(&self) -> syn::Result<()> {
        let mut seen = HashSet::new();
        let mut mistakes = None;
        for endpoint in self
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.arguments.constant.is_none())
        {
            if !seen.insert(&endpoint.name) {
                let span = endpoint
                    .arguments
                    .name
                    .as_ref()
                    .map_or_else(|| endpoint.method.ident.span(), Spanned::span);
                let message = format!("two methods are called `{}.{}`", self.name, endpoint.name);
                add(&mut mistakes, syn::Error::new(span, message));
            }
        }
        mistakes.map_or(Ok(()), Err)
    }

    fn write(&self, block: &ItemImpl) -> TokenStream {
        let Self {
            name, serializers, ..
        } = self;
        let (generics, _, bounds) = block.generics.split_for_impl();
        let component = &block.self_ty;
        let endpoints = self.endpoints.iter().map(Endpoint::write_entry);
        let arms = self
            .endpoints
            .iter()
            .enumerate()
            .map(|(index, endpoint)| endpoint.write_arm(index, serializers));
        let hooks = self
            .hooks
            .iter()
            .map(|(hook, method)| write_hook(*hook, method, serializers));
        quote! {
            #[automatically_derived]
            impl #generics ::pitaya_server::Component<#serializers> for #component #bounds {
                fn name(&self) -> ::std::borrow::Cow<'static, str> {
                    ::std::borrow::Cow::Borrowed(#name)
                }

                fn endpoints(&self) -> ::std::vec::Vec<::pitaya_server::Endpoint> {
                    ::std::vec::Vec::from([#(#endpoints),*])
                }

                fn call(
                    self: ::std::sync::Arc<Self>,
                    index: usize,
                    call: ::pitaya_server::Call<#serializers>,
                ) -> ::pitaya_server::__macro::BoxFuture<'static, ::pitaya_server::Reply> {
                    match index {
                        #(#arms)*
                        _ => {
                            let _ = call;
                            ::pitaya_server::__macro::no_endpoint(index)
                        }
                    }
                }

                #(#hooks)*
            }
        }
    }
}

impl Endpoint {
    /// How the component lists it.
    fn write_entry(&self) -> TokenStream {
        let Self {
            arguments,
            name,
            method,
            ..
        } = self;
        let concurrent = arguments.concurrent.then(|| quote!(.concurrent()));
        let cancel = arguments.cancel.then(|| quote!(.cancel()));
        let payload = method
            .payload
            .as_ref()
            .map_or_else(|| quote!(()), ToTokens::to_token_stream);
        let value = method
            .returned
            .as_ref()
            .map_or_else(|| quote!(()), |returned| returned.value.to_token_stream());
        let entry = match (self.kind, &arguments.constant) {
            (Kind::Request, None) => quote!(::pitaya_server::Endpoint::request(#name)),
            (Kind::Notify, None) => quote!(::pitaya_server::Endpoint::notify(#name)),
            (Kind::Request, Some(constant)) => {
                let constant = borrowed(constant);
                quote!(::pitaya_server::__macro::request_endpoint::<#payload, #value>(#constant))
            }
            (Kind::Notify, Some(constant)) => {
                let constant = borrowed(constant);
                quote!(::pitaya_server::__macro::notify_endpoint::<#payload>(#constant))
            }
        };
        quote!(#entry #concurrent #cancel)
    }

    /// How a call of it runs. Each type is named exactly once where a bound is, so that the compiler points at it in the method.
    fn write_arm(&self, index: usize, serializers: &Type) -> TokenStream {
        let signature::Endpoint {
            ident,
            session,
            payload,
            returned,
        } = &self.method;
        let session_argument = session.as_ref().map(|_| quote!(session,));
        let payload_argument = payload.as_ref().map(|_| quote!(payload,));
        let payload = payload.as_ref().map(|payload| {
            quote!(let payload = ::pitaya_server::__macro::payload::<#payload, #serializers>(&call)?;)
        });
        let session = session.as_ref().map(|session| {
            let value = quote_spanned!(at(session.span())=> call.session());
            quote!(let session: #session = #value;)
        });
        let called = quote!(Self::#ident(&self, #session_argument #payload_argument).await);
        let replied = match returned {
            None => quote! {
                #called;
                ::pitaya_server::Reply::Ok(::pitaya_server::Body::default())
            },
            Some(Returned { value, error, span }) => {
                let error = error
                    .as_ref()
                    .map_or_else(|| quote_spanned!(at(*span)=> _), ToTokens::to_token_stream);
                let (encode, encoded) = match self.kind {
                    Kind::Request => (
                        quote!(let encode = ::pitaya_server::__macro::encoder::<#value, #serializers>();),
                        quote!(::std::result::Result::Ok(value) => encode(&call, value),),
                    ),
                    Kind::Notify => (
                        quote!(),
                        quote!(::std::result::Result::Ok(()) => ::pitaya_server::Reply::Ok(::pitaya_server::Body::default()),),
                    ),
                };
                quote! {
                    #encode
                    let fail = ::pitaya_server::__macro::failure::<#error>();
                    match #called {
                        #encoded
                        ::std::result::Result::Err(error) => ::pitaya_server::Reply::Err(fail(error)),
                    }
                }
            }
        };
        // A future that cannot be sent to another thread is reported at the method's name.
        let future = quote_spanned!(at(ident.span())=> ::std::boxed::Box::pin(async move { #payload #session #replied }));
        quote!(#index => #future,)
    }
}

fn write_hook(hook: mark::Hook, method: &signature::Hook, serializers: &Type) -> TokenStream {
    let signature::Hook { ident, server } = method;
    let name = Ident::new(hook.name(), Span::call_site());
    let argument = server.as_ref().map(|_| quote!(server));
    let server = server.as_ref().map(|server| {
        let value = quote_spanned!(at(server.span())=> server);
        quote!(let server: #server = #value;)
    });
    let called = quote!(Self::#ident(self, #argument).await);
    let future = quote_spanned! {at(ident.span())=>
        ::std::boxed::Box::pin(async move { #server ::pitaya_server::__macro::hook(#called) })
    };
    quote! {
        fn #name<'a>(
            &'a self,
            server: &'a ::pitaya_server::Handle<#serializers>,
        ) -> ::pitaya_server::__macro::BoxFuture<'a, ::pitaya_server::Result<()>> {
            let _ = server;
            #future
        }
    }
}

/// Where the compiler points, without a change of what names mean there.
fn at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// `&CONSTANT`, all of which is the constant to the compiler's arrows.
fn borrowed(constant: &syn::Path) -> TokenStream {
    let and = quote_spanned!(at(constant.span())=> &);
    quote!(#and #constant)
}

fn type_name(given: &Type) -> Option<&Ident> {
    match given {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}
