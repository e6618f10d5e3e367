//! The driver accepts the answers of an honest server and no others.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use pitaya_bench::{
    DialError, Dialect, Exchange, Fleet, LoadError, Plan, Process, Sample, Target, Transport,
    Trust, dial, floor,
};
use tokio::runtime;

/// A floor on a free port, on a thread that ends with the test program.
fn floor(transport: Transport, trust: &Trust) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket option");
    let address = listener.local_addr().expect("bound");
    let tls = transport.encrypted().then(|| {
        Trust::server(&trust.certificate(), &trust.key()).expect("the certificate is good")
    });
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .expect("runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            floor::serve(listener, transport.framing(), tls).await
        })
    });
    target(address, transport, trust)
}

fn target(address: SocketAddr, transport: Transport, trust: &Trust) -> Target {
    Target {
        address,
        transport,
        dialect: Dialect::Echo,
        tls: Some(trust.client().expect("the certificate is good")),
        bind: Some("bench.bind".to_owned()),
    }
}

/// A server that answers every read with the same bytes.
fn parrot(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut buffer = [0; 1024];
            while matches!(socket.read(&mut buffer), Ok(1..)) && socket.write_all(answer).is_ok() {}
        }
    });
    address
}

fn drive(target: &Target) -> Result<Sample, LoadError> {
    let exchange = Exchange::echo(Dialect::Echo, "bench.echo", b"body");
    let window = Duration::from_millis(20);
    let plan = Plan {
        exchange: &exchange,
        depth: 16,
        warm_up: window,
        window,
    };
    Fleet::open(target, 3)?.run(plan, &[Process::own()])
}

#[test]
fn honest_server_answers_all_that_is_in_flight() {
    let trust = Trust::make().expect("a certificate");
    for transport in [Transport::Tcp, Transport::Ws] {
        let sample = drive(&floor(transport, &trust)).expect("every request is answered");
        assert!(sample.elapsed >= Duration::from_millis(20), "{transport}");
    }
}

#[test]
fn connection_opens_over_every_transport() {
    let trust = Trust::make().expect("a certificate");
    for transport in Transport::ALL {
        let dialed = dial(&floor(transport, &trust), 7);
        assert!(
            dialed.is_ok_and(|dialed| dialed.received.is_empty()),
            "{transport}"
        );
    }
}

#[test]
fn certificate_of_somebody_else_is_refused() {
    let (ours, theirs) = (Trust::make().expect("one"), Trust::make().expect("another"));
    let mut target = floor(Transport::Tls, &theirs);
    target.tls = Some(ours.client().expect("the certificate is good"));
    assert!(matches!(dial(&target, 0), Err(DialError::Io(_))));
}

#[test]
fn wrong_answers_and_refusals_are_errors() {
    let trust = Trust::make().expect("a certificate");
    let mut lying = target(parrot(b"\x04\0\0\x06\x00\x01Xbody"), Transport::Tcp, &trust);
    assert!(matches!(dial(&lying, 0), Err(DialError::Bind(_))));
    lying.bind = None;
    assert!(matches!(drive(&lying), Err(LoadError::Answer(_))));

    let mut refusing = target(
        parrot(b"\x01\0\0\x0c{\"code\":400}"),
        Transport::Tcp,
        &trust,
    );
    refusing.dialect = Dialect::Pitaya;
    assert!(matches!(
        dial(&refusing, 0),
        Err(DialError::Handshake { kind: 1, .. })
    ));

    let foreign = target(
        parrot(b"HTTP/1.1 404 Not Found\r\n\r\n"),
        Transport::Ws,
        &trust,
    );
    assert!(matches!(dial(&foreign, 0), Err(DialError::Upgrade(_))));
}

#[test]
fn second_answer_to_a_request_is_an_error() {
    let trust = Trust::make().expect("a certificate");
    let twice = b"\x04\0\0\x11\x00\x01\x0abench.echobody\x04\0\0\x11\x00\x01\x0abench.echobody";
    let mut target = target(parrot(twice), Transport::Tcp, &trust);
    target.bind = None;
    let exchange = Exchange::echo(Dialect::Echo, "bench.echo", b"body");
    let window = Duration::from_millis(20);
    let plan = Plan {
        exchange: &exchange,
        depth: 1,
        warm_up: window,
        window,
    };
    let mut fleet = Fleet::open(&target, 1).expect("it listens");
    assert!(matches!(
        fleet.run(plan, &[Process::own()]),
        Err(LoadError::NotInFlight(1))
    ));
}
