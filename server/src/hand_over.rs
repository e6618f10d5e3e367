//! Handing the listeners over to the next process, so that no connection is refused while a server is replaced.
//!
//! Both processes have the same sockets for a moment, and with them one queue of connections: what came before the change is accepted behind it. The
//! sockets travel over a Unix socket in a file. The old process sends them, the new one starts, then says that it is ready; the old one stops to
//! accept, says that it has, and drains. A process that ends before it is ready changes nothing.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pitaya_protocol::SerializerSet;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

use crate::handle::{Handle, WeakHandle};
use crate::transport::bind::Bound;

/// What goes with the sockets; its number is that of this exchange.
const OFFER: &[u8] = b"pitaya listeners 1\n";
const READY: &[u8] = b"ready\n";
const DONE: &[u8] = b"done\n";
/// More than a server listens on; the operating system passes 253 at once.
const MOST: usize = 64;
/// Time for what the other process does at once.
const ANSWER: Duration = Duration::from_secs(5);
/// Time for the next process to start: its components may have much to load.
const START: Duration = Duration::from_secs(120);
/// Before the file is listened on again, when that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a server did not take the place of the one before it.
#[derive(Debug, thiserror::Error)]
#[error("cannot take over by {}: {source}", path.display())]
pub struct HandOverError {
    path: PathBuf,
    source: io::Error,
}

impl HandOverError {
    pub(crate) fn new(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self { path, source }
    }
}

/// Descriptors of the listeners, for the next process. Only where it may ask for them: a socket stays open as long as one of them is.
#[derive(Debug, Default)]
pub(crate) struct Lent(Mutex<Option<Vec<OwnedFd>>>);

impl Lent {
    /// From now on listeners are kept here as well.
    pub(crate) fn open(&self) {
        self.lock().get_or_insert_default();
    }

    pub(crate) fn lend(&self, bound: &Bound) {
        if let Some(sockets) = &mut *self.lock() {
            match bound.try_clone() {
                Ok(socket) => sockets.push(socket),
                Err(error) => tracing::warn!(%error, "a listener cannot be handed over"),
            }
        }
    }

    /// Nobody gets them any more.
    pub(crate) fn take_back(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<OwnedFd>>> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The process that has served up to now.
#[derive(Debug)]
pub(crate) struct Predecessor {
    stream: UnixStream,
    sockets: Vec<(SocketAddr, TcpListener)>,
}

impl Predecessor {
    /// Asks the process behind the file for its sockets; `None` when there is none.
    pub(crate) async fn find(path: &Path) -> io::Result<Option<Self>> {
        let stream = match UnixStream::connect(path).await {
            Ok(stream) => stream,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        check_user(&stream)?;
        let sockets = match timeout(ANSWER, receive(&stream)).await? {
            Ok(sockets) => sockets,
            // It has ended meanwhile, or drains: its ports are free.
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let sockets = sockets.into_iter().map(|socket| {
            fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
            let socket = TcpListener::from(socket);
            Ok((socket.local_addr()?, socket))
        });
        let sockets = sockets.collect::<io::Result<_>>()?;
        Ok(Some(Self { stream, sockets }))
    }

    /// The socket that listens on one of these addresses, of which port 0 is any port.
    pub(crate) fn take(&mut self, addresses: &[SocketAddr]) -> Option<TcpListener> {
        let fits = |has: &SocketAddr| {
            addresses.iter().any(|wanted| {
                has.ip() == wanted.ip() && (has.port() == wanted.port() || wanted.port() == 0)
            })
        };
        let index = self.sockets.iter().position(|(has, _)| fits(has))?;
        Some(self.sockets.remove(index).1)
    }

    /// Takes its place: from now on it is this process that accepts.
    pub(crate) async fn replace(mut self) -> io::Result<()> {
        let exchange = async {
            self.stream.write_all(READY).await?;
            expect(&mut self.stream, DONE).await
        };
        timeout(ANSWER, exchange).await?
    }
}

/// Where the next process will ask, under a name that nobody knows yet.
#[derive(Debug)]
pub(crate) struct Seat {
    listener: UnixListener,
    unnamed: PathBuf,
}

impl Seat {
    pub(crate) fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let unnamed = path.with_file_name(name);
        match std::fs::remove_file(&unnamed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&unnamed)?;
        std::fs::set_permissions(&unnamed, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { listener, unnamed })
    }

    /// Nobody will ask here.
    pub(crate) fn leave(self) {
        // What cannot be removed is in nobody's way.
        let _ = std::fs::remove_file(self.unnamed);
    }

    /// Takes the name, also from a process that had it.
    pub(crate) fn take(self, path: &Path) -> UnixListener {
        if let Err(error) = std::fs::rename(&self.unnamed, path) {
            tracing::error!(path = %path.display(), %error, "the next process will not find this one");
        }
        self.listener
    }
}

impl<S: SerializerSet> Handle<S> {
    /// Waits for the next process, until this one stops or is replaced.
    pub(crate) fn await_successor(&self, listener: UnixListener) {
        let server = self.downgrade();
        let stopping = self.life().stopping.clone();
        self.spawn(async move {
            let serving = serve(&listener, &server);
            stopping.run_until_cancelled(serving).await;
        });
    }
}

async fn serve<S: SerializerSet>(listener: &UnixListener, server: &WeakHandle<S>) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "cannot hear the next process, trying again");
                sleep(PAUSE).await;
                continue;
            }
        };
        match hand_over(stream, server).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "the next process did not take over"),
        }
    }
}

async fn hand_over<S: SerializerSet>(
    mut stream: UnixStream,
    server: &WeakHandle<S>,
) -> io::Result<()> {
    check_user(&stream)?;
    let sockets = {
        let server = server.upgrade().ok_or(io::ErrorKind::NotConnected)?;
        let lent = server.life().lent.lock();
        let sockets = lent.iter().flatten().map(AsFd::as_fd);
        let cloned: io::Result<Vec<_>> =
            sockets.map(|socket| socket.try_clone_to_owned()).collect();
        cloned?
    };
    timeout(ANSWER, send(&stream, &sockets)).await??;
    drop(sockets);
    tracing::info!("the next process has the listeners and starts");
    timeout(START, expect(&mut stream, READY)).await??;
    timeout(ANSWER, stream.write_all(DONE)).await??;
    if let Some(server) = server.upgrade() {
        server.life().be_replaced();
    }
    tracing::info!("the next process accepts from now on");
    Ok(())
}

async fn send(stream: &UnixStream, sockets: &[OwnedFd]) -> io::Result<()> {
    if sockets.len() > MOST {
        let text = format!(
            "{} listeners are more than the {MOST} that are handed over",
            sockets.len()
        );
        return Err(io::Error::other(text));
    }
    let sockets: Vec<_> = sockets.iter().map(AsFd::as_fd).collect();
    let sent = stream
        .async_io(Interest::WRITABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            if !sockets.is_empty() {
                let fits = control.push(SendAncillaryMessage::ScmRights(&sockets));
                debug_assert!(fits, "there is room for as many as were counted");
            }
            let offer = [IoSlice::new(OFFER)];
            Ok(sendmsg(stream, &offer, &mut control, SendFlags::empty())?)
        })
        .await?;
    // So few bytes into an empty queue go at once or not at all.
    if sent < OFFER.len() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    Ok(())
}

async fn receive(stream: &UnixStream) -> io::Result<Vec<OwnedFd>> {
    let (mut text, mut sockets) = (Vec::new(), Vec::new());
    while text.len() < OFFER.len() {
        let mut bytes = [0; OFFER.len()];
        let wanted = OFFER.len() - text.len();
        let received = stream
            .async_io(Interest::READABLE, || {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
                let mut control = RecvAncillaryBuffer::new(&mut space);
                let mut buffer = [IoSliceMut::new(&mut bytes[..wanted])];
                let received = recvmsg(stream, &mut buffer, &mut control, RecvFlags::empty())?;
                for message in control.drain() {
                    if let RecvAncillaryMessage::ScmRights(passed) = message {
                        sockets.extend(passed);
                    }
                }
                Ok(received.bytes)
            })
            .await?;
        if received == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        text.extend_from_slice(&bytes[..received]);
    }
    if text != OFFER {
        return Err(unexpected());
    }
    Ok(sockets)
}

async fn expect(stream: &mut UnixStream, word: &[u8]) -> io::Result<()> {
    let mut said = vec![0; word.len()];
    stream.read_exact(&mut said).await?;
    if said == word {
        Ok(())
    } else {
        Err(unexpected())
    }
}

fn unexpected() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the other process is no server of this kind",
    )
}

/// Who has the sockets could answer in our place: only a process of the same user gets them.
fn check_user(stream: &UnixStream) -> io::Result<()> {
    let user = stream.peer_cred()?.uid();
    if user == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    let text = format!("the other process is one of user {user}");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::UnexpectedEof
    )
}
