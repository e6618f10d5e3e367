//! The options of `#[component(..)]`.

use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token, Type};

use crate::case::Case;

/// What is written in the parentheses.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) serializers: Option<Type>,
    pub(crate) rename_all: Option<Case>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            if input.peek(LitStr) {
                let name: LitStr = input.parse()?;
                check_name(&name)?;
                if options.name.replace(name.clone()).is_some() {
                    return Err(syn::Error::new(name.span(), "a component has one name"));
                }
            } else {
                options.parse_named(input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn parse_named(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        const KNOWN: &str =
            "the options are a name in quotes, `serializers = ..` and `rename_all = \"..\"`";
        let option: Ident = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), KNOWN))?;
        let unknown =
            || syn::Error::new(option.span(), format!("unknown option `{option}`: {KNOWN}"));
        if option != "serializers" && option != "rename_all" {
            return Err(unknown());
        }
        input.parse::<Token![=]>().map_err(|_| {
            syn::Error::new(
                option.span(),
                format!("`{option}` needs a value: `{option} = ..`"),
            )
        })?;
        let again = if option == "serializers" {
            self.serializers.replace(input.parse()?).is_some()
        } else {
            self.rename_all
                .replace(Case::parse(&input.parse()?)?)
                .is_some()
        };
        if again {
            return Err(syn::Error::new(
                option.span(),
                format!("`{option}` is there twice"),
            ));
        }
        Ok(())
    }
}

/// Holds a name against the grammar of routes (wire 7.1).
pub(crate) fn check_name(name: &LitStr) -> syn::Result<()> {
    let text = name.value();
    if text.trim().is_empty() {
        return Err(syn::Error::new(
            name.span(),
            "a name in a route is not empty",
        ));
    }
    if text.contains('.') {
        return Err(syn::Error::new(
            name.span(),
            "a name in a route has no dot: the route is made of the component's name, a dot and the method's name",
        ));
    }
    Ok(())
}
