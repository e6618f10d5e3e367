//! A lost connection comes back: after a random time below a doubling, capped ceiling, as often as configured.

use std::time::Duration;

use pitaya_client_core::{CloseCode, Config, Input, Origin, State};

use crate::support::{Door, Pair, Seen, millis, secs};

/// The delays before the first `count` attempts of a client with this seed, none of which leads anywhere.
fn delays(seed: u64, count: u32) -> Vec<Duration> {
    let mut pair = Pair::connected(Config::new(seed));
    pair.door = Door::Unreachable { retryable: true };
    pair.server_dies();
    let mut delays = Vec::new();
    for expected in 1..=count {
        let (attempt, delay, _) = pair.reconnecting();
        assert_eq!(attempt, expected, "seed {seed}");
        let delay = delay.expect("the attempt has a time");
        delays.push(delay);
        pair.advance(delay);
    }
    delays
}

#[test]
fn the_delay_stays_below_a_ceiling_that_doubles_up_to_the_cap() {
    let (mut longest, mut shortest) = ([Duration::ZERO; 10], [Duration::MAX; 10]);
    let ceilings = [
        500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
    ];
    for seed in 0..200 {
        for (index, delay) in delays(seed, 10).into_iter().enumerate() {
            let ceiling = millis(ceilings[index]);
            assert!(
                delay <= ceiling,
                "attempt {} of seed {seed} after {delay:?}",
                index + 1
            );
            longest[index] = longest[index].max(delay);
            shortest[index] = shortest[index].min(delay);
        }
    }
    // Full jitter: the delays fill the whole range.
    for (index, ceiling) in ceilings.into_iter().enumerate() {
        assert!(longest[index] > millis(ceiling) * 9 / 10, "{longest:?}");
        assert!(shortest[index] < millis(ceiling) / 10, "{shortest:?}");
    }
}

#[test]
fn the_seed_decides_the_delays() {
    assert_eq!(delays(7, 5), delays(7, 5));
    assert_ne!(delays(7, 5), delays(8, 5));
}

#[test]
fn the_states_tell_the_whole_way_back() {
    let mut pair = Pair::connected(Config::new(3));
    pair.server_dies();
    let due = pair.reconnecting().1.expect("the attempt has a time");
    assert_eq!(pair.reconnecting().2, CloseCode::EOF);
    pair.advance(due);
    let seen = pair.take();
    assert!(matches!(&seen[0], Seen::Disconnect(closed) if closed.origin == Origin::Peer));
    assert!(matches!(
        &seen[1],
        Seen::State(State::Reconnecting {
            attempt: 1,
            next: Some(_),
            ..
        })
    ));
    assert!(matches!(
        &seen[2],
        Seen::State(State::Reconnecting {
            attempt: 1,
            next: None,
            ..
        })
    ));
    assert_eq!(
        seen[3],
        Seen::Connect {
            attempt: 1,
            endpoint: None
        }
    );
    assert_eq!(seen[4], Seen::State(State::Connected));
    assert_eq!(seen.len(), 5);
}

#[test]
fn attempts_run_out() {
    let mut config = Config::new(5);
    config.backoff.attempts = Some(3);
    let mut pair = Pair::connected(config);
    pair.door = Door::Unreachable { retryable: true };
    pair.server_dies();
    pair.advance(secs(60));
    let attempts = pair
        .take()
        .into_iter()
        .filter(|seen| matches!(seen, Seen::Connect { .. }))
        .count();
    assert_eq!(attempts, 3);
    assert_eq!(
        pair.closed(),
        (Origin::Transport, CloseCode::TRANSPORT, true)
    );
    pair.advance(secs(3600));
    assert_eq!(pair.take(), []);
}

#[test]
fn attempts_are_counted_anew_when_the_application_connects_anew() {
    let mut config = Config::new(5);
    config.backoff.attempts = Some(2);
    let mut pair = Pair::connected(config);
    pair.door = Door::Unreachable { retryable: true };
    pair.server_dies();
    pair.advance(secs(60));
    assert!(pair.closed().2);
    pair.door = Door::Open(Default::default());
    pair.input(Input::Connect);
    pair.server_dies();
    assert_eq!(pair.reconnecting().0, 1);
}

#[test]
fn no_attempts_means_never() {
    let mut config = Config::new(5);
    config.backoff.attempts = Some(0);
    let mut pair = Pair::connected(config);
    pair.server_dies();
    assert_eq!(pair.closed(), (Origin::Peer, CloseCode::EOF, true));
}

#[test]
fn a_failure_that_will_not_change_ends_it() {
    let mut pair = Pair::connected(Config::new(5));
    pair.door = Door::Unreachable { retryable: false };
    pair.server_dies();
    pair.advance(secs(1));
    assert_eq!(
        pair.closed(),
        (Origin::Transport, CloseCode::TRANSPORT, false)
    );
}

#[test]
fn a_server_that_drops_everyone_at_once_is_called_less_and_less_often() {
    let mut pair = Pair::connected(Config::new(9));
    for attempt in 1..=6 {
        pair.server_dies();
        assert_eq!(pair.reconnecting().0, attempt);
        pair.advance(secs(40).min(pair.reconnecting().1.expect("a time")));
        assert_eq!(pair.client.state(), &State::Connected);
    }
    // One that lasted counts as a success.
    pair.advance(secs(10));
    pair.server_dies();
    assert_eq!(pair.reconnecting().0, 1);
}

#[test]
fn an_attempt_that_hangs_is_given_up_and_repeated() {
    let mut pair = Pair::connected(Config::new(9));
    pair.door = Door::Hanging;
    pair.server_dies();
    pair.advance(millis(500));
    pair.take();
    pair.advance(secs(10));
    let seen = pair.take();
    assert!(
        matches!(&seen[0], Seen::Disconnect(closed) if closed.close.reason().contains("too long"))
    );
    assert_eq!(pair.reconnecting().0, 2);
}

#[test]
fn a_handshake_that_is_never_answered_is_given_up_and_repeated() {
    let mut pair = Pair::connected(Config::new(9));
    pair.door = Door::Silent;
    pair.server_dies();
    pair.advance(millis(500));
    // The server's own deadline for the handshake is the shorter one.
    pair.link = crate::support::Link::Dead;
    pair.advance(secs(10));
    assert_eq!(pair.reconnecting().2, CloseCode::HANDSHAKE_TIMEOUT);
    assert_eq!(pair.reconnecting().0, 2);
}

#[test]
fn the_application_can_try_at_once() {
    let mut pair = Pair::connected(Config::new(9));
    pair.server_dies();
    pair.input(Input::Connect);
    assert_eq!(pair.client.state(), &State::Connected);
}
