//! Request ids stay within 1 to 2^31-1. That none is used twice at a time is shown beside the table of requests.

use pitaya_client_core::Config;

use crate::support::{Pair, Seen};

const MAX: u32 = 0x7FFF_FFFF;

fn config(first: u32) -> Config {
    let mut config = Config::new(1);
    config.first_request_id = first;
    config
}

#[test]
fn after_the_last_id_comes_the_first() {
    let mut pair = Pair::connected(config(MAX - 1));
    let calls = [(); 4].map(|()| pair.request("a.b", b""));
    let max = u64::from(MAX);
    let ids: Vec<u64> = pair.arrived.iter().map(|arrived| arrived.id).collect();
    assert_eq!(ids, [max - 1, max, 1, 2]);
    for (id, call) in ids.into_iter().zip(calls) {
        pair.respond(id, &id.to_be_bytes());
        let Some(Seen::Response { body, .. }) = pair.end_of(call) else {
            panic!("{call:?} was not answered");
        };
        assert_eq!(body, id.to_be_bytes());
    }
}

#[test]
fn ids_go_on_over_connections() {
    let mut pair = Pair::connected(config(5));
    pair.request("a.b", b"");
    pair.server_dies();
    pair.advance(std::time::Duration::from_secs(1));
    pair.request("a.b", b"");
    let ids: Vec<u64> = pair.arrived.iter().map(|arrived| arrived.id).collect();
    assert_eq!(ids, [5, 6]);
}

#[test]
fn a_first_id_that_is_none_is_corrected() {
    for (first, id) in [(0, 1), (u32::MAX, u64::from(MAX))] {
        let mut pair = Pair::connected(config(first));
        pair.request("a.b", b"");
        assert_eq!(pair.arrived[0].id, id);
    }
}
