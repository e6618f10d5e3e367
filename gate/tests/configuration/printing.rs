//! What is printed is a file that says the same, without the secrets.

use pitaya_gate::Sources;

use crate::{file, read};

#[test]
fn what_is_printed_can_be_read() {
    let first = read(
        Sources::new()
            .set("gate.heartbeat", "90s")
            .set("gate.routing", "room=sticky")
            .set("gate.metadata", "zone=\"a\"")
            .set("gate.id", "g1")
            .set("gate.limits.connections", "off")
            .set("gate.etcd.ignore_types", "x,y"),
    );
    let text = first.to_string();
    let (_folder, path) = file("printed.toml", &text);
    let second = Sources::new().file(path).read().expect("it can be read");
    assert!(second.warnings().is_empty(), "{:?}", second.warnings());
    let without_origins = |text: &str| {
        let values = text.lines().map(|line| {
            line.rsplit_once(" # ")
                .map_or(line, |(value, _)| value)
                .to_owned()
        });
        values.collect::<Vec<_>>()
    };
    assert_eq!(without_origins(&text), without_origins(&second.to_string()));
    assert_eq!(second.settings().server.limits.connections, None);
}

#[test]
fn each_value_says_where_it_comes_from() {
    let (_folder, path) = file("go.yaml", "pitaya: {heartbeat: {interval: 20s}}\n");
    let sources = Sources::new()
        .file(&path)
        .variable("PITAYA_SESSION_UNIQUE", "false");
    let text = read(sources).to_string();
    let expected = [
        format!(
            "gate.heartbeat = \"20s\" # pitaya.heartbeat.interval in {}",
            path.display()
        ),
        "gate.unique_sessions = false # variable PITAYA_SESSION_UNIQUE".to_owned(),
        "gate.listen.tcp = [\"127.0.0.1:0\"] # gate.listen.tcp of --set".to_owned(),
        "gate.compression = true # default".to_owned(),
        "# gate.id is not set".to_owned(),
    ];
    for line in expected {
        assert!(
            text.lines().any(|printed| printed == line),
            "no line `{line}` in\n{text}"
        );
    }
}

#[test]
fn secrets_are_not_printed() {
    let configuration = read(
        Sources::new()
            .set("pitaya.cluster.sd.etcd.pass", "hush1")
            .set("gate.nats.password", "hush2")
            .set("gate.nats.token", "hush3")
            .set("gate.nats.urls", "nats://ann:hush4@n:4222"),
    );
    let text = format!("{configuration} {:?}", configuration.settings().etcd);
    assert!(
        !text.contains("hush1") && !text.contains("hush2") && !text.contains("hush3"),
        "{text}"
    );
    assert!(
        !configuration.to_string().contains("hush4"),
        "{configuration}"
    );
    assert!(
        text.contains("# gate.nats.password is set and not shown"),
        "{text}"
    );
}
