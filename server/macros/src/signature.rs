//! The one shape that endpoints have, and the one of hooks.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    FnArg, GenericArgument, Ident, PathArguments, PathSegment, ReturnType, Signature, Type,
    TypeReference,
};

use crate::mark::Kind;

/// A method that clients or other servers can call.
pub(crate) struct Endpoint {
    pub(crate) ident: Ident,
    /// The reference to the session, as the method takes it; to the server in a remote method.
    pub(crate) session: Option<Type>,
    pub(crate) payload: Option<Type>,
    /// `None` is a notify that returns nothing.
    pub(crate) returned: Option<Returned>,
}

/// The `Result` that a method returns.
pub(crate) struct Returned {
    pub(crate) value: Type,
    pub(crate) error: Option<Type>,
    pub(crate) span: Span,
}

/// A method of the component's life.
pub(crate) struct Hook {
    pub(crate) ident: Ident,
    /// The reference, as the method takes it.
    pub(crate) server: Option<Type>,
}

impl Endpoint {
    pub(crate) fn read(kind: Kind, signature: &Signature) -> syn::Result<Self> {
        let mut mistakes = Mistakes::default();
        let what = match kind {
            Kind::Request => "a request",
            Kind::Notify => "a notify",
            Kind::Remote => "a remote method",
        };
        // Whose call it is: a client's session, or for other servers the server that was called.
        let caller = match kind {
            Kind::Request | Kind::Notify => "Session",
            Kind::Remote => "Handle",
        };
        mistakes.check_common(what, signature);
        let (mut session, mut payload) = (None, None);
        for given in arguments(signature) {
            match given {
                Type::Reference(reference) if names(&reference.elem, caller) => {
                    if payload.is_some() {
                        let message = format!("`&{caller}` comes before the payload");
                        mistakes.add(given, &message);
                    } else if session.replace(given.clone()).is_some() {
                        let message = format!("{what} takes one {}", caller.to_lowercase());
                        mistakes.add(given, &message);
                    }
                }
                Type::Reference(reference)
                    if kind == Kind::Remote && names(&reference.elem, "Session") =>
                {
                    mistakes.add(given, "other servers have no session here: a remote method takes `&Handle` and its argument");
                }
                Type::Reference(_) => {
                    mistakes.add(given, "the payload is taken by value, not by reference")
                }
                Type::ImplTrait(_) => {
                    mistakes.add(given, "the payload is one type, not any that fits a trait")
                }
                _ if kind != Kind::Remote && names(given, "Session") => {
                    mistakes.add(given, "the session is taken by reference: `&Session`")
                }
                _ => {
                    if payload.replace(given.clone()).is_some() {
                        mistakes.add(
                            given,
                            &format!("{what} takes one payload: put both into one struct"),
                        );
                    }
                }
            }
        }
        let returned = match kind {
            Kind::Request | Kind::Remote => answer(signature, &mut mistakes),
            Kind::Notify => no_answer(signature, &mut mistakes),
        };
        mistakes.end(Self {
            ident: signature.ident.clone(),
            session,
            payload,
            returned,
        })
    }
}

impl Hook {
    pub(crate) fn read(what: &str, signature: &Signature) -> syn::Result<Self> {
        let mut mistakes = Mistakes::default();
        mistakes.check_common(&format!("a method with `#[{what}]`"), signature);
        let mut server = None;
        for given in arguments(signature) {
            let is_handle = matches!(given, Type::Reference(TypeReference { elem, .. }) if names(elem, "Handle"));
            if !is_handle || server.replace(given.clone()).is_some() {
                mistakes.add(
                    given,
                    &format!("`#[{what}]` takes `&self` and, at most, the server as `&Handle`"),
                );
            }
        }
        let returned = match &signature.output {
            ReturnType::Type(_, returned) => result(returned),
            ReturnType::Default => None,
        };
        if !returned.is_some_and(|(value, _)| is_unit(&value)) {
            mistakes.returned(signature, &format!("`#[{what}]` returns `Result<()>`"));
        }
        mistakes.end(Self {
            ident: signature.ident.clone(),
            server,
        })
    }
}

fn answer(signature: &Signature, mistakes: &mut Mistakes) -> Option<Returned> {
    if let ReturnType::Type(_, returned) = &signature.output
        && let Some((value, error)) = result(returned)
    {
        match &value {
            Type::Reference(reference)
                if reference
                    .lifetime
                    .as_ref()
                    .is_none_or(|name| name.ident != "static") =>
            {
                mistakes.add(&value, "an answer owns its data: it outlives the method");
            }
            Type::ImplTrait(_) => {
                mistakes.add(&value, "an answer is one type, not any that fits a trait")
            }
            _ => {}
        }
        return Some(Returned {
            value,
            error,
            span: returned.span(),
        });
    }
    let message =
        "a request returns `Result<..>`: the answer, or the error that the client gets instead";
    mistakes.returned(signature, message);
    None
}

fn no_answer(signature: &Signature, mistakes: &mut Mistakes) -> Option<Returned> {
    let ReturnType::Type(_, returned) = &signature.output else {
        return None;
    };
    if is_unit(returned) {
        return None;
    }
    if let Some((value, error)) = result(returned)
        && is_unit(&value)
    {
        return Some(Returned {
            value,
            error,
            span: returned.span(),
        });
    }
    mistakes.add(returned, "a notify has no answer: it returns nothing or `Result<()>`, and `#[request]` is what answers");
    None
}

/// The types of a `Result<..>`, however its path begins.
fn result(returned: &Type) -> Option<(Type, Option<Type>)> {
    let PathSegment {
        ident,
        arguments: PathArguments::AngleBracketed(given),
    } = last(returned)?
    else {
        return None;
    };
    let mut types = given.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(given) => Some(given.clone()),
        _ => None,
    });
    let value = types.next()?;
    (ident == "Result").then(|| (value, types.next()))
}

fn last(given: &Type) -> Option<&PathSegment> {
    match given {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last(&group.elem),
        Type::Paren(paren) => last(&paren.elem),
        _ => None,
    }
}

fn names(given: &Type, name: &str) -> bool {
    last(given).is_some_and(|segment| segment.ident == name)
}

fn is_unit(given: &Type) -> bool {
    matches!(given, Type::Tuple(tuple) if tuple.elems.is_empty())
}

fn arguments(signature: &Signature) -> impl Iterator<Item = &Type> {
    signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(typed) => Some(&*typed.ty),
            FnArg::Receiver(_) => None,
        })
}

/// Everything that is wrong with a method, so that it is reported together.
#[derive(Default)]
struct Mistakes(Option<syn::Error>);

impl Mistakes {
    fn at(&mut self, span: Span, message: &str) {
        add(&mut self.0, syn::Error::new(span, message));
    }

    fn add(&mut self, given: &Type, message: &str) {
        add(&mut self.0, syn::Error::new_spanned(given, message));
    }

    /// At what the method returns, or at its name when it says nothing.
    fn returned(&mut self, signature: &Signature, message: &str) {
        match &signature.output {
            ReturnType::Type(_, returned) => self.add(returned, message),
            ReturnType::Default => self.at(signature.ident.span(), message),
        }
    }

    fn check_common(&mut self, what: &str, signature: &Signature) {
        if signature.asyncness.is_none() {
            self.at(signature.fn_token.span, &format!("{what} is an `async fn`"));
        }
        if !signature.generics.params.is_empty() {
            add(
                &mut self.0,
                syn::Error::new_spanned(
                    &signature.generics,
                    format!("{what} has no type parameters: what clients send has one type"),
                ),
            );
        }
        match signature.receiver() {
            None => self.at(
                signature.ident.span(),
                &format!("{what} takes `&self` first"),
            ),
            Some(receiver) if receiver.reference.is_none() || receiver.mutability.is_some() => add(
                &mut self.0,
                syn::Error::new_spanned(
                    receiver,
                    format!(
                        "{what} takes `&self`: many players call it at once, so what changes goes behind a lock"
                    ),
                ),
            ),
            Some(_) => {}
        }
    }

    fn end<T>(self, read: T) -> syn::Result<T> {
        self.0.map_or(Ok(read), Err)
    }
}

/// Adds one more mistake to those that are reported together.
pub(crate) fn add(all: &mut Option<syn::Error>, one: syn::Error) {
    match all {
        Some(all) => all.combine(one),
        None => *all = Some(one),
    }
}
