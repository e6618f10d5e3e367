//! The round trip of a request over loopback, through each language, in one run: `cargo xtask bench ffi`.
//!
//! A language takes part with a program that takes `HOST PORT COUNT`, sends COUNT requests to `connector.getsessiondata` one after another over TCP, and prints
//! one line `{"language":..,"median_us":..,"p99_us":..}`. Rust and C are built in; the command of another is an argument, its words parted by the unit
//! separator (U+001F), or by blanks where there is none.

#[path = "../tests/hosts/cc.rs"]
#[expect(
    dead_code,
    reason = "the tests also build C++, and give the linker arguments"
)]
mod cc;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use pitaya_client::Client;
use pitaya_conformance::sdk;

const REQUESTS: usize = 5_000;
/// Between the words of a command: a folder's name may have blanks.
const SEPARATOR: char = '\u{1f}';

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    if let [word, host, port, count] = &*arguments
        && word == "rust"
    {
        let count = count.parse().expect("a number");
        return println!("{}", runtime.block_on(rust(host, port, count)));
    }
    let folder = std::env::temp_dir().join("pitaya-bench-ffi");
    let config = sdk::Config::default()
        .any_ports()
        .certificate(folder.join("cert.pem"), folder.join("key.pem"));
    let server = runtime.block_on(sdk::start(config)).expect("the server");
    let port = server.address("json-tcp").expect("a listener").port();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/round_trip.c");
    let c = cc::build(cc::C99, "round-trip", &[source]);
    let own = std::env::current_exe().expect("a path");
    let mut programs = vec![
        vec![own.display().to_string(), "rust".to_owned()],
        vec![c.display().to_string()],
    ];
    // Cargo adds `--bench`.
    let others = arguments.iter().filter(|word| *word != "--bench");
    programs.extend(others.map(|command| {
        let parted = if command.contains(SEPARATOR) {
            SEPARATOR
        } else {
            ' '
        };
        command.split(parted).map(str::to_owned).collect()
    }));
    for words in programs {
        let measured = Command::new(&words[0])
            .args(&words[1..])
            .args(["127.0.0.1", &port.to_string(), &REQUESTS.to_string()])
            .output()
            .expect("the program starts");
        assert!(measured.status.success(), "{words:?}: {measured:?}");
        print!("{}", String::from_utf8_lossy(&measured.stdout));
    }
}

async fn rust(host: &str, port: &str, count: usize) -> String {
    let url = format!("tcp://{host}:{port}");
    let client = Client::builder(&*url).connect().await.expect("a server");
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let begin = Instant::now();
        let answer = client.request_raw("connector.getsessiondata", "").await;
        answer.expect("an answer");
        times.push(begin.elapsed().as_secs_f64() * 1e6);
    }
    client.close().await;
    times.sort_by(f64::total_cmp);
    format!(
        "{{\"language\":\"rust\",\"median_us\":{:.1},\"p99_us\":{:.1}}}",
        times[count / 2],
        times[count * 99 / 100]
    )
}
