//! A bare server over the kernel's readiness queue, without any runtime: the least that a program
//! of one thread can cost.
//!
//! It returns what each connection sends. A read that begins with a push (wire 6.1), which no
//! client sends to a server of the family, it writes to all connections: a raw write loop is what a
//! broadcast is compared with.

use std::{
    io::{self, ErrorKind, Read, Write},
    net,
};

use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

const LISTENER: Token = Token(usize::MAX);
const SCRATCH: usize = 16 * 1024;
/// Type of a data packet, and after its length the flag of a push.
const DATA: u8 = 4;
const PUSH: u8 = 6;

/// Accepts connections for ever.
///
/// # Errors
/// The listener or the readiness queue failed. Faults of a connection end that connection alone.
pub fn serve(listener: net::TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut peers = Peers::default();
    let mut scratch = vec![0; SCRATCH];
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            polled => polled?,
        }
        for event in &events {
            if event.token() == LISTENER {
                peers.accept(&listener, &poll)?;
            } else {
                peers.serve(event.token().0, &mut scratch);
            }
        }
    }
}

#[derive(Default)]
struct Peers {
    all: Vec<Option<Peer>>,
    /// Places of those that have gone.
    free: Vec<usize>,
}

struct Peer {
    socket: TcpStream,
    /// What the socket did not take.
    unsent: Vec<u8>,
}

impl Peers {
    fn accept(&mut self, listener: &TcpListener, poll: &Poll) -> io::Result<()> {
        loop {
            let mut socket = match listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            socket.set_nodelay(true)?;
            let place = self.free.pop().unwrap_or_else(|| {
                self.all.push(None);
                self.all.len() - 1
            });
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry()
                .register(&mut socket, Token(place), interest)?;
            let unsent = Vec::new();
            self.all[place] = Some(Peer { socket, unsent });
        }
    }

    fn serve(&mut self, place: usize, scratch: &mut [u8]) {
        loop {
            let Some(peer) = &mut self.all[place] else {
                return;
            };
            let read = peer.send(&[]).and_then(|()| {
                if peer.unsent.is_empty() {
                    peer.socket.read(scratch)
                } else {
                    Err(ErrorKind::WouldBlock.into())
                }
            });
            let length = match read {
                Ok(length @ 1..) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Ok(0) | Err(_) => {
                    // Whoever goes away in mid-word ends like one that takes its leave.
                    self.all[place] = None;
                    self.free.push(place);
                    return;
                }
            };
            let bytes = &scratch[..length];
            if matches!(bytes, [DATA, _, _, _, PUSH, ..]) {
                // Who cannot be written to is found when it is read from.
                let peers = self.all.iter_mut().flatten();
                peers.for_each(|peer| drop(peer.send(bytes)));
            } else {
                drop(peer.send(bytes));
            }
            if length < scratch.len() {
                return;
            }
        }
    }
}

impl Peer {
    fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if self.unsent.is_empty() {
            while !bytes.is_empty() {
                match self.socket.write(bytes) {
                    Ok(sent) => bytes = &bytes[sent..],
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            self.unsent.extend_from_slice(bytes);
            return Ok(());
        }
        let mut waiting = std::mem::take(&mut self.unsent);
        waiting.extend_from_slice(bytes);
        self.send(&waiting)
    }
}
