//! `#[component]`: an `impl` block in, the same block and a `Component` implementation out.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, ImplItem, ImplItemFn, ItemImpl, Type, parse_quote};

use crate::case::Case;
use crate::mark::{self, Kind, Mark};
use crate::options::Options;
use crate::signature::{self, add};

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
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) serializers: Type,
    pub(crate) endpoints: Vec<Endpoint>,
    /// Those for other servers.
    pub(crate) remotes: Vec<Endpoint>,
    pub(crate) hooks: Vec<(mark::Hook, signature::Hook)>,
}

/// One of its methods that clients or other servers can call.
pub(crate) struct Endpoint {
    pub(crate) kind: Kind,
    pub(crate) arguments: mark::Arguments,
    /// In the route, unless a constant says it.
    pub(crate) name: String,
    pub(crate) method: signature::Endpoint,
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
            remotes: Vec::new(),
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
        // The shape demands both, needed or not.
        method
            .attrs
            .push(parse_quote!(#[allow(clippy::unused_async, clippy::unused_self)]));
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
                if kind == Kind::Remote && (arguments.concurrent || arguments.cancel) {
                    let message = "calls of other servers run side by side and to their end: a remote method has no options but its name";
                    return Err(syn::Error::new(signature.ident.span(), message));
                }
                let method = signature::Endpoint::read(kind, signature)?;
                let list = match kind {
                    Kind::Remote => &mut self.remotes,
                    Kind::Request | Kind::Notify => &mut self.endpoints,
                };
                list.push(Endpoint {
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
        let mut mistakes = None;
        for list in [&self.endpoints, &self.remotes] {
            let mut seen = HashSet::new();
            for endpoint in list
                .iter()
                .filter(|endpoint| endpoint.arguments.constant.is_none())
            {
                if !seen.insert(&endpoint.name) {
                    let span = endpoint
                        .arguments
                        .name
                        .as_ref()
                        .map_or_else(|| endpoint.method.ident.span(), Spanned::span);
                    let message =
                        format!("two methods are called `{}.{}`", self.name, endpoint.name);
                    add(&mut mistakes, syn::Error::new(span, message));
                }
            }
        }
        mistakes.map_or(Ok(()), Err)
    }
}

fn type_name(given: &Type) -> Option<&Ident> {
    match given {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}
