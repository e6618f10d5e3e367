//! The round trip is measured with heartbeats where the server returns them, else with requests, and says which.

use pitaya_client_core::{Config, RoundTripSource};
use pitaya_protocol::{Capabilities, connection};

use crate::support::{Pair, Seen, millis, secs, terms};

#[test]
fn returned_heartbeats_measure_the_network() {
    let mut pair = Pair::connected(Config::new(1));
    assert_eq!(pair.client.rtt(), None);
    // The first beat goes out after nine seconds; its echo takes 40 ms.
    pair.advance(millis(8_999));
    pair.link = crate::support::Link::Dead;
    pair.advance(millis(1));
    pair.advance(millis(40));
    pair.link = crate::support::Link::Up;
    pair.input(pitaya_client_core::Input::Bytes(&[3, 0, 0, 1, 1]));
    let measured = pair.client.rtt().expect("it was measured");
    assert_eq!(measured.source, RoundTripSource::Heartbeat);
    assert_eq!(measured.time(), millis(40));
    assert!(pair.take().contains(&Seen::RoundTrip(measured)));
}

/// A request that the server answers after this time.
fn exchange(pair: &mut Pair, millis: u64) {
    pair.request("a.b", b"");
    let id = pair.arrived.pop_back().expect("the request came").id;
    pair.advance(crate::support::millis(millis));
    pair.respond(id, b"");
}

#[test]
fn elsewhere_the_fastest_of_the_latest_requests_does() {
    let mut pair = Pair::connected_with(Config::new(1), terms(Capabilities::NONE));
    exchange(&mut pair, 30);
    for slow in [900, 500, 700] {
        exchange(&mut pair, slow);
    }
    let measured = pair.client.rtt().expect("it was measured");
    assert_eq!(measured.source, RoundTripSource::Requests);
    assert_eq!(measured.time(), millis(30));
    // A network that has become slower shows when the fast one is forgotten.
    for _ in 0..60 {
        exchange(&mut pair, 200);
    }
    let slower = pair.client.rtt().expect("it was measured").time();
    assert!((millis(190)..=millis(200)).contains(&slower), "{slower:?}");
}

#[test]
fn heartbeats_count_for_more_than_requests() {
    let mut pair = Pair::connected(Config::new(1));
    exchange(&mut pair, 100);
    assert_eq!(pair.client.rtt().map(|rtt| rtt.time()), Some(millis(100)));
    pair.advance(secs(9));
    let measured = pair.client.rtt().expect("it was measured");
    assert_eq!(measured.source, RoundTripSource::Heartbeat);
    assert_eq!(measured.time(), millis(0));
}

#[test]
fn another_connection_is_measured_anew() {
    let mut pair = Pair::connected(Config::new(1));
    exchange(&mut pair, 100);
    pair.server_input(connection::Input::Close(
        pitaya_client_core::CloseCode::DRAINING.into(),
    ));
    pair.advance(secs(1));
    assert_eq!(pair.client.rtt(), None);
}
