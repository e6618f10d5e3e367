//! Routes: `[server.]service.method` (wire 7.1).

/// The longest route in bytes: its length is one byte on the wire (wire 6.3).
pub const MAX_ROUTE: usize = 255;

/// A parsed route of a request or notify.
///
/// ```
/// use pitaya_protocol::Route;
///
/// let route = Route::parse("connector.room.join")?;
/// assert_eq!((route.server, route.service, route.method), (Some("connector"), "room", "join"));
/// assert_eq!(Route::parse("room.join")?.server, None);
/// # Ok::<(), pitaya_protocol::RouteError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the wire has exactly these three parts"
)]
pub struct Route<'a> {
    /// The type of server that serves it; `None` means the one that the client is connected to.
    pub server: Option<&'a str>,
    /// The component's name.
    pub service: &'a str,
    /// The method's name.
    pub method: &'a str,
}

/// Why a text is not a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// There are not two or three parts between dots.
    #[error("a route has two or three parts: `service.method` or `server.service.method`")]
    Parts,
    /// A part is empty or blank.
    #[error("a part of the route is empty")]
    EmptyPart,
    /// It is longer than [`MAX_ROUTE`] bytes.
    #[error("a route is at most 255 bytes long")]
    TooLong,
    /// The route of a remote method does not name a server type.
    #[error("the route of a remote method has three parts: `server.service.method`")]
    NoServer,
    /// A push route is empty.
    #[error("the route is empty")]
    Empty,
}

impl<'a> Route<'a> {
    /// Splits a route into its parts. Case matters; white space is kept, but a blank part is refused.
    ///
    /// # Errors
    ///
    /// [`RouteError`], see its variants.
    pub fn parse(text: &'a str) -> Result<Self, RouteError> {
        check(text)?;
        let mut parts = text.rsplitn(3, '.');
        let (method, service) = (parts.next(), parts.next());
        match (method, service) {
            (Some(method), Some(service)) => Ok(Self {
                server: parts.next(),
                service,
                method,
            }),
            _ => Err(RouteError::Parts),
        }
    }
}

/// Whether `text` is a route of a request or notify; usable in a `const`.
pub(crate) const fn check(text: &str) -> Result<(), RouteError> {
    let bytes = text.as_bytes();
    if bytes.len() > MAX_ROUTE {
        return Err(RouteError::TooLong);
    }
    let (mut index, mut parts, mut filled) = (0, 1, false);
    while index < bytes.len() {
        match bytes[index] {
            b'.' => {
                if !filled {
                    return Err(RouteError::EmptyPart);
                }
                parts += 1;
                filled = false;
            }
            byte => filled = filled || !byte.is_ascii_whitespace(),
        }
        index += 1;
    }
    if parts < 2 || parts > 3 {
        return Err(RouteError::Parts);
    }
    if !filled {
        return Err(RouteError::EmptyPart);
    }
    Ok(())
}

/// Whether `text` is the route of a remote method, whose server type is named (wire 17.3).
pub(crate) const fn check_remote(text: &str) -> Result<(), RouteError> {
    if let Err(error) = check(text) {
        return Err(error);
    }
    let bytes = text.as_bytes();
    let (mut index, mut dots) = (0, 0);
    while index < bytes.len() {
        if bytes[index] == b'.' {
            dots += 1;
        }
        index += 1;
    }
    if dots == 2 {
        Ok(())
    } else {
        Err(RouteError::NoServer)
    }
}

/// Whether `text` is a route of a push: any text of 1 to 255 bytes (wire 7.1).
pub(crate) const fn check_push(text: &str) -> Result<(), RouteError> {
    match text.len() {
        0 => Err(RouteError::Empty),
        1..=MAX_ROUTE => Ok(()),
        _ => Err(RouteError::TooLong),
    }
}
