//! The driver accepts the answers of an honest server and no others.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use pitaya_bench::{
    DialError, Dialect, Exchange, Fleet, LoadError, Plan, Process, Sample, Target, Transport,
    Trust, Work, dial, floor, raw_floor, visit,
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
        greetings: vec!["bench.bind".to_owned()],
    }
}

/// A server that does this with each read of a connection.
fn server(answer: impl Fn(&[u8]) -> Vec<u8> + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut buffer = [0; 64 * 1024];
                while let Ok(length @ 1..) = socket.read(&mut buffer) {
                    if socket.write_all(&answer(&buffer[..length])).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// A server that answers every read with the same bytes; one that answers with messages returns handshakes as a floor does.
fn parrot(answer: &'static [u8]) -> SocketAddr {
    server(move |read| {
        let shakes_hands = answer[0] == 4 && read[0] == 1;
        if shakes_hands { read } else { answer }.to_vec()
    })
}

/// A server that returns what it reads, a while later.
fn sluggard(delay: Duration) -> SocketAddr {
    server(move |read| {
        thread::sleep(delay);
        read.to_vec()
    })
}

const WINDOW: Duration = Duration::from_millis(20);

fn echo() -> Exchange {
    Exchange::echo(Dialect::Echo, "bench.echo", b"body")
}

fn work(target: &Target, exchange: &Exchange, work: Work) -> Result<Sample, LoadError> {
    let plan = Plan {
        exchange,
        work,
        warm_up: WINDOW,
        window: WINDOW,
    };
    Fleet::open(target, 0..3)?.run(plan, &[Process::own()])
}

fn drive(target: &Target) -> Result<Sample, LoadError> {
    work(target, &echo(), Work::InFlight(16))
}

#[test]
fn honest_server_answers_all_that_is_in_flight() {
    let trust = Trust::make().expect("a certificate");
    for transport in Transport::ALL {
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
    assert!(matches!(dial(&lying, 0), Err(DialError::Greeting(_))));
    lying.greetings.clear();
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
    target.greetings.clear();
    assert!(matches!(
        work(&target, &echo(), Work::InFlight(1)),
        Err(LoadError::NotInFlight(1))
    ));
}

#[test]
fn raw_floor_writes_a_push_to_all_connections_and_returns_the_rest() {
    let trust = Trust::make().expect("a certificate");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    thread::spawn(move || raw_floor::serve(listener));
    let target = target(address, Transport::Tcp, &trust);
    drive(&target).expect("every request is answered");
    let fan = Exchange::fan("onBench", b"body", 8);
    work(&target, &fan, Work::Broadcast(8)).expect("every push comes to all");
}

#[test]
fn notifies_are_returned_by_a_floor_and_not_taken_for_answers() {
    let trust = Trust::make().expect("a certificate");
    let target = floor(Transport::Ws, &trust);
    let exchange = echo().after_notifies("bench.note", b"body", 15);
    work(&target, &exchange, Work::InFlight(2)).expect("every request is answered");
}

#[test]
fn latency_at_a_rate_counts_from_when_a_request_was_due() {
    let trust = Trust::make().expect("a certificate");
    let delay = Duration::from_millis(40);
    let mut target = target(sluggard(delay), Transport::Tcp, &trust);
    target.greetings.clear();
    let plan = Plan {
        exchange: &echo(),
        work: Work::PerSecond(500),
        warm_up: 3 * delay,
        window: 5 * delay,
    };
    let mut fleet = Fleet::open(&target, 0..1).expect("it listens");
    let sample = fleet.run(plan, &[]).expect("every request is answered");
    let middle = sample.latency(0.5).expect("there were answers");
    assert!(
        middle > 40_000,
        "{middle} us; what is due while the server sleeps waits for the next read"
    );
}

#[test]
fn more_than_the_ids_of_all_connections_cannot_be_asked_for() {
    let trust = Trust::make().expect("a certificate");
    let mut target = target(sluggard(Duration::from_secs(1)), Transport::Tcp, &trust);
    target.greetings.clear();
    let mut fleet = Fleet::open(&target, 0..1).expect("it listens");
    let plan = Plan {
        exchange: &echo(),
        work: Work::PerSecond(1_000_000),
        warm_up: WINDOW,
        window: WINDOW,
    };
    let sample = fleet.run(plan, &[]);
    assert!(matches!(sample, Err(LoadError::Overloaded(1_000_000))));
}

#[test]
fn visitors_come_and_go_over_every_transport() {
    let trust = Trust::make().expect("a certificate");
    for transport in Transport::ALL {
        let mut target = floor(transport, &trust);
        target.greetings.clear();
        let sample = visit(
            &target,
            WINDOW,
            Duration::from_millis(200),
            &[Process::own()],
        );
        sample.unwrap_or_else(|error| panic!("{transport}: {error}"));
    }
}
