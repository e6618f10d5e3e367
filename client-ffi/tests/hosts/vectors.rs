//! The vectors of `conformance/vectors` that show at the C ABI: fed to a client in C that has no socket.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Map, Value, json};

use crate::cc;

const APPLIED: [&str; 7] = [
    "close-codes",
    "errors",
    "errors-tolerated",
    "handshake-responses",
    "kicks",
    "messages-malformed",
    "routes",
];
/// What the protocol crate reads the same way for every client, and what only a server reads.
const BELOW: [&str; 12] = [
    "capabilities",
    "compression",
    "dictionaries",
    "frames",
    "handshake-requests",
    "message-refusals",
    "messages",
    "messages-tolerated",
    "packet-refusals",
    "packet-streams",
    "packets",
    "sniffing",
];

/// Types of packets (wire 1.1).
const HANDSHAKE: u8 = 1;
const DATA: u8 = 4;
const KICK: u8 = 5;
/// The flags of a response, and of one with the error bit (wire 6.1).
const ANSWER_FLAGS: u8 = 0x04;
const ERROR_ANSWER: u8 = 0x24;

/// Numbers of the header.
const STATE: i64 = 1;
const ANSWER: i64 = 2;
const CONNECTED: i64 = 2;
const RETRYABLE: i64 = 2;
const KICKED: i64 = 8;
const FAULT: i64 = 2;
const SERVER_ERROR: i64 = 1;
const ROUTE_ERROR: i64 = 9;
const NEVER: u64 = u64::MAX;

/// A client in C that does what it is told, and ends with this.
struct Host {
    child: Child,
    orders: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What came of an order.
#[derive(Debug, Default)]
struct Told {
    events: Vec<Event>,
    sent: Vec<u8>,
}

/// An event as the program prints it.
#[derive(Debug)]
struct Event {
    kind: i64,
    status: i64,
    state: i64,
    code: i64,
    origin: i64,
    flags: i64,
    serializer: i64,
    retry_after_us: u64,
    name: Vec<u8>,
    text: Vec<u8>,
    detail: Vec<u8>,
}

impl Event {
    fn read(line: &str) -> Self {
        let words: Vec<_> = line.split(' ').collect();
        let number = |index: usize| words[index].parse().expect("a number");
        let bytes = |index: usize| octets(words[index].trim_matches('-'));
        Self {
            kind: number(0),
            status: number(1),
            state: number(2),
            code: number(3),
            origin: number(4),
            flags: number(5),
            serializer: number(6),
            retry_after_us: words[7].parse().expect("a time"),
            name: bytes(8),
            text: bytes(10),
            detail: bytes(11),
        }
    }

    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }
}

impl Told {
    /// The last of a kind.
    fn last(&self, kind: i64) -> &Event {
        let found = self.events.iter().rfind(|event| event.kind == kind);
        found.unwrap_or_else(|| panic!("no event {kind} in {self:?}"))
    }
}

impl Host {
    fn start() -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/vectors.c");
        let mut child = Command::new(cc::build(cc::C99, "vectors", &[source]))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        Self {
            orders: child.stdin.take().expect("piped"),
            output: BufReader::new(child.stdout.take().expect("piped")),
            child,
        }
    }

    fn obey(&mut self, order: &str) -> Told {
        writeln!(self.orders, "{order}").expect("the program reads");
        let mut told = Told::default();
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("text");
            assert!(read > 0, "the program has ended at `{order}`");
            match line.trim_end().split_once(' ') {
                Some(("event", rest)) => told.events.push(Event::read(rest)),
                Some(("sent", rest)) => told.sent.extend(octets(rest)),
                _ => return told,
            }
        }
    }

    /// A new client, whose handshake is answered with this.
    fn open(&mut self, serializers: u32, response: &[u8]) -> Told {
        let greeting = self.obey(&format!("new {serializers}"));
        assert_eq!(greeting.sent.first(), Some(&HANDSHAKE), "{greeting:?}");
        self.feed(HANDSHAKE, response)
    }

    /// A new client that is connected.
    fn connected(&mut self, serializer: &str) {
        let number = number(serializer);
        let sys = json!({ "heartbeat": 60, "serializer": serializer });
        let response = json!({ "code": 200, "sys": sys }).to_string();
        let told = self.open(number as u32, response.as_bytes());
        assert_eq!(told.last(STATE).state, CONNECTED);
    }

    fn feed(&mut self, kind: u8, body: &[u8]) -> Told {
        let len = (body.len() as u32).to_be_bytes();
        let packet = [&[kind], &len[1..], body].concat();
        self.obey(&format!("feed {}", hex(&packet)))
    }

    fn request(&mut self, route: &str) -> Told {
        self.obey(&format!("request {}", hex(route.as_bytes())))
    }

    /// The end of a request that is answered with two bytes.
    fn answer(&mut self) -> Told {
        let request = self.request("a.b").sent;
        self.feed(DATA, &[ANSWER_FLAGS, request[5], 1, 2])
    }

    /// The end of a request that is answered with this error.
    fn error(&mut self, serializer: &str, body: &[u8]) -> Told {
        self.connected(serializer);
        let request = self.request("a.b").sent;
        // Behind the packet's header and the message's flags; ids are small here.
        let id = request[5];
        self.feed(DATA, &[&[ERROR_ANSWER, id], body].concat())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/vectors")
}

fn cases(name: &str) -> Vec<Value> {
    assert!(APPLIED.contains(&name));
    let path = folder().join(name).with_extension("json");
    let text = fs::read_to_string(path).expect("a file of vectors");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let cases = file["cases"].as_array().expect("cases").clone();
    assert!(!cases.is_empty());
    cases
}

/// The bytes that a vector writes.
fn octets(notation: &str) -> Vec<u8> {
    if let Some(text) = notation.strip_prefix("text:") {
        return text.into();
    }
    let mut bytes = Vec::new();
    for token in notation.split_whitespace() {
        let repeated = token.strip_prefix("repeat:");
        let (digits, times) = match repeated.and_then(|token| token.split_once('*')) {
            Some((digits, times)) => (digits, times.parse().expect("a number")),
            None => (token, 1),
        };
        let pairs = digits.as_bytes().chunks(2);
        let token: Vec<_> = pairs
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("text"), 16).expect("hex"))
            .collect();
        bytes.extend(token.repeat(times));
    }
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(serializer: &str) -> i64 {
    match serializer {
        "json" => 1,
        _ => 2,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn no_file_is_overlooked() {
    let known: BTreeSet<_> = APPLIED
        .into_iter()
        .chain(BELOW)
        .map(str::to_owned)
        .collect();
    let files = fs::read_dir(folder()).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let found: BTreeSet<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    assert_eq!(found, known);
}

#[test]
fn routes() {
    let mut host = Host::start();
    host.connected("json");
    for case in cases("routes") {
        let told = host.request(text(&case["route"]));
        if case["verdict"] == "ok" {
            assert_eq!(told.sent.first(), Some(&DATA), "{case}");
            assert!(told.events.is_empty(), "{case}: {told:?}");
        } else {
            assert_eq!(told.last(ANSWER).status, ROUTE_ERROR, "{case}");
            assert!(told.sent.is_empty(), "{case}: {told:?}");
        }
    }
}

/// What an error answer is, of which `wanted` has the members that are not empty.
fn is_error(case: &Value, told: &Told, wanted: &Value) {
    let event = told.last(ANSWER);
    assert_eq!(event.status, SERVER_ERROR, "{case}");
    assert_eq!(event.name, text(&wanted["code"]).as_bytes(), "{case}");
    let metadata = match &*event.detail {
        [] => Value::Object(Map::new()),
        detail => serde_json::from_slice(detail).expect("JSON"),
    };
    let none = Value::Object(Map::new());
    assert_eq!(&metadata, wanted.get("metadata").unwrap_or(&none), "{case}");
}

#[test]
fn errors() {
    let mut host = Host::start();
    for case in cases("errors") {
        for serializer in ["json", "protobuf"] {
            let told = host.error(serializer, &octets(text(&case[serializer])));
            is_error(&case, &told, &case["value"]);
            let message = text(&case["value"]["msg"]);
            assert_eq!(told.last(ANSWER).text, message.as_bytes(), "{case}");
        }
    }
}

#[test]
fn errors_tolerated() {
    let mut host = Host::start();
    for case in cases("errors-tolerated") {
        let told = host.error(text(&case["serializer"]), &octets(text(&case["body"])));
        // What cannot be read has no code of its own.
        let unreadable = json!({ "code": "PIT-000" });
        let read = case["verdict"] == "ok";
        let wanted = if read { &case["value"] } else { &unreadable };
        is_error(&case, &told, wanted);
    }
}

#[test]
fn handshake_responses() {
    let mut host = Host::start();
    for case in cases("handshake-responses") {
        let told = host.open(3, &octets(text(&case["body"])));
        let state = told.last(STATE);
        let Some(value) = case.get("value") else {
            assert_eq!(state.code, 404, "{case}");
            continue;
        };
        if value["code"] == 200 {
            assert_eq!(state.state, CONNECTED, "{case}");
            let serializer = host.answer().last(ANSWER).serializer;
            assert_eq!(serializer, number(text(&value["serializer"])), "{case}");
            continue;
        }
        let by_number = if value["code"] == 501 { 503 } else { 502 };
        let close = &value["close"];
        assert_eq!(
            state.code,
            close["code"].as_i64().unwrap_or(by_number),
            "{case}"
        );
        let reason = String::from_utf8_lossy(&state.text);
        assert!(reason.contains(text(&close["reason"])), "{case}: {reason}");
        assert!(!state.has(RETRYABLE), "{case}");
    }
}

#[test]
fn kicks() {
    let mut host = Host::start();
    for case in cases("kicks") {
        host.connected("json");
        let told = host.feed(KICK, &octets(text(&case["body"])));
        let state = told.last(STATE);
        assert_eq!(state.code, case["code"].as_i64().expect("a code"), "{case}");
        assert_eq!(state.text, text(&case["reason"]).as_bytes(), "{case}");
        assert_eq!(state.detail, text(&case["endpoint"]).as_bytes(), "{case}");
        let after = case["retry_after_ms"].as_u64();
        let after = after.map_or(NEVER, |millis| millis * 1000);
        assert_eq!(state.retry_after_us, after, "{case}");
    }
}

#[test]
fn close_codes() {
    let mut host = Host::start();
    for case in cases("close-codes") {
        host.connected("json");
        let body = json!({ "code": case["number"] }).to_string();
        let told = host.feed(KICK, body.as_bytes());
        let state = told.last(STATE);
        assert_eq!(state.code, case["number"].as_i64().expect("a number"));
        assert_eq!(state.has(RETRYABLE), case["reconnect"] == true, "{case}");
        assert_eq!(state.has(KICKED), case["kick"] == true, "{case}");
    }
}

#[test]
fn messages_malformed() {
    let mut host = Host::start();
    for case in cases("messages-malformed") {
        host.connected("json");
        let told = host.feed(DATA, &octets(text(&case["bytes"])));
        let state = told.last(STATE);
        assert_ne!(state.state, CONNECTED, "{case}");
        assert_eq!(state.origin, FAULT, "{case}");
    }
}
