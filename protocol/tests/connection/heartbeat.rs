//! Heartbeats: when they go out, who is given up and when, and what must not count as silence.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, CloseCode, Dictionary, Origin, RouteRef, Timestamp,
    connection::{ClientConfig, Input},
    handshake::Agreement,
    message::Message,
};

use crate::support::{End, Netem, Pair, Policy, Seen, Setup, at, millis, request_body, secs};

const HEARTBEAT: &[u8] = &[3, 0, 0, 0];

fn every(interval: Duration) -> Agreement {
    Agreement::new(Some(interval), Dictionary::default(), Capabilities::NONE)
}

/// Fires the timer whenever it is due, up to `until`.
fn run(end: &mut End, until: Timestamp) {
    for _ in 0..100_000 {
        match end.deadline {
            Some(deadline) if deadline <= until => end.timer(deadline),
            _ => return,
        }
    }
    panic!("the timer is due without end");
}

fn open_client(interval: Option<Duration>) -> End {
    let mut client = End::client(at(0), &ClientConfig::new(&request_body(Capabilities::NONE)));
    client.policy = Policy::Wait;
    client.bytes(at(0), b"\x01\x00\x00\x02{}");
    let agreement = Agreement::new(interval, Dictionary::default(), Capabilities::NONE);
    client.input(
        at(0),
        Input::Accept {
            agreement,
            response: &[],
        },
    );
    client.sent.clear();
    client
}

/// Wire 25.13 and 4: between two and three intervals after the last byte, wherever in the interval that was.
#[test]
fn a_silent_client_is_cut_between_two_and_three_intervals() {
    for last in (0..=60_000).step_by(500) {
        let mut server = End::open_server(every(secs(30)));
        run(&mut server, at(last));
        server.bytes(at(last), HEARTBEAT);
        run(&mut server, at(last + 200_000));
        let (when, closed) = server.closed().expect("it is cut");
        assert_eq!(
            (closed.close.code, closed.origin),
            (CloseCode::HEARTBEAT_TIMEOUT, Origin::Fault)
        );
        let silence = when.saturating_since(at(last));
        assert!(
            (secs(60)..=secs(90)).contains(&silence),
            "{silence:?} after {last} ms"
        );
        assert!(silence > secs(60));
    }
}

#[test]
fn a_server_beats_every_interval_from_the_ack_on() {
    let mut server = End::open_server(every(secs(30)));
    for beat in 1..=10 {
        server.bytes(at(beat * 30_000 - 1), HEARTBEAT);
        run(&mut server, at(beat * 30_000));
        assert_eq!(server.sent.len() as u64, beat);
        assert_eq!(
            server.sent.last(),
            Some(&(at(beat * 30_000), HEARTBEAT.to_vec()))
        );
    }
}

#[test]
fn traffic_does_not_put_off_heartbeats() {
    let mut server = End::open_server(every(secs(30)));
    for second in 1..30 {
        server.send(at(second * 1000), Message::push(RouteRef::Name("a"), b""));
    }
    run(&mut server, at(30_000));
    assert_eq!(server.sent.last(), Some(&(at(30_000), HEARTBEAT.to_vec())));
}

#[test]
fn a_client_beats_early_and_waits_two_and_a_half_intervals() {
    let mut client = open_client(Some(secs(30)));
    run(&mut client, at(74_999));
    assert_eq!(
        client.sent,
        [
            (at(27_000), HEARTBEAT.to_vec()),
            (at(54_000), HEARTBEAT.to_vec())
        ]
    );
    assert!(client.closed().is_none());
    run(&mut client, at(75_000));
    assert_eq!(client.closed().map(|(when, _)| when), Some(at(75_000)));
    assert_eq!(client.close_code(), CloseCode::HEARTBEAT_TIMEOUT);
    assert!(client.close_code().reconnect());
}

#[test]
fn any_bytes_keep_a_connection() {
    let mut client = open_client(Some(secs(30)));
    // A slow download: one byte of a large packet every 70 s.
    client.bytes(at(0), &[4, 0, 0, 100]);
    for minute in 1..20 {
        run(&mut client, at(minute * 70_000));
        client.bytes(at(minute * 70_000), &[6]);
    }
    assert!(client.closed().is_none());
}

#[test]
fn an_idle_pair_lives_through_a_day_on_a_slow_network() {
    let net = |seed| Netem::splitting(seed, millis(900)).delay(millis(400));
    let mut pair = Pair::open(Setup {
        up: net(1),
        down: net(2),
        capabilities: Capabilities::NONE,
        ..Setup::default()
    });
    pair.run(secs(24 * 3600));
    assert!(pair.client.closed().is_none() && pair.server.closed().is_none());
    // One each interval and no more: 2880 beats of the server, 3200 of the client.
    assert!(
        (2870..=2890).contains(&pair.server.sent.len()),
        "{}",
        pair.server.sent.len()
    );
    assert!(
        (3190..=3210).contains(&pair.client.sent.len()),
        "{}",
        pair.client.sent.len()
    );
}

#[test]
fn a_network_that_goes_dark_is_noticed_by_both() {
    let dark = at(100_000);
    let net = || Netem::perfect().dead_from(dark);
    let mut pair = Pair::open(Setup {
        up: net(),
        down: net(),
        ..Setup::default()
    });
    pair.run(secs(300));
    for (name, end) in [("client", &pair.client), ("server", &pair.server)] {
        let (when, closed) = end.closed().expect(name);
        assert_eq!(closed.close.code, CloseCode::HEARTBEAT_TIMEOUT, "{name}");
        let silence = when.saturating_since(dark);
        // The last byte came up to one interval before.
        assert!(
            (secs(30)..=secs(90)).contains(&silence),
            "{name}: {silence:?}"
        );
    }
}

#[test]
fn without_an_interval_there_are_no_timers() {
    for agreement in [Agreement::default(), every(Duration::ZERO)] {
        let server = End::open_server(agreement);
        assert_eq!(server.deadline, None);
    }
    for interval in [None, Some(Duration::ZERO)] {
        assert_eq!(open_client(interval).deadline, None);
    }
}

/// Liveness counts only the time in which the server reads: a busy one does not cut its client for beats that it left unread.
#[test]
fn a_server_that_does_not_read_does_not_cut() {
    let mut server = End::open_server(every(secs(30)));
    server.input(at(1000), Input::Reading(false));
    run(&mut server, at(1_000_000));
    assert!(server.closed().is_none());
    assert_eq!(server.sent.len(), 33, "it still beats");
    server.input(at(1_000_000), Input::Reading(true));
    run(&mut server, at(1_060_000));
    assert!(server.closed().is_none(), "the silence counts anew");
    run(&mut server, at(1_100_000));
    assert_eq!(server.close_code(), CloseCode::HEARTBEAT_TIMEOUT);
}

#[test]
fn beats_that_waited_behind_a_busy_server_are_seen() {
    let mut server = End::open_server(every(secs(30)));
    server.input(at(1000), Input::Reading(false));
    server.bytes(at(2000), &[4, 0, 0, 3, 2, 1, b'a', 3, 0, 0, 0]);
    run(&mut server, at(500_000));
    assert!(server.messages().is_empty());
    server.input(at(500_000), Input::Reading(true));
    assert_eq!(server.messages().len(), 1);
    assert!(server.closed().is_none());
}

#[test]
fn a_client_that_does_not_read_does_not_give_up() {
    let mut client = open_client(Some(secs(30)));
    client.input(at(1000), Input::Reading(false));
    run(&mut client, at(1_000_000));
    assert!(client.closed().is_none());
    assert_eq!(client.sent.len(), 37, "it still beats");
}

#[test]
fn heartbeat_echo_measures_the_way_there_and_back() {
    let net = || Netem::perfect().delay(millis(40));
    let mut pair = Pair::open(Setup {
        up: net(),
        down: net(),
        ..Setup::default()
    });
    pair.run(secs(100));
    let trips: Vec<_> = pair.client.events();
    assert_eq!(
        trips,
        [
            Seen::RoundTrip(millis(80)),
            Seen::RoundTrip(millis(80)),
            Seen::RoundTrip(millis(80))
        ]
    );
}

#[test]
fn without_heartbeat_echo_beats_are_empty_and_unanswered() {
    let mut pair = Pair::open(Setup {
        capabilities: Capabilities::NONE,
        ..Setup::default()
    });
    let before = (pair.client.sent.len(), pair.server.sent.len());
    pair.run(secs(89));
    let beats = |end: &End, before: usize| {
        end.sent[before..]
            .iter()
            .map(|(_, bytes)| bytes.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(beats(&pair.client, before.0), [HEARTBEAT; 3]);
    assert_eq!(beats(&pair.server, before.1), [HEARTBEAT; 2]);
    assert!(pair.client.seen.is_empty());
}

/// The peer announces the interval: no number of it may keep a processor busy or overflow.
#[test]
fn any_interval_is_survived() {
    for interval in [
        Duration::from_nanos(1),
        Duration::from_micros(1),
        Duration::from_secs(u64::MAX),
        Duration::MAX,
    ] {
        let client = open_client(Some(interval));
        let first = client.deadline.expect("there are heartbeats");
        assert!(first.as_micros() >= 900, "{interval:?}: due at {first:?}");
        let mut server = End::open_server(every(interval));
        let first = server.deadline.expect("there are heartbeats");
        assert!(first.as_micros() >= 1000, "{interval:?}");
        server.timer(first);
        assert!(server.deadline.is_none_or(|next| next > first));
    }
}

#[test]
fn a_beat_that_is_asked_for_goes_out_at_once_and_puts_the_next_one_off() {
    let mut client = open_client(Some(secs(30)));
    client.input(at(20_000), Input::Beat);
    assert_eq!(client.sent, [(at(20_000), HEARTBEAT.to_vec())]);
    // Nine tenths of the interval after the beat that was asked for.
    run(&mut client, at(46_999));
    assert_eq!(client.sent.len(), 1);
    run(&mut client, at(47_000));
    assert_eq!(client.sent.len(), 2);
}
