//! Players who are there and listen: they bind, answer heartbeats and count what is pushed to them. A process of its own, as a process may
//! have only so many files open.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use clap::Args;
use mio::{Events, Interest, Poll, Token};
use pitaya_bench::{
    Dialect, Dialed, Framing, LISTENING, Stream, Target, Transport, dial, open_files,
};

use super::{Outcome, end_with_input};

#[derive(Debug, Args)]
pub(crate) struct Hold {
    /// Where the frontend listens.
    address: SocketAddr,
    /// The number of the first player.
    first: usize,
    /// How many there are.
    count: usize,
}

/// The frontend's handler that binds.
const BIND: &str = "connector.game.bind";
const HEARTBEAT: u8 = 3;
const DATA: u8 = 4;
const FRAMING: Framing = Framing::Stream;
/// Read at once; pushes are small.
const SCRATCH: usize = 16 * 1024;

struct Player {
    socket: mio::net::TcpStream,
    /// The front part of a packet that is not complete.
    received: Vec<u8>,
}

impl Hold {
    pub(crate) fn run(self) -> Outcome {
        thread::spawn(end_with_input);
        open_files(self.count as u64 + 100)?;
        let target = Target {
            address: self.address,
            transport: Transport::Tcp,
            dialect: Dialect::Pitaya,
            tls: None,
            greetings: vec![BIND.to_owned()],
        };
        let mut poll = Poll::new()?;
        let mut players = Vec::with_capacity(self.count);
        for number in 0..self.count {
            let Dialed { stream, received } = dial(&target, self.first + number)?;
            let Stream::Plain(socket) = stream else {
                return Err("players come unencrypted".into());
            };
            socket.set_nonblocking(true)?;
            let mut socket = mio::net::TcpStream::from_std(socket);
            let registry = poll.registry();
            registry.register(&mut socket, Token(number), Interest::READABLE)?;
            players.push(Player { socket, received });
        }
        let pushed = Arc::new(AtomicU64::new(0));
        tell(pushed.clone())?;
        let mut events = Events::with_capacity(1024);
        let mut scratch = vec![0; SCRATCH];
        loop {
            poll.poll(&mut events, None)?;
            for event in &events {
                let count = players[event.token().0].read(&mut scratch)?;
                pushed.fetch_add(count, Ordering::Relaxed);
            }
        }
    }
}

impl Player {
    /// Reads all that there is; returns how much of it was pushed.
    fn read(&mut self, scratch: &mut [u8]) -> Result<u64, Box<dyn std::error::Error>> {
        let mut pushed = 0;
        loop {
            match self.socket.read(scratch) {
                Ok(0) => return Err("the frontend closed a connection".into()),
                Ok(length) => self.received.extend_from_slice(&scratch[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(pushed),
                Err(error) => return Err(error.into()),
            }
            while let Some(found) = FRAMING.find(&self.received)? {
                match found.kind {
                    DATA => pushed += 1,
                    HEARTBEAT => {
                        let mut answer = Vec::new();
                        FRAMING.write(HEARTBEAT, b"", &mut answer);
                        // Four bytes into a socket that is idle otherwise.
                        self.socket.write_all(&answer)?;
                    }
                    kind => return Err(format!("a packet of type {kind} came").into()),
                }
                let consumed = found.consumed;
                self.received.drain(..consumed);
            }
        }
    }
}

/// Says on the first line where the count of pushes is told: eight bytes to each who connects.
fn tell(pushed: Arc<AtomicU64>) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{LISTENING}{}", listener.local_addr()?);
    thread::spawn(move || {
        for asked in listener.incoming().flatten() {
            // Who does not listen any more needs no answer.
            let _ = (&asked).write_all(&pushed.load(Ordering::Relaxed).to_le_bytes());
        }
    });
    Ok(())
}
