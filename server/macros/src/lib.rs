//! The attribute macros of `pitaya-server`, which re-exports them.

mod case;
mod component;
mod expansion;
mod mark;
mod options;
mod signature;

use proc_macro::TokenStream;
use quote::quote;

/// Makes a type a component: its methods that are marked `#[request]` or `#[notify]` can be called by clients.
///
/// ```
/// use pitaya_server::{Result, Session, component};
/// # #[derive(serde::Deserialize)] struct Join { name: String }
/// # #[derive(serde::Serialize)] struct Joined { members: u32 }
/// # #[derive(serde::Deserialize)] struct Line { text: String }
/// struct Room;
///
/// #[component("room")]
/// impl Room {
///     #[request] // room.join
///     async fn join(&self, session: &Session, join: Join) -> Result<Joined> {
///         Ok(Joined { members: 1 })
///     }
///
///     #[notify] // room.say
///     async fn say(&self, session: &Session, line: Line) {}
///
///     fn helper(&self) {} // not marked: clients cannot call it
/// }
/// ```
///
/// It goes on one `impl` block per type and writes the `Component` implementation from it.
///
/// # Methods
///
/// Endpoints have one shape: `async fn name(&self, session: &Session, payload: Payload) -> Result<Answer>`. Session and payload can
/// be left out; a notify returns nothing or `Result<()>`, whose error is logged. Payload and answer are what the server's
/// serializers carry: serde types for JSON, prost messages for protobuf, `Raw` bytes for all. The error is `pitaya_server::Error`
/// or a type that turns into it.
///
/// `#[request]` and `#[notify]` take, in any order:
///
/// * a text, the method's name in the route: `#[request("Join")]`;
/// * a route constant: `#[request(JOIN)]`, whose types must be those of the method, and whose service the component's name;
/// * `concurrent`: the session's next handlers run beside this one. By default a session's handlers run one after another, so
///   one that waits for a later message of the same player has to be marked or waits for ever;
/// * `cancel`: the handler is dropped at its next await when the session ends; by default it completes.
///
/// `#[remote]` marks a method for other servers of the cluster: `async fn name(&self, server: &Handle, argument: Argument) -> Result<Answer>`, of which
/// server and argument can be left out. Argument and answer are prost messages. It takes a name or a `Remote` constant, as above.
///
/// `#[init]`, `#[after_init]`, `#[before_shutdown]` and `#[shutdown]` mark the hooks of the component's life:
/// `async fn name(&self, server: &Handle) -> Result<()>`, of which `server` can be left out.
///
/// # Options
///
/// * The first text is the component's name. Without it the name of the type is used, in snake case.
/// * `serializers = Both`: for which servers it is, `Json` by default.
/// * `rename_all = "PascalCase"`: how names are made from those of methods, and from the type's. `lowercase`, `snake_case`,
///   `camelCase` or `PascalCase`; the first and the last are what games with Go routes use. By default methods keep their names.
#[proc_macro_attribute]
pub fn component(options: TokenStream, item: TokenStream) -> TokenStream {
    component::expand(options.into(), &item.into()).into()
}

/// Marks a method of a [`component`](macro@component) as an endpoint that answers. Its page says what it takes.
#[proc_macro_attribute]
pub fn request(_: TokenStream, item: TokenStream) -> TokenStream {
    misplaced("request", item)
}

/// Marks a method of a [`component`](macro@component) as an endpoint that does not answer. Its page says what it takes.
#[proc_macro_attribute]
pub fn notify(_: TokenStream, item: TokenStream) -> TokenStream {
    misplaced("notify", item)
}

/// Marks a method of a [`component`](macro@component) that other servers of the cluster call. Its page says what it takes.
#[proc_macro_attribute]
pub fn remote(_: TokenStream, item: TokenStream) -> TokenStream {
    misplaced("remote", item)
}

/// Inside of a component the marks are taken away before the compiler comes to them.
fn misplaced(mark: &str, item: TokenStream) -> TokenStream {
    let message = format!("`#[{mark}]` marks a method in an `impl` block with `#[component]`");
    let item = proc_macro2::TokenStream::from(item);
    quote!(::std::compile_error!(#message); #item).into()
}
