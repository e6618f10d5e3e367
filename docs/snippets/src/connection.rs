//! The machine and its driver.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, Connection, Dictionary, Timestamp,
    connection::{ClientConfig, Event, Input, Misuse, Output, ServerConfig},
    handshake::{Agreement, HandshakeRequest, HandshakeResponse, ServerInfo},
};

// ANCHOR: drive
/// Does everything that a server's connection asks for, and returns when it wants to be called next.
fn drive(
    connection: &mut Connection,
    now: Timestamp,
    send: &mut Vec<u8>,
) -> Result<Option<Timestamp>, Misuse> {
    let agreement = Agreement::new(
        Some(Duration::from_secs(30)),
        Dictionary::default(),
        Capabilities::NONE,
    );
    loop {
        let answer = match connection.poll_output() {
            Output::Transmit(transmit) => {
                send.extend_from_slice(transmit.bytes);
                continue;
            }
            Output::Wait(until) => return Ok(until),
            Output::Event(Event::Handshake(body)) => HandshakeRequest::parse(body, 32),
            Output::Event(_) => continue, // open, a message, the end
        };
        let sys = ServerInfo::new(&agreement, "json");
        match answer {
            Ok(_client) => {
                let response = HandshakeResponse::accept(sys).to_json();
                let agreement = agreement.clone();
                connection.handle_input(
                    now,
                    Input::Accept {
                        agreement,
                        response: &response,
                    },
                )?;
            }
            Err(_) => {
                let response = HandshakeResponse::refuse(400, sys, None).to_json();
                let close = pitaya_protocol::CloseCode::BAD_HANDSHAKE.into();
                connection.handle_input(
                    now,
                    Input::Refuse {
                        close,
                        response: &response,
                    },
                )?;
            }
        }
    }
}
// ANCHOR_END: drive

/// A client's and a server's machine shake hands, without a socket and without a clock.
///
/// # Errors
///
/// When the machines are driven wrongly.
pub fn shake_hands() -> Result<(), Misuse> {
    let mut now = Timestamp::ZERO;
    let handshake = HandshakeRequest::default().to_json();
    let config = ClientConfig::new(&handshake);
    let mut client = Connection::client(now, &config)?;
    let mut server = Connection::server(now, &ServerConfig::default());
    while !server.is_open() {
        now = now + Duration::from_millis(20);
        let mut bytes = Vec::new();
        let accepted = match client.poll_output() {
            Output::Transmit(transmit) => {
                bytes.extend_from_slice(transmit.bytes);
                None
            }
            Output::Event(Event::Handshake(body)) => HandshakeResponse::parse(body).ok(),
            _ => None,
        };
        if let Some(agreement) = accepted.and_then(|response| response.agreement().ok()) {
            client.handle_input(
                now,
                Input::Accept {
                    agreement,
                    response: &[],
                },
            )?;
        }
        if !bytes.is_empty() {
            server.handle_input(now, Input::Bytes(&bytes))?;
        }
        let mut answer = Vec::new();
        let until = drive(&mut server, now, &mut answer)?;
        assert!(
            until.is_some(),
            "a deadline runs: the handshake's, or the next heartbeat"
        );
        if !answer.is_empty() {
            client.handle_input(now, Input::Bytes(&answer))?;
        }
    }
    assert!(client.is_open());
    Ok(())
}
