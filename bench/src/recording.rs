use std::{
    io::{self, BufRead, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;
use pitaya_server::protocol::{Message, MessageKind};
use serde::{Deserialize, Serialize};

use crate::{Framing, FramingError};

const DATA: u8 = 4;

/// A message that a client sent, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Since its session's first message.
    pub at: Duration,
    /// The message as it stood on the wire (wire 6.1).
    pub message: Vec<u8>,
}

/// Its line in a file.
#[derive(Serialize, Deserialize)]
struct Line {
    at_us: u64,
    /// Hexadecimal.
    message: String,
}

/// Why a session cannot be recorded, or its recording cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// A socket or the file.
    #[error("the session could not be passed on or kept")]
    Io(#[from] io::Error),
    /// What the client sends is not packets.
    #[error("the client's bytes are not packets")]
    Framing(#[from] FramingError),
    /// A line of the file.
    #[error("line {0} is not of a recording")]
    Line(usize),
}

/// Takes one client over TCP, passes its bytes on to a server and the server's back, and writes a line for each of the client's
/// messages until it has gone. Handshake and heartbeats are not kept: whoever replays has its own. Returns how many
/// messages there were.
///
/// # Errors
/// See [`RecordingError`].
pub fn record(
    listener: &TcpListener,
    server: SocketAddr,
    mut file: impl Write,
) -> Result<usize, RecordingError> {
    let (mut client, _) = listener.accept()?;
    let mut server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
    let back = thread::spawn(move || {
        // However it ends, the client learns of it by the end of its stream.
        let _ = io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let mut buffer = [0; 16 * 1024];
    let mut received = Vec::new();
    let mut start = None;
    let mut messages = 0;
    loop {
        let length = match client.read(&mut buffer) {
            // A client that is killed has gone like one that takes its leave.
            Ok(0) | Err(_) => break,
            Ok(length) => length,
        };
        received.extend_from_slice(&buffer[..length]);
        while let Some(found) = Framing::Stream.find(&received)? {
            if found.kind == DATA {
                let line = Line {
                    at_us: start.get_or_insert_with(Instant::now).elapsed().as_micros() as u64,
                    message: HEXLOWER.encode(found.payload),
                };
                writeln!(
                    file,
                    "{}",
                    serde_json::to_string(&line).map_err(io::Error::from)?
                )?;
                messages += 1;
            }
            let consumed = found.consumed;
            received.drain(..consumed);
        }
        server.write_all(&buffer[..length])?;
    }
    // Fails only where the server was the first to go.
    let _ = server.shutdown(Shutdown::Both);
    // It only copies.
    let _ = back.join();
    file.flush()?;
    Ok(messages)
}

/// Reads what [`record`] wrote.
///
/// # Errors
/// See [`RecordingError`].
pub fn read(file: impl BufRead) -> Result<Vec<Recorded>, RecordingError> {
    let lines = file.lines().enumerate();
    lines
        .map(|(index, line)| {
            let line = line?;
            let parse = || {
                let line: Line = serde_json::from_str(&line).ok()?;
                Some(Recorded {
                    at: Duration::from_micros(line.at_us),
                    message: HEXLOWER.decode(line.message.as_bytes()).ok()?,
                })
            };
            parse().ok_or(RecordingError::Line(index + 1))
        })
        .collect()
}

impl Recorded {
    /// The id of the request that it is; `None` where nothing answers it.
    pub(crate) fn request(&self) -> Option<u64> {
        let message = Message::decode(&self.message).ok()?;
        (message.kind == MessageKind::Request).then_some(message.id)
    }

    /// The message with another name wherever its body has this one.
    pub(crate) fn renamed(&self, name: &str, other: &str) -> Vec<u8> {
        let body = Message::decode(&self.message).map_or(0, |message| message.body.len());
        let (head, body) = self.message.split_at(self.message.len() - body);
        let mut renamed = head.to_vec();
        match std::str::from_utf8(body) {
            Ok(text) => renamed.extend_from_slice(text.replace(name, other).as_bytes()),
            // Only texts have names in them.
            Err(_) => renamed.extend_from_slice(body),
        }
        renamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_others_are_named() {
        let read = |text: &str| read(text.as_bytes());
        let recorded = read("{\"at_us\":1500,\"message\":\"0005036161\"}\n").expect("it is a line");
        assert_eq!(recorded[0].at, Duration::from_micros(1_500));
        assert_eq!(recorded[0].message, b"\x00\x05\x03aa");
        let bad = read("{\"at_us\":1,\"message\":\"00\"}\n{\"at_us\":1,\"message\":\"0\"}\n");
        assert!(matches!(bad, Err(RecordingError::Line(2))));
    }

    #[test]
    fn names_change_in_the_body_alone() {
        let recorded = Recorded {
            at: Duration::ZERO,
            message: b"\x00\x07\x05a.ann{\"uid\":\"ann\"}".to_vec(),
        };
        assert_eq!(recorded.request(), Some(7));
        assert_eq!(
            recorded.renamed("ann", "ann-12"),
            b"\x00\x07\x05a.ann{\"uid\":\"ann-12\"}"
        );
    }
}
