//! What a client sends to a server through the recorder, many sessions send again.

use std::{io::Write, net::TcpListener, process::Command, thread};

use pitaya_bench::{
    Dialect, Dialed, Exchange, Framing, Recorded, Replay, ServerProcess, Target, Transport, dial,
    read_recording, record, replay,
};

const DATA: u8 = 4;

fn server() -> ServerProcess {
    let program = env!("CARGO_BIN_EXE_bench");
    ServerProcess::start(Command::new(program).args(["serve", "pitaya-rs"])).expect("it starts")
}

fn target(address: std::net::SocketAddr, greetings: &[&str]) -> Target {
    Target {
        address,
        transport: Transport::Tcp,
        dialect: Dialect::Pitaya,
        tls: None,
        greetings: greetings.iter().copied().map(str::to_owned).collect(),
    }
}

/// A client binds, sends a notify and a request, and goes.
fn recorded(server: &ServerProcess) -> Vec<Recorded> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let proxy = listener.local_addr().expect("bound");
    let address = server.address();
    let recorder = thread::spawn(move || {
        let mut file = Vec::new();
        let messages = record(&listener, address, &mut file).expect("it is recorded");
        (messages, file)
    });
    let target = target(proxy, &["bench.bind"]);
    let Dialed { mut stream, .. } = dial(&target, 0).expect("the server is behind the recorder");
    let exchange = Exchange::echo(Dialect::Pitaya, "bench.echo", b"{}");
    let notifies = exchange.after_notifies("bench.note", b"{}", 1);
    let mut bytes = Vec::new();
    for payload in notifies.packets(2) {
        Framing::Stream.write(DATA, &payload, &mut bytes);
    }
    stream.write_all(&bytes).expect("it is taken");
    drop(stream);
    let (messages, file) = recorder.join().expect("the recorder ends with the client");
    assert_eq!(messages, 3);
    read_recording(&file[..]).expect("the file is a recording")
}

#[test]
fn every_session_makes_the_recorded_requests_under_its_own_name() {
    let server = server();
    let recording = recorded(&server);
    let plan = Replay {
        recording: &recording,
        sessions: 5,
        speed: 10.0,
        name: Some("player-000000"),
    };
    let target = target(server.address(), &[]);
    let played = replay(&target, plan, &server.process()).expect("nobody is sent away");
    assert_eq!((played.sent, played.answers), (15, 10));
    assert_eq!((played.errors, played.unanswered), (0, 0));
    assert_eq!(played.latencies.len(), 10);
}

#[test]
fn session_of_one_user_cannot_be_played_by_many_at_once() {
    let server = server();
    let recording = recorded(&server);
    let plan = Replay {
        recording: &recording,
        sessions: 5,
        speed: 1.0,
        name: None,
    };
    // The second sign-in of a user ends the first.
    replay(&target(server.address(), &[]), plan, &server.process()).expect_err("they are kicked");
}
