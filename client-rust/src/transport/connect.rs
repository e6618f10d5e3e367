//! From a list of endpoints to one connected transport.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use super::error::{TransportError, Unreachable};
use super::io::Io;
use super::race::race;
use super::stream::Stream;
use super::ws::Ws;
use super::{Settings, Transport};
use crate::endpoint::Endpoint;

/// Head start of one address of a host over the next, as RFC 8305 recommends.
const ADDRESS_RACE: Duration = Duration::from_millis(250);

/// Connects to the first endpoint that answers, giving each a head start over the next. The time allowed counts from `started`.
pub(crate) async fn connect(
    endpoints: &[Endpoint],
    settings: &Settings,
    started: Instant,
) -> Result<(Endpoint, Transport), Unreachable> {
    // One deadline for all: with the endpoints that it did not leave time for, none is left out of the error.
    let deadline = started + settings.connect_timeout;
    let mut attempts = Vec::with_capacity(endpoints.len());
    for endpoint in endpoints {
        attempts.push(open_until(deadline, endpoint.clone(), settings));
    }
    race(attempts, settings.race)
        .await
        .map_err(|failures| Unreachable { failures })
}

async fn open_until(
    deadline: Instant,
    endpoint: Endpoint,
    settings: &Settings,
) -> Result<(Endpoint, Transport), (Endpoint, TransportError)> {
    let opened = timeout_at(deadline, open(&endpoint, settings)).await;
    match opened.unwrap_or(Err(TransportError::TimedOut {
        after: settings.connect_timeout,
    })) {
        Ok(transport) => Ok((endpoint, transport)),
        Err(error) => Err((endpoint, error)),
    }
}

async fn open(endpoint: &Endpoint, settings: &Settings) -> Result<Transport, TransportError> {
    let tcp = open_tcp(endpoint).await?;
    let io = match endpoint.scheme().is_secure() {
        true => Io::Tls(Box::new(
            settings.tls.handshake(endpoint.host(), tcp).await?,
        )),
        false => Io::Tcp(tcp),
    };
    if endpoint.scheme().is_websocket() {
        let ws = Ws::upgrade(endpoint, io, settings).await?;
        return Ok(Transport::Ws(Box::new(ws)));
    }
    Ok(Transport::Stream(Stream::new(io)))
}

async fn open_tcp(endpoint: &Endpoint) -> Result<TcpStream, TransportError> {
    let unresolved = |error| TransportError::Dns {
        host: endpoint.host().to_owned(),
        source: Arc::new(error),
    };
    let addresses = lookup_host((endpoint.host(), endpoint.port()))
        .await
        .map_err(unresolved)?;
    let addresses = interleave(addresses.collect());
    if addresses.is_empty() {
        return Err(unresolved(std::io::Error::other("the name has no address")));
    }
    match race(addresses.into_iter().map(TcpStream::connect), ADDRESS_RACE).await {
        Ok(tcp) => {
            // A game's small packets must not wait for each other.
            tcp.set_nodelay(true).map_err(TransportError::from_tcp)?;
            Ok(tcp)
        }
        Err(mut errors) => Err(TransportError::from_tcp(errors.remove(0))),
    }
}

/// Alternates the address families, beginning with the resolver's favourite, so that one dead family costs one race step.
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (favourite, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let (mut favourite, mut other) = (favourite.into_iter(), other.into_iter());
    let mut mixed = Vec::new();
    loop {
        let pair = (favourite.next(), other.next());
        if pair == (None, None) {
            return mixed;
        }
        mixed.extend(pair.0);
        mixed.extend(pair.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_families_alternate() {
        let parse = |list: &[&str]| {
            list.iter()
                .map(|text| text.parse().unwrap())
                .collect::<Vec<SocketAddr>>()
        };
        let mixed = interleave(parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1"]));
        assert_eq!(
            mixed,
            parse(&["[::1]:1", "1.0.0.1:1", "[::2]:1", "[::3]:1"])
        );
    }
}
