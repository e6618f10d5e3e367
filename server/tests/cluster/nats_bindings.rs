//! Servers of one type tell each other whom they bound.

use pitaya_server::cluster::Bus as _;
use pitaya_server::protocol::cluster::BindMsg;

use crate::nats_rig::{Heard, Rig, SOON, request, response};
use crate::support::nats::Nats;

#[tokio::test]
async fn a_binding_is_heard_by_all_servers_of_the_type() {
    let nats = Nats::start().await;
    let mut first = Rig::start(&nats, "gate", "g1").await;
    let mut second = Rig::start(&nats, "gate", "g2").await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let binding = BindMsg {
        uid: "u1".to_owned(),
        fid: "g1".to_owned(),
        ..BindMsg::default()
    };
    let announced = first.bus.announce_binding("gate", binding.clone());
    announced.expect("handed over");
    for gate in [&mut first, &mut second] {
        assert!(matches!(gate.next().await, Heard::Bound(heard) if heard == binding));
    }
    // A call that was handed over later comes first where nothing else was heard.
    let call = first.bus.call(&room.me, request("x"), SOON);
    room.next_request().await.1.send(response(b""));
    assert_eq!(call.await, Ok(response(b"")));
}
