//! From a list of endpoints to one connected transport.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::error::{ConnectError, ConnectFailed};
use super::io::Io;
use super::race::race;
use super::stream::Stream;
use super::ws::Ws;
use super::{Settings, Transport};
use crate::endpoint::Endpoint;

/// Head start of one address of a host over the next, as RFC 8305 recommends.
const ADDRESS_RACE: Duration = Duration::from_millis(250);

/// Connects to the first endpoint that answers, giving each a head start over the next.
pub(crate) async fn connect(
    endpoints: &[Endpoint],
    settings: &Settings,
) -> Result<(Endpoint, Transport), ConnectFailed> {
    let attempts = endpoints.iter().map(async |endpoint| {
        let attempt = timeout(settings.connect_timeout, open(endpoint, settings));
        let outcome = attempt.await.unwrap_or(Err(ConnectError::TimedOut {
            after: settings.connect_timeout,
        }));
        match outcome {
            Ok(transport) => Ok((endpoint.clone(), transport)),
            Err(error) => Err((endpoint.clone(), error)),
        }
    });
    race(attempts, settings.race)
        .await
        .map_err(|failures| ConnectFailed { failures })
}

async fn open(endpoint: &Endpoint, settings: &Settings) -> Result<Transport, ConnectError> {
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

async fn open_tcp(endpoint: &Endpoint) -> Result<TcpStream, ConnectError> {
    let unresolved = |error| ConnectError::Dns {
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
            tcp.set_nodelay(true).map_err(ConnectError::from_tcp)?;
            Ok(tcp)
        }
        Err(mut errors) => Err(ConnectError::from_tcp(errors.remove(0))),
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
