//! Pushes come out in order, with their routes as names, empty ones too.

use pitaya_client_core::{Agreement, CloseCode, Config, Origin};
use pitaya_protocol::{Capabilities, Dictionary, Message, RouteRef};

use crate::support::{Pair, Seen, secs};

fn push(route: &str, body: &[u8]) -> Seen {
    Seen::Push {
        route: route.into(),
        deflated: false,
        body: body.into(),
    }
}

fn agreement(capabilities: Capabilities) -> Agreement {
    let dictionary = Dictionary::new([("onLine", 1), ("onMove", 300), ("room.say", 4)]);
    let dictionary = dictionary.expect("three routes and three codes");
    Agreement::new(Some(secs(10)), dictionary, capabilities)
}

#[test]
fn they_come_out_as_they_were_sent() {
    let mut pair = Pair::connected(Config::new(1));
    pair.push("onLine", b"1");
    pair.push("an emoji 🎲 is a route too", b"");
    let deflated = Message {
        deflated: true,
        ..Message::push(RouteRef::Name("onLine"), b"\x78")
    };
    pair.serve(deflated);
    let seen = pair.take();
    assert_eq!(seen[0], push("onLine", b"1"));
    assert_eq!(seen[1], push("an emoji 🎲 is a route too", b""));
    assert!(matches!(&seen[2], Seen::Push { deflated: true, body, .. } if body == b"\x78"));
}

#[test]
fn codes_of_the_dictionary_are_names_again_in_both_directions() {
    let mut pair = Pair::connected_with(Config::new(1), agreement(Capabilities::ALL));
    pair.push("onLine", b"1");
    pair.push("onMove", b"2");
    assert_eq!(pair.take(), [push("onLine", b"1"), push("onMove", b"2")]);
    let before = pair.transmitted;
    pair.notify("room.say", b"", Default::default());
    assert_eq!(pair.arrived[0].route, "room.say");
    // Packet header, flags, code.
    assert_eq!(pair.transmitted - before, 4 + 1 + 2);
}

#[test]
fn two_clients_have_two_dictionaries() {
    let mut with = Pair::connected_with(Config::new(1), agreement(Capabilities::ALL));
    let mut without = Pair::connected(Config::new(1));
    let code = Message::push(RouteRef::Code(300), b"");
    with.serve(code);
    without.serve(code);
    assert_eq!(with.take(), [push("onMove", b"")]);
    let closed = (Origin::Fault, CloseCode::BAD_MESSAGE, false);
    assert_eq!(without.closed(), closed);
}
