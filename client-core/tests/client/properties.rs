//! Whatever comes in whatever order: no panic, every call ends exactly once, and what is held stays within the limits.

use std::collections::BTreeMap;
use std::time::Duration;

use pitaya_client_core::{
    CallId, Client, Close, CloseCode, Config, Event, Input, Offline, Output, QueueLimits, State,
    Timestamp,
};
use pitaya_protocol::{Capabilities, Message, MessageKind, PacketType, RouteRef, packet};
use proptest::prelude::*;

use crate::support::terms;

/// What the application, the transport or the server does.
#[derive(Clone, Debug)]
enum Step {
    Connect,
    Connected,
    ConnectFailed(bool),
    Handshake,
    Accept(bool),
    Refuse(u16),
    Response(u64, bool),
    Push(u8),
    Kick(bool),
    Kicked(u16),
    Noise(Vec<u8>),
    Frame(Vec<u8>),
    Eof,
    CloseFrame(u16),
    Failed,
    Fault(u16),
    Call {
        request: bool,
        offline: u8,
        size: usize,
        millis: u64,
    },
    Cancel(u32),
    Reading(bool),
    Writable(bool),
    Release,
    Pause(bool),
    Online(bool),
    Close,
    Pass(u64),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop_oneof![0..1000_u16, Just(110), Just(502)];
    prop_oneof![
        3 => Just(Step::Connect),
        6 => Just(Step::Connected),
        1 => any::<bool>().prop_map(Step::ConnectFailed),
        6 => Just(Step::Handshake),
        6 => any::<bool>().prop_map(Step::Accept),
        1 => code.clone().prop_map(Step::Refuse),
        6 => (0..12_u64, any::<bool>()).prop_map(|(id, error)| Step::Response(id, error)),
        2 => any::<u8>().prop_map(Step::Push),
        1 => any::<bool>().prop_map(Step::Kick),
        1 => code.clone().prop_map(Step::Kicked),
        1 => prop::collection::vec(any::<u8>(), 0..12).prop_map(Step::Noise),
        1 => prop::collection::vec(any::<u8>(), 0..12).prop_map(Step::Frame),
        1 => Just(Step::Eof),
        1 => (3990..5010_u16).prop_map(Step::CloseFrame),
        1 => Just(Step::Failed),
        1 => code.prop_map(Step::Fault),
        12 => (any::<bool>(), 0..4_u8, 0..60_usize, 0..20_000_u64).prop_map(
            |(request, offline, size, millis)| Step::Call { request, offline, size, millis }
        ),
        2 => (0..40_u32).prop_map(Step::Cancel),
        1 => any::<bool>().prop_map(Step::Reading),
        1 => any::<bool>().prop_map(Step::Writable),
        1 => Just(Step::Release),
        1 => any::<bool>().prop_map(Step::Pause),
        1 => any::<bool>().prop_map(Step::Online),
        1 => Just(Step::Close),
        6 => (0..40_000_u64).prop_map(Step::Pass),
        12 => Just(Step::Drain),
    ]
}

const QUEUE_ITEMS: usize = 4;
const IN_FLIGHT: usize = 3;

#[derive(Debug)]
struct Run {
    client: Client,
    now: Timestamp,
    calls: u32,
    /// How often each call has ended.
    ends: BTreeMap<u32, u32>,
}

impl Run {
    fn new(seed: u64, hold_queue: bool, retry_first: bool) -> Self {
        let mut config = Config::new(seed);
        config.max_in_flight = IN_FLIGHT;
        config.queue_items = QUEUE_ITEMS;
        config.queue_bytes = 150;
        config.max_packet = 64;
        config.hold_queue = hold_queue;
        config.retry_first = retry_first;
        config.backoff.attempts = Some(4);
        Self {
            client: Client::new(config),
            now: Timestamp::ZERO,
            calls: 0,
            ends: BTreeMap::new(),
        }
    }

    /// Misuse is refused and changes nothing; it is part of the game.
    fn input(&mut self, input: Input<'_>) {
        let _ = self.client.handle_input(self.now, input);
    }

    fn message(&mut self, message: Message<'_>) {
        let mut bytes = Vec::new();
        message.encode_packet(&mut bytes).expect("it is small");
        self.input(Input::Bytes(&bytes));
    }

    fn packet(&mut self, kind: PacketType, body: &[u8]) {
        let mut bytes = Vec::new();
        packet::encode(kind, body, &mut bytes).expect("it is small");
        self.input(Input::Bytes(&bytes));
    }

    fn drain(&mut self) {
        loop {
            let call = match self.client.poll_output() {
                Output::Wait(_) => return,
                Output::Event(
                    Event::Sent(call) | Event::Response { call, .. } | Event::Failed { call, .. },
                ) => call,
                Output::Transmit(_) | Output::Event(_) => continue,
            };
            *self.ends.entry(call.0).or_default() += 1;
        }
    }

    fn call(&mut self, request: bool, offline: u8, size: usize, millis: u64) {
        self.calls += 1;
        let (call, body) = (CallId(self.calls), vec![0; size]);
        let offline = match offline {
            0 => Offline::Fail,
            1 => Offline::Queue(QueueLimits::default()),
            2 => Offline::Queue(QueueLimits::new(9, 999, Duration::from_millis(millis))),
            _ => Offline::LatestOnly { key: "k" },
        };
        let (route, body) = ("a.b", &*body);
        let input = if request {
            let timeout = (millis > 500).then(|| Duration::from_millis(millis).into());
            Input::Request {
                call,
                route,
                body,
                timeout,
                offline,
            }
        } else {
            Input::Notify {
                call,
                route,
                body,
                offline,
            }
        };
        self.input(input);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Connect => self.input(Input::Connect),
            Step::Connected => self.input(Input::Connected { handshake: b"{}" }),
            Step::ConnectFailed(retryable) => self.input(Input::ConnectFailed {
                close: CloseCode::TRANSPORT.into(),
                retryable: *retryable,
            }),
            Step::Handshake => self.packet(PacketType::Handshake, b"{}"),
            Step::Accept(all) => {
                let capabilities = if *all {
                    Capabilities::ALL
                } else {
                    Capabilities::NONE
                };
                self.input(Input::Accept(terms(capabilities)));
            }
            Step::Refuse(code) => self.input(Input::Refuse(close(*code))),
            Step::Response(id, error) => self.message(Message {
                error: *error,
                ..Message::response(*id, b"r")
            }),
            Step::Push(byte) => self.message(Message {
                kind: MessageKind::Push,
                ..Message::push(RouteRef::Name("p"), &[*byte])
            }),
            Step::Kick(body) => self.packet(PacketType::Kick, if *body { b"{}" } else { b"" }),
            Step::Kicked(code) => self.input(Input::Kicked(close(*code))),
            Step::Noise(bytes) => self.input(Input::Bytes(bytes)),
            Step::Frame(bytes) => self.input(Input::Frame(bytes)),
            Step::Eof => self.input(Input::Eof),
            Step::CloseFrame(code) => self.input(Input::CloseFrame {
                code: *code,
                reason: "r",
            }),
            Step::Failed => self.input(Input::TransportFailed(Close::because(
                CloseCode::TRANSPORT,
                "no",
            ))),
            Step::Fault(code) => self.input(Input::Fault(close(*code))),
            Step::Call {
                request,
                offline,
                size,
                millis,
            } => {
                self.call(*request, *offline, *size, *millis);
            }
            Step::Cancel(call) => self.input(Input::Cancel(CallId(*call))),
            Step::Reading(reading) => self.input(Input::Reading(*reading)),
            Step::Writable(writable) => self.input(Input::Writable(*writable)),
            Step::Release => self.input(Input::Release),
            Step::Pause(true) => self.input(Input::Pause),
            Step::Pause(false) => self.input(Input::Resume),
            Step::Online(true) => self.input(Input::Online),
            Step::Online(false) => self.input(Input::Offline),
            Step::Close => self.input(Input::Close(close(0))),
            Step::Pass(millis) => {
                self.now = self.now + Duration::from_millis(*millis);
                self.input(Input::Timer);
            }
            Step::Drain => self.drain(),
        }
    }
}

fn close(code: u16) -> Close {
    Close::new(CloseCode::from_number(code)).with_retry_after(Duration::from_millis(code.into()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_call_ends_exactly_once(
        seed in any::<u64>(),
        hold_queue in any::<bool>(),
        retry_first in any::<bool>(),
        drains in any::<bool>(),
        steps in prop::collection::vec(step(), 0..120),
    ) {
        let mut run = Run::new(seed, hold_queue, retry_first);
        for step in &steps {
            run.step(step);
            if drains {
                run.drain();
                // What has not ended is in flight or waits, and both have their limits.
                let open = run.calls as usize - run.ends.len();
                prop_assert!(open <= IN_FLIGHT + QUEUE_ITEMS, "{open} calls are held");
            }
        }
        run.step(&Step::Close);
        run.drain();
        // A connection that does not read keeps what came before the end; the end comes when it may.
        run.step(&Step::Reading(true));
        run.drain();
        prop_assert!(matches!(run.client.state(), State::Closed(_)), "{:?}", run.client.state());
        for call in 1..=run.calls {
            prop_assert_eq!(run.ends.get(&call), Some(&1), "call {}", call);
        }
        prop_assert!(matches!(run.client.poll_output(), Output::Wait(None)));
    }
}
