//! What one task hands over for one server is taken in that order, large and small.

use pitaya_protocol::cluster::Request;
use pitaya_server::cluster::Bus;
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, config, request};

fn numbered(number: u64) -> Request {
    // One in forty needs several frames.
    let bytes = if number % 40 == 7 { 100_000 } else { 20 };
    let mut request = request(vec![b'x'; bytes]);
    request.msg.as_mut().expect("a message").id = number;
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_are_taken_in_the_order_of_handing_over() {
    const CALLS: u64 = 3_000;
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (taken, mut order) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |request, reply| {
            let number = request.msg.unwrap_or_default().id;
            taken.send(number).expect("an open test");
            reply.send(answer(""));
        })
        .await;

    let calls: Vec<_> = (0..CALLS)
        .map(|number| gate.bus.call(&room.me, numbered(number), LONG))
        .collect();
    for number in 0..CALLS {
        assert_eq!(order.recv().await, Some(number));
    }
    for call in calls {
        assert_eq!(call.await, Ok(answer("")));
    }
}
