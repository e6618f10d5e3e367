//! Work whose instructions are counted: one thread, no sockets, no clock that matters, always the same.

use std::{error::Error, hint::black_box};

use clap::ValueEnum;
use pitaya_bench::Framing;
use pitaya_server::{
    Handle, Peer,
    protocol::{Framer, Message, MessageKind, RouteRef},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    runtime,
};

use super::{
    cases::{BIND, BODY, JOIN, RAW, TELL, TYPED},
    pitaya,
};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Work {
    /// A message of 64 bytes is written as a packet and read again.
    Codec,
    /// Sixteen packets of 64 bytes come in pieces that end anywhere.
    Framer,
    /// A request with 64 bytes of JSON to a typed handler, and its answer.
    Dispatch,
    /// A push to a group of sixteen, until all have it.
    Broadcast,
    /// A request with raw bytes over WebSocket, and its answer.
    Websocket,
}

impl Work {
    pub(super) const ALL: [Self; 5] = [
        Self::Codec,
        Self::Framer,
        Self::Dispatch,
        Self::Broadcast,
        Self::Websocket,
    ];

    /// Enough for the little that varies to even out, and few enough for a program that runs fifty times slower than it could.
    pub(super) fn times(self) -> u32 {
        match self {
            Self::Codec | Self::Framer => 2_000,
            Self::Dispatch | Self::Websocket => 1_000,
            Self::Broadcast => 200,
        }
    }

    /// Does it so many times.
    pub(super) fn perform(self, times: u32) -> Result<(), Box<dyn Error>> {
        match self {
            Self::Codec => codec(times),
            Self::Framer => framer(times),
            Self::Dispatch => within(requests(Framing::Stream, TYPED, times)),
            Self::Websocket => within(requests(Framing::WebSocket, RAW, times)),
            Self::Broadcast => within(broadcasts(times)),
        }
    }
}

fn message() -> Message<'static> {
    Message {
        kind: MessageKind::Request,
        id: 300,
        route: RouteRef::Name(RAW),
        error: false,
        deflated: false,
        body: BODY,
    }
}

fn codec(times: u32) -> Result<(), Box<dyn Error>> {
    let mut packet = Vec::new();
    for _ in 0..times {
        packet.clear();
        black_box(message()).encode_packet(&mut packet)?;
        // After the packet's header.
        black_box(Message::decode(black_box(&packet[4..]))?);
    }
    Ok(())
}

fn framer(times: u32) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    for _ in 0..16 {
        message().encode_packet(&mut bytes)?;
    }
    let mut framer = Framer::new(64 * 1024);
    for _ in 0..times {
        let mut packets = 0;
        // No packet is as long as a piece, so that most are cut in two.
        for piece in bytes.chunks(100) {
            framer.push(black_box(piece));
            while let Some(packet) = framer.next_packet()? {
                black_box(packet);
                packets += 1;
            }
        }
        assert_eq!(packets, 16, "every packet is found");
    }
    Ok(())
}

fn within(work: impl Future<Output = Result<(), Box<dyn Error>>>) -> Result<(), Box<dyn Error>> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

async fn requests(framing: Framing, route: &str, times: u32) -> Result<(), Box<dyn Error>> {
    let server = pitaya::start_silent().await?;
    let mut player = Player::open(&server, framing, 0).await?;
    let request = player.request(route, BODY);
    for _ in 0..times {
        player.send(&request).await?;
        player.receive(1).await?;
    }
    Ok(())
}

async fn broadcasts(times: u32) -> Result<(), Box<dyn Error>> {
    let server = pitaya::start_silent().await?;
    let mut players = Vec::new();
    for number in 0..16 {
        players.push(Player::open(&server, Framing::Stream, number).await?);
    }
    let request = players[0].request(TELL, BODY);
    for _ in 0..times {
        players[0].send(&request).await?;
        // The push and the answer.
        players[0].receive(2).await?;
        for player in &mut players[1..] {
            player.receive(1).await?;
        }
    }
    Ok(())
}

/// A client that costs next to nothing: bytes that were built before, and answers that are only found.
struct Player {
    io: DuplexStream,
    framing: Framing,
    received: Vec<u8>,
}

/// Room for what waits in one direction.
const PIPE: usize = 64 * 1024;

impl Player {
    /// Shakes hands, binds and joins.
    async fn open(server: &Handle, framing: Framing, number: u32) -> Result<Self, Box<dyn Error>> {
        let (io, end) = tokio::io::duplex(PIPE);
        let handle = server.clone();
        match framing {
            Framing::Stream => {
                server.spawn(async move { handle.serve_connection(end, Peer::memory()).await });
            }
            Framing::WebSocket => {
                server.spawn(async move { handle.serve_websocket(end, Peer::memory()).await });
            }
        }
        let mut player = Self {
            io,
            framing,
            received: Vec::new(),
        };
        let mut hello = Vec::new();
        framing.write(1, b"{\"sys\":{},\"user\":{}}", &mut hello);
        player.send(&hello).await?;
        player.receive(1).await?;
        let mut ack = Vec::new();
        framing.write(2, b"", &mut ack);
        player.send(&ack).await?;
        let uid = format!("player-{number:06}");
        for route in [BIND, JOIN] {
            player.send(&player.request(route, uid.as_bytes())).await?;
            player.receive(1).await?;
        }
        Ok(player)
    }

    fn request(&self, route: &str, body: &[u8]) -> Vec<u8> {
        let exchange = pitaya_bench::Exchange::echo(pitaya_bench::Dialect::Pitaya, route, body);
        let mut bytes = Vec::new();
        self.framing.write(4, &exchange.request(1), &mut bytes);
        bytes
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
        Ok(self.io.write_all(bytes).await?)
    }

    /// Waits for so many packets.
    async fn receive(&mut self, packets: usize) -> Result<(), Box<dyn Error>> {
        let mut missing = packets;
        loop {
            while let Some(found) = self.framing.find(&self.received)? {
                let consumed = found.consumed;
                self.received.drain(..consumed);
                missing = missing.checked_sub(1).ok_or("more came than was due")?;
            }
            if missing == 0 {
                return Ok(());
            }
            if self.io.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }
}
