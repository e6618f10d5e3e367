//! A listener at work: binding, and accepting until the server stops.

use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream, lookup_host},
    time::sleep,
};

use super::listener::{ListenOn, Listener, ListenerOptions, Place};

/// A listener that clients can connect to.
#[derive(Debug)]
pub(crate) struct Bound {
    socket: TcpListener,
    address: SocketAddr,
    options: Arc<ListenerOptions>,
}

/// Connections that may wait for us to accept them; the operating system may allow fewer.
const BACKLOG: u32 = 1024;

impl Listener {
    /// The socket of the process that served before, if it listens on the same address, in the place of a new one.
    #[cfg(unix)]
    pub(crate) async fn inherit(mut self, from: &mut crate::hand_over::Predecessor) -> Self {
        let ListenOn(Place::Address(address)) = &self.on else {
            return self;
        };
        // A name that cannot be resolved fails when it is bound.
        let found = lookup_host(address).await;
        let addresses: Vec<_> = found.into_iter().flatten().collect();
        if let Some(socket) = from.take(&addresses) {
            self.on = ListenOn(Place::Socket(socket));
        }
        self
    }

    /// Binds the address, or takes over the socket.
    pub(crate) async fn bind(self) -> Result<Bound, BindError> {
        let Self {
            on,
            reuse_port,
            options,
        } = self;
        let place = on.to_string();
        let bound = match on {
            ListenOn(Place::Address(address)) => bind_address(&address, reuse_port).await,
            ListenOn(Place::Socket(socket)) => take_over(socket),
        };
        let bound = bound.and_then(|socket| Ok((socket.local_addr()?, socket)));
        let (address, socket) = bound.map_err(|source| BindError::new(place, source))?;
        Ok(Bound {
            socket,
            address,
            options: Arc::new(options),
        })
    }
}

impl Bound {
    /// The address that clients connect to, with the port that the operating system chose if it was to choose.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What holds for every connection.
    pub(crate) const fn options(&self) -> &Arc<ListenerOptions> {
        &self.options
    }

    /// Another descriptor of the socket.
    #[cfg(unix)]
    pub(crate) fn try_clone(&self) -> io::Result<std::os::fd::OwnedFd> {
        std::os::fd::AsFd::as_fd(&self.socket).try_clone_to_owned()
    }

    /// Hands every connection to `accepted` until `stop` is done, then closes the socket.
    pub(crate) async fn accept_loop(
        self,
        mut accepted: impl FnMut(TcpStream, SocketAddr),
        stop: impl Future<Output = Rest>,
    ) {
        let poll_accept = |cx: &mut Context<'_>| {
            self.socket.poll_accept(cx).map_ok(|(tcp, remote)| {
                // Small packets leave at once; a failure costs time only.
                let _ = tcp.set_nodelay(true);
                (tcp, remote)
            })
        };
        let rest = tokio::select! {
            biased;
            rest = stop => rest,
            () = accept_all(poll_accept, &mut accepted, &self.options.name) => Rest::Leave,
        };
        if rest == Rest::Take
            && let Err(error) = self.take_rest(accepted)
            && error.kind() != io::ErrorKind::WouldBlock
        {
            tracing::warn!(%error, "connections that waited to be accepted are lost");
        }
    }

    /// Accepts those who wait, without asking the runtime: it may not know of them yet.
    fn take_rest(self, mut accepted: impl FnMut(TcpStream, SocketAddr)) -> io::Result<()> {
        let socket = self.socket.into_std()?;
        for _ in 0..BACKLOG {
            let (tcp, remote) = socket.accept()?;
            tcp.set_nonblocking(true)?;
            let _ = tcp.set_nodelay(true);
            accepted(TcpStream::from_std(tcp)?, remote);
        }
        Ok(())
    }
}

/// What becomes of connections that nobody has accepted when a listener stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// They are accepted: the operating system would reset them.
    Take,
    /// They are left to the process that has the same socket.
    Leave,
}

/// Accepts for ever. A failure to accept is never the end: the peer was gone already, or we are short of file descriptors or
/// memory; then others get time to give some back.
pub(super) async fn accept_all<C>(
    mut poll_accept: impl FnMut(&mut Context<'_>) -> Poll<io::Result<(C, SocketAddr)>>,
    mut accepted: impl FnMut(C, SocketAddr),
    name: &str,
) {
    const SHORTEST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(1);
    let mut pause = SHORTEST;
    loop {
        match poll_fn(&mut poll_accept).await {
            Ok((connection, remote)) => {
                pause = SHORTEST;
                accepted(connection, remote);
            }
            Err(error) if is_of_the_peer(&error) => {
                tracing::debug!(listener = name, %error, "a connection ended before it was accepted");
            }
            Err(error) => {
                tracing::warn!(listener = name, %error, ?pause, "cannot accept connections, trying again");
                pin!(sleep(pause)).await;
                pause = (pause * 2).min(LONGEST);
            }
        }
    }
}

/// Whether accepting failed for the one connection only.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Binds the first of the addresses behind the name that can be bound.
async fn bind_address(address: &str, reuse_port: bool) -> io::Result<TcpListener> {
    let mut failure = None;
    for address in lookup_host(address).await? {
        match bind_one(address, reuse_port) {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure
        .unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")))
}

fn bind_one(address: SocketAddr, reuse_port: bool) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // A server that restarts must not wait for the old connections' time to pass. On Windows the option means another thing.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    if reuse_port {
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn take_over(socket: std::net::TcpListener) -> io::Result<TcpListener> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if !socket2::SockRef::from(&socket).is_listener()? {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket does not listen",
        ));
    }
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}

/// Why a server cannot listen somewhere. The message names the place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another socket listens there.
    #[error("cannot listen on {place}: the port is taken")]
    Taken {
        /// The address.
        place: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// This process may not; ports below 1024 are often reserved.
    #[error("cannot listen on {place}: permission denied")]
    Denied {
        /// The address.
        place: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The text is no address, or the name cannot be resolved, or it is not an address of this machine, or the socket is
    /// of no use.
    #[error("cannot listen on {place}: {source}")]
    Unusable {
        /// The address.
        place: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl BindError {
    fn new(place: String, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::Taken { place, source },
            io::ErrorKind::PermissionDenied => Self::Denied { place, source },
            _ => Self::Unusable { place, source },
        }
    }
}
