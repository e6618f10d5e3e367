//! The PROXY protocol, versions 1 and 2: a proxy says where a connection comes from.
//!
//! <https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// Why there is no PROXY header where one is demanded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ProxyError {
    /// The first bytes are something else, so this peer did not come through the proxy.
    #[error("no PROXY header")]
    Missing,
    /// The header is broken.
    #[error("broken PROXY header: {0}")]
    Malformed(&'static str),
    /// The header is longer than the limit.
    #[error("PROXY header of {given} bytes, more than {limit}")]
    TooLarge {
        /// What the header announces.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// The socket broke or ended.
    #[error("PROXY header: {0}")]
    Io(#[from] io::Error),
}

/// Both versions are at least this long: `PROXY UNKNOWN` with its line end.
const SHORTEST: usize = 15;

/// The longest line of version 1.
const LONGEST_LINE: usize = 107;

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Version 2 up to and with its length.
const FIXED: usize = 16;

/// Reads the header and not a byte more. The answer is the peer's address, or nothing where the header carries none: the
/// proxy checks our health (LOCAL), or does not know (UNKNOWN); then the socket's own address is the right one.
pub(super) async fn read(
    tcp: &mut TcpStream,
    limit: usize,
) -> Result<Option<SocketAddr>, ProxyError> {
    let mut start = [0; SHORTEST];
    tcp.read_exact(&mut start).await?;
    if start.starts_with(b"PROXY ") {
        return read_line(tcp, start).await;
    }
    if !start.starts_with(SIGNATURE) {
        return Err(ProxyError::Missing);
    }
    let low = tcp.read_u8().await?;
    let length = usize::from(u16::from_be_bytes([start[14], low]));
    if FIXED + length > limit {
        return Err(ProxyError::TooLarge {
            given: FIXED + length,
            limit,
        });
    }
    let mut body = vec![0; length];
    tcp.read_exact(&mut body).await?;
    parse_block(start[12], start[13], &body)
}

async fn read_line(
    tcp: &mut TcpStream,
    start: [u8; SHORTEST],
) -> Result<Option<SocketAddr>, ProxyError> {
    let mut line = [0; LONGEST_LINE];
    line[..SHORTEST].copy_from_slice(&start);
    let mut length = SHORTEST;
    while !line[..length].ends_with(b"\n") {
        if length == LONGEST_LINE {
            return Err(ProxyError::Malformed("the line does not end"));
        }
        // All before a line end is header: what was only looked at can be read.
        let count = tcp.peek(&mut line[length..]).await?;
        let seen = &line[length..length + count];
        let count = seen
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(count, |at| at + 1);
        if count == 0 {
            return Err(ProxyError::Io(io::ErrorKind::UnexpectedEof.into()));
        }
        tcp.read_exact(&mut line[length..length + count]).await?;
        length += count;
    }
    parse_line(&line[..length])
}

fn parse_line(line: &[u8]) -> Result<Option<SocketAddr>, ProxyError> {
    let line = line
        .strip_suffix(b"\r\n")
        .and_then(|line| std::str::from_utf8(line).ok())
        .ok_or(ProxyError::Malformed("not a line of text"))?;
    let mut words = line.split(' ').skip(1);
    let family = words.next();
    if family == Some("UNKNOWN") {
        return Ok(None);
    }
    let words = [
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
    ];
    let [
        Some(source),
        Some(destination),
        Some(source_port),
        Some(destination_port),
        None,
    ] = words
    else {
        return Err(ProxyError::Malformed("not two addresses and two ports"));
    };
    let source = match family {
        Some("TCP4") => pair::<Ipv4Addr>(source, destination).map(IpAddr::V4),
        Some("TCP6") => pair::<Ipv6Addr>(source, destination).map(IpAddr::V6),
        _ => return Err(ProxyError::Malformed("neither TCP4, TCP6 nor UNKNOWN")),
    };
    let source = source.ok_or(ProxyError::Malformed("not an address of the family"))?;
    let port =
        pair::<u16>(source_port, destination_port).ok_or(ProxyError::Malformed("not a port"))?;
    Ok(Some(SocketAddr::new(source, port)))
}

/// The first of two words, if both are what they should be.
fn pair<T: FromStr>(first: &str, second: &str) -> Option<T> {
    second.parse::<T>().ok()?;
    first.parse().ok()
}

fn parse_block(command: u8, family: u8, body: &[u8]) -> Result<Option<SocketAddr>, ProxyError> {
    match command {
        0x20 => return Ok(None),
        0x21 => {}
        _ => {
            return Err(ProxyError::Malformed(
                "neither LOCAL nor PROXY of version 2",
            ));
        }
    }
    let short = ProxyError::Malformed("the addresses are cut off");
    match family >> 4 {
        1 => {
            let [a, b, c, d, _, _, _, _, high, low, _, _, ..] = *body else {
                return Err(short);
            };
            let port = u16::from_be_bytes([high, low]);
            Ok(Some(SocketAddr::from(([a, b, c, d], port))))
        }
        2 => {
            let (Some(address), Some(&[high, low, _, _])) = (
                body.first_chunk::<16>(),
                body.get(32..36).and_then(<[u8]>::first_chunk),
            ) else {
                return Err(short);
            };
            Ok(Some(SocketAddr::from((
                *address,
                u16::from_be_bytes([high, low]),
            ))))
        }
        // Unspecified, or a socket of the proxy's own machine.
        0 | 3 => Ok(None),
        _ => Err(ProxyError::Malformed("unknown address family")),
    }
}
