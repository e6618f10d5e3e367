//! Route constants that know their payload types: the contract that a server and its Rust clients share.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::route::{RouteError, check, check_push, check_remote};

macro_rules! typed_route {
    ($(#[$doc:meta])* $name:ident<$($payload:ident),+>, $check:ident) => {
        $(#[$doc])*
        pub struct $name<$($payload),+> {
            route: Cow<'static, str>,
            payloads: PhantomData<fn($($payload),+)>,
        }

        impl<$($payload),+> $name<$($payload),+> {
            /// The constant for `route`.
            ///
            /// In a `const` or `static` a malformed route is a compile error.
            ///
            /// # Panics
            ///
            /// Outside of one, when the route is malformed; use [`parse`](Self::parse) for text that comes from elsewhere.
            #[must_use]
            pub const fn new(route: &'static str) -> Self {
                if let Err(error) = $check(route) {
                    malformed(error);
                }
                Self { route: Cow::Borrowed(route), payloads: PhantomData }
            }

            /// The same for text that is only known at run time.
            ///
            /// # Errors
            ///
            /// [`RouteError`] when the route is malformed.
            pub fn parse(route: impl Into<String>) -> Result<Self, RouteError> {
                let route = route.into();
                $check(&route)?;
                Ok(Self { route: Cow::Owned(route), payloads: PhantomData })
            }

            /// The route as text.
            #[must_use]
            pub fn route(&self) -> &str {
                &self.route
            }
        }

        impl<$($payload),+> Clone for $name<$($payload),+> {
            fn clone(&self) -> Self {
                Self { route: self.route.clone(), payloads: PhantomData }
            }
        }

        impl<$($payload),+> fmt::Debug for $name<$($payload),+> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.route).finish()
            }
        }
    };
}

typed_route! {
    /// A route that is answered: takes a `Req`, answers a `Res`.
    ///
    /// ```
    /// use pitaya_protocol::Request;
    ///
    /// const JOIN: Request<String, u32> = Request::new("room.join");
    /// assert_eq!(JOIN.route(), "room.join");
    /// ```
    Request<Req, Res>, check
}

typed_route! {
    /// A route that is not answered: takes a `T`.
    Notify<T>, check
}

typed_route! {
    /// A route on which the server sends `T` to clients: any text of 1 to 255 bytes.
    Push<T>, check_push
}

typed_route! {
    /// A method that servers call: takes a `Req`, answers a `Res`, both protobuf messages. Its route names the type of server that has it.
    ///
    /// ```
    /// use pitaya_protocol::Remote;
    ///
    /// const COUNT: Remote<(), u64> = Remote::new("room.room.count");
    /// assert_eq!(COUNT.route(), "room.room.count");
    /// ```
    Remote<Req, Res>, check_remote
}

/// Ends a constant evaluation (or panics) with our words for the mistake.
const fn malformed(error: RouteError) -> ! {
    match error {
        RouteError::Parts => {
            panic!(
                "malformed route: it needs two or three parts, `service.method` or `server.service.method`"
            )
        }
        RouteError::NoServer => {
            panic!(
                "malformed route: that of a remote method has three parts, `server.service.method`"
            )
        }
        RouteError::EmptyPart => panic!("malformed route: a part between the dots is empty"),
        RouteError::TooLong => panic!("malformed route: it is longer than 255 bytes"),
        RouteError::Empty => panic!("malformed route: it is empty"),
    }
}
