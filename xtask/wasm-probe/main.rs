//! Drives the client machine with orders that the compiler cannot foresee, so that the linker keeps all of it and the size is that of a
//! browser client's core. It is built, never run.

use std::{borrow::Cow, hint::black_box, time::Duration};

use pitaya_client_core::{
    Agreement, CallId, Client, Close, CloseCode, Config, Event, Input, Offline, Output, Timestamp,
};
use pitaya_protocol::{Capabilities, Dictionary};

fn main() {
    let mut client = Client::new(Config::new(black_box(1)));
    for step in 0..black_box(100_u64) {
        let bytes = black_box([0_u8; 16]);
        let text = black_box("room.join");
        let input = input(black_box(0_u8), &bytes, text);
        black_box(
            client
                .handle_input(Timestamp::from_millis(step), input)
                .is_ok(),
        );
        loop {
            match client.poll_output() {
                Output::Transmit(transmit) => {
                    black_box(transmit.packets().count());
                }
                Output::Event(event) => drop(black_box::<Event<'_>>(event)),
                Output::Wait(until) => {
                    black_box(until);
                    break;
                }
            }
        }
    }
}

/// Any order that a browser gives.
fn input<'a>(number: u8, bytes: &'a [u8], text: &'a str) -> Input<'a> {
    let call = CallId(black_box(1));
    match number {
        0 => Input::Connect,
        1 => Input::Connected { handshake: bytes },
        2 => Input::ConnectFailed {
            reason: Cow::Borrowed("unreachable"),
            retryable: black_box(true),
        },
        3 => Input::Frame(bytes),
        4 => Input::Eof,
        5 => Input::CloseFrame {
            code: black_box(4110),
            reason: text,
        },
        6 => Input::TransportFailed(Cow::Borrowed("reset")),
        7 => Input::Timer,
        8 => Input::Accept(Agreement::new(
            Some(Duration::from_secs(black_box(30))),
            Dictionary::new([(text, black_box(1))]).unwrap_or_default(),
            Capabilities::from_names([text]),
        )),
        9 => Input::Refuse(close()),
        10 => Input::Kicked(close()),
        11 => Input::Fault(close()),
        12 => Input::Request {
            call,
            route: text,
            body: bytes,
            timeout: None,
            offline: Offline::Fail,
        },
        13 => Input::Notify {
            call,
            route: text,
            body: bytes,
            offline: Offline::Fail,
        },
        14 => Input::Cancel(call),
        15 => Input::Reading(black_box(true)),
        16 => Input::Writable(black_box(true)),
        17 => Input::Release,
        18 => Input::Pause,
        19 => Input::Resume,
        20 => Input::Online,
        21 => Input::Offline,
        _ => Input::Close(close()),
    }
}

fn close() -> Close {
    Close::new(CloseCode::from_number(black_box(500)))
}
