//! The attributes that mark methods: `#[request]`, `#[notify]`, `#[remote]` and the hooks of a component's life.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitStr, Meta, Path, Token};

use crate::options::check_name;

/// What a method is marked as.
pub(crate) enum Mark {
    Endpoint(Endpoint),
    Hook(Hook),
}

/// Which call of the component's life a method is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    Init,
    AfterInit,
    BeforeShutdown,
    Shutdown,
}

impl Hook {
    /// The attribute, which is also the method of the trait.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::AfterInit => "after_init",
            Self::BeforeShutdown => "before_shutdown",
            Self::Shutdown => "shutdown",
        }
    }
}

/// Who calls an endpoint, and whether it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Notify,
    /// For other servers.
    Remote,
}

/// `#[request(..)]`, `#[notify(..)]` or `#[remote(..)]`.
pub(crate) struct Endpoint {
    pub(crate) kind: Kind,
    pub(crate) arguments: Arguments,
}

/// What is written in their parentheses.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) name: Option<LitStr>,
    pub(crate) constant: Option<Path>,
    pub(crate) concurrent: bool,
    pub(crate) cancel: bool,
}

impl Mark {
    /// Takes the mark from a method's attributes. `Ok(None)` means that it has none.
    pub(crate) fn take(attributes: &mut Vec<Attribute>) -> syn::Result<Option<Self>> {
        let is_mark = |attribute: &Attribute| attribute.path().get_ident().is_some_and(known);
        let (marks, others): (Vec<_>, Vec<_>) = attributes.drain(..).partition(is_mark);
        *attributes = others;
        let mut marks = marks.into_iter();
        let Some(first) = marks.next() else {
            return Ok(None);
        };
        if let Some(second) = marks.next() {
            return Err(syn::Error::new_spanned(
                second.path(),
                "a method is marked once",
            ));
        }
        Self::read(&first).map(Some)
    }

    fn read(attribute: &Attribute) -> syn::Result<Self> {
        let hook = |hook: Hook| match attribute.meta {
            Meta::Path(_) => Ok(Self::Hook(hook)),
            _ => Err(syn::Error::new_spanned(
                &attribute.meta,
                format!("`#[{}]` takes no options", hook.name()),
            )),
        };
        let endpoint = |kind| {
            let arguments = match &attribute.meta {
                Meta::Path(_) => Arguments::default(),
                Meta::List(list) => list.parse_args()?,
                Meta::NameValue(pair) => {
                    let message = "options go into parentheses: `#[request(\"name\")]`";
                    return Err(syn::Error::new_spanned(pair, message));
                }
            };
            Ok(Self::Endpoint(Endpoint { kind, arguments }))
        };
        let path = attribute.path();
        if path.is_ident("request") {
            endpoint(Kind::Request)
        } else if path.is_ident("notify") {
            endpoint(Kind::Notify)
        } else if path.is_ident("remote") {
            endpoint(Kind::Remote)
        } else if path.is_ident("init") {
            hook(Hook::Init)
        } else if path.is_ident("after_init") {
            hook(Hook::AfterInit)
        } else if path.is_ident("before_shutdown") {
            hook(Hook::BeforeShutdown)
        } else {
            hook(Hook::Shutdown)
        }
    }
}

fn known(name: &Ident) -> bool {
    [
        "request",
        "notify",
        "remote",
        "init",
        "after_init",
        "before_shutdown",
        "shutdown",
    ]
    .iter()
    .any(|mark| name == mark)
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Self::default();
        while !input.is_empty() {
            if input.peek(LitStr) {
                let name: LitStr = input.parse()?;
                check_name(&name)?;
                arguments.check_unnamed(name.span())?;
                arguments.name = Some(name);
            } else {
                let path: Path = input
                    .parse()
                    .map_err(|error| syn::Error::new(error.span(), KNOWN))?;
                arguments.add(path)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

const KNOWN: &str =
    "the options are a name in quotes or a route constant, `concurrent` and `cancel`";

impl Arguments {
    fn add(&mut self, path: Path) -> syn::Result<()> {
        if path.is_ident("concurrent") {
            self.concurrent = true;
        } else if path.is_ident("cancel") {
            self.cancel = true;
        } else if is_constant(&path) {
            let span = path
                .segments
                .first()
                .map_or_else(Span::call_site, |segment| segment.ident.span());
            self.check_unnamed(span)?;
            self.constant = Some(path);
        } else {
            let given = path.to_token_stream();
            return Err(syn::Error::new_spanned(
                path,
                format!("unknown option `{given}`: {KNOWN}"),
            ));
        }
        Ok(())
    }

    fn check_unnamed(&self, span: Span) -> syn::Result<()> {
        if self.name.is_some() || self.constant.is_some() {
            return Err(syn::Error::new(
                span,
                "an endpoint has one name or one route constant",
            ));
        }
        Ok(())
    }
}

/// Options are written small, constants begin with a capital: so a misspelt option is not taken for a constant.
fn is_constant(path: &Path) -> bool {
    path.segments.last().is_some_and(|segment| {
        segment
            .ident
            .to_string()
            .starts_with(|letter: char| letter.is_uppercase())
    })
}
