//! Where a server is: a URL that says how to reach it.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// How bytes travel to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `tcp://`: a plain byte stream.
    Tcp,
    /// `tls://`: a byte stream inside TLS.
    Tls,
    /// `ws://`: WebSocket over plain TCP.
    Ws,
    /// `wss://`: WebSocket inside TLS.
    Wss,
}

impl Scheme {
    /// The scheme as it is written in a URL, without `://`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// Whether the connection is encrypted and the server's certificate checked.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// Whether packets travel in WebSocket messages.
    #[must_use]
    pub fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// WebSocket has the ports of HTTP; the byte streams have no usual port.
    fn default_port(self) -> Option<u16> {
        match self {
            Self::Tcp | Self::Tls => None,
            Self::Ws => Some(80),
            Self::Wss => Some(443),
        }
    }
}

/// One server address: `tcp://host:port`, `tls://host:port`, `ws://host[:port][/path]` or `wss://host[:port][/path]`.
///
/// The port may be left out for `ws` (80) and `wss` (443) only. An IPv6 address stands in brackets.
///
/// ```
/// use pitaya_client::Endpoint;
///
/// let endpoint: Endpoint = "wss://play.example/game".parse()?;
/// assert_eq!((endpoint.host(), endpoint.port()), ("play.example", 443));
/// # Ok::<(), pitaya_client::EndpointError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
}

impl Endpoint {
    /// How to connect.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host name or address, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query of a WebSocket URL, `/` when there is none; empty for byte streams.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host and port as a `Host` header writes them.
    pub(crate) fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        if self.scheme.default_port() == Some(*port) {
            host
        } else {
            format!("{host}:{port}")
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}{}",
            self.scheme.as_str(),
            self.authority(),
            self.path
        )
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(url: &str) -> Result<Self, EndpointError> {
        parse(url).map_err(|problem| EndpointError {
            url: url.to_owned(),
            problem,
        })
    }
}

fn parse(url: &str) -> Result<Endpoint, EndpointProblem> {
    let (scheme, rest) = url.split_once("://").ok_or(EndpointProblem::NoScheme)?;
    let scheme = [Scheme::Tcp, Scheme::Tls, Scheme::Ws, Scheme::Wss]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known.as_str()))
        .ok_or_else(|| EndpointProblem::UnknownScheme(scheme.to_owned()))?;
    if rest.contains('#') {
        return Err(EndpointProblem::Fragment);
    }

    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(EndpointProblem::UserInfo);
    }
    let (host, port) = split_port(authority)?;
    check_host(host)?;
    let port = match port {
        Some(port) => match port.parse() {
            Ok(port) if port != 0 => port,
            _ => return Err(EndpointProblem::Port(port.to_owned())),
        },
        None => scheme.default_port().ok_or(EndpointProblem::NoPort)?,
    };

    let path = match (scheme.is_websocket(), path) {
        (false, "" | "/") => String::new(),
        (false, _) => return Err(EndpointProblem::Path),
        (true, path) if path.starts_with('/') => path.to_owned(),
        (true, path) => format!("/{path}"),
    };
    if path.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(EndpointProblem::PathCharacter);
    }
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    Ok(Endpoint {
        scheme,
        host,
        port,
        path,
    })
}

/// Splits `host:port`, where only a bracketed host may hold colons.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), EndpointProblem> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(EndpointProblem::Host)?;
        let (host, port) = authority.split_at(end + 1);
        return match port.strip_prefix(':') {
            None if port.is_empty() => Ok((host, None)),
            None => Err(EndpointProblem::Host),
            port => Ok((host, port)),
        };
    }
    match authority.split_once(':') {
        None => Ok((authority, None)),
        Some((_, port)) if port.contains(':') => Err(EndpointProblem::Host),
        Some((host, port)) => Ok((host, Some(port))),
    }
}

fn check_host(host: &str) -> Result<(), EndpointProblem> {
    if host.is_empty() {
        return Err(EndpointProblem::NoHost);
    }
    if let Some(address) = host.strip_prefix('[') {
        let address = address.trim_end_matches(']');
        return match address.parse::<std::net::Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(EndpointProblem::Host),
        };
    }
    let plain = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if plain {
        Ok(())
    } else {
        Err(EndpointProblem::Host)
    }
}

/// A URL that cannot be connected to, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{url}` is not a server address: {problem}")]
pub struct EndpointError {
    /// The URL as it was given.
    pub url: String,
    /// What is wrong with it.
    #[source]
    pub problem: EndpointProblem,
}

/// What is wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EndpointProblem {
    /// There is no `://`.
    #[error("it does not start with tcp://, tls://, ws:// or wss://")]
    NoScheme,
    /// The scheme is not one of ours.
    #[error("the scheme `{0}` is none of tcp, tls, ws, wss")]
    UnknownScheme(String),
    /// The host is empty.
    #[error("there is no host")]
    NoHost,
    /// The host is neither a name in ASCII nor an address.
    #[error(
        "the host is neither an ASCII name, nor an IPv4 address, nor an IPv6 address in brackets"
    )]
    Host,
    /// A byte stream has no usual port.
    #[error("tcp and tls need a port")]
    NoPort,
    /// The port is not a number from 1 to 65535.
    #[error("the port `{0}` is not a number from 1 to 65535")]
    Port(String),
    /// A byte stream has no path.
    #[error("tcp and tls have no path")]
    Path,
    /// The path holds a character that HTTP would not carry.
    #[error("the path holds a space or a character that has to be percent-encoded")]
    PathCharacter,
    /// A name or password before `@`.
    #[error("a user name or password in a URL is not supported")]
    UserInfo,
    /// A `#` part, which is never sent.
    #[error("a fragment (#) has no meaning here")]
    Fragment,
    /// An empty list of URLs.
    #[error("the list of addresses is empty")]
    Empty,
}

/// What [`Client::builder`](crate::Client::builder) accepts: one URL or [`Endpoint`], or a list of them in order of preference.
pub trait IntoEndpoints {
    /// The addresses, in order.
    ///
    /// # Errors
    /// The first URL that is no server address.
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError>;
}

impl IntoEndpoints for &str {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        self.parse().map(|endpoint| vec![endpoint])
    }
}

impl IntoEndpoints for String {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        self.as_str().into_endpoints()
    }
}

impl IntoEndpoints for &String {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        self.as_str().into_endpoints()
    }
}

impl IntoEndpoints for Endpoint {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        Ok(vec![self])
    }
}

impl<T: IntoEndpoints> IntoEndpoints for Vec<T> {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        let mut endpoints = Vec::new();
        for item in self {
            endpoints.extend(item.into_endpoints()?);
        }
        match endpoints.is_empty() {
            true => Err(EndpointError {
                url: String::new(),
                problem: EndpointProblem::Empty,
            }),
            false => Ok(endpoints),
        }
    }
}

impl<T: IntoEndpoints, const N: usize> IntoEndpoints for [T; N] {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        Vec::from(self).into_endpoints()
    }
}

impl<T: IntoEndpoints + Clone> IntoEndpoints for &[T] {
    fn into_endpoints(self) -> Result<Vec<Endpoint>, EndpointError> {
        self.to_vec().into_endpoints()
    }
}
