//! The `Component` implementation that is written from what was read.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, ItemImpl, Type};

use crate::component::{Component, Endpoint};
use crate::mark::{self, Kind};
use crate::signature::{self, Returned};

impl Component {
    /// The implementation for the type of `block`.
    pub(crate) fn write(&self, block: &ItemImpl) -> TokenStream {
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
        let remotes = self.write_remotes();
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

                #remotes

                #(#hooks)*
            }
        }
    }

    /// The list of methods for other servers and how they are called; nothing where there is none.
    fn write_remotes(&self) -> Option<TokenStream> {
        let serializers = &self.serializers;
        let entries = self.remotes.iter().map(Endpoint::write_entry);
        let arms = self
            .remotes
            .iter()
            .enumerate()
            .map(|(index, endpoint)| endpoint.write_arm(index, serializers));
        (!self.remotes.is_empty()).then(|| {
            quote! {
                fn remotes(&self) -> ::std::vec::Vec<::pitaya_server::Endpoint> {
                    ::std::vec::Vec::from([#(#entries),*])
                }

                fn call_remote(
                    self: ::std::sync::Arc<Self>,
                    index: usize,
                    call: ::pitaya_server::cluster::RemoteCall<#serializers>,
                ) -> ::pitaya_server::__macro::BoxFuture<'static, ::pitaya_server::Reply> {
                    match index {
                        #(#arms)*
                        _ => {
                            let _ = call;
                            ::pitaya_server::__macro::no_endpoint(index)
                        }
                    }
                }
            }
        })
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
            (Kind::Request | Kind::Remote, None) => {
                quote!(::pitaya_server::Endpoint::request(#name))
            }
            (Kind::Notify, None) => quote!(::pitaya_server::Endpoint::notify(#name)),
            (Kind::Request, Some(constant)) => {
                let constant = borrowed(constant);
                quote!(::pitaya_server::__macro::request_endpoint::<#payload, #value>(#constant))
            }
            (Kind::Remote, Some(constant)) => {
                let constant = borrowed(constant);
                quote!(::pitaya_server::__macro::remote_endpoint::<#payload, #value>(#constant))
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
        let decode = match self.kind {
            Kind::Request | Kind::Notify => quote!(payload),
            Kind::Remote => quote!(argument),
        };
        let payload = payload.as_ref().map(|payload| {
            quote!(let payload = ::pitaya_server::__macro::#decode::<#payload, #serializers>(&call)?;)
        });
        let session = session.as_ref().map(|session| {
            let caller = match self.kind {
                Kind::Request | Kind::Notify => quote!(session),
                Kind::Remote => quote!(server),
            };
            let value = quote_spanned!(at(session.span())=> call.#caller());
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
                    Kind::Remote => (
                        quote!(let encode = ::pitaya_server::__macro::remote_encoder::<#value, #serializers>();),
                        quote!(::std::result::Result::Ok(value) => encode(&call, value),),
                    ),
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
