//! What a gate does not have is named once, with what to use instead, and does no harm.

use pitaya_gate::{Sources, foreign_keys};

use crate::{file, read};

fn warnings(sources: Sources) -> Vec<String> {
    read(sources)
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn each_key_of_go_without_a_setting_here_has_one_warning() {
    let text = r"
pitaya:
  session:
    drain: {enabled: true, timeout: 6h, period: 5s}
  concurrency:
    handler:
      dispatch: 50
  worker:
    concurrency: 2
    redis: {url: localhost}
  heartbeat:
    interval: 30s
";
    let (_folder, path) = file("go.yaml", text);
    let warnings = warnings(Sources::new().file(path));
    let starts = [
        "pitaya.concurrency.handler.dispatch",
        "pitaya.session.drain",
        "pitaya.worker",
    ];
    assert_eq!(warnings.len(), starts.len(), "{warnings:#?}");
    for (warning, start) in warnings.iter().zip(starts) {
        assert!(
            warning.starts_with(start) && warning.contains("go.yaml"),
            "{warning}"
        );
    }
    assert!(warnings[1].contains("gate.drain"), "{}", warnings[1]);
}

#[test]
fn variables_too() {
    let warnings = warnings(
        Sources::new()
            .variable("PITAYA_WORKER_CONCURRENCY", "2")
            .variable("PITAYA_HARTBEAT_INTERVAL", "2s")
            .variable("PITAYA_GATE_CONFIG", "gate.yaml")
            .variable("HOME", "/root"),
    );
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(
        warnings[0].contains("PITAYA_HARTBEAT_INTERVAL"),
        "{}",
        warnings[0]
    );
    assert!(
        warnings[1].contains("PITAYA_WORKER_CONCURRENCY") && warnings[1].contains("jobs"),
        "{}",
        warnings[1]
    );
}

#[test]
fn what_nobody_knows_is_named_once_by_its_topmost_table() {
    let text = "[game]\nname = \"chess\"\nsize = 8\n[gate]\nhartbeat = \"3s\"\n[gate.limits]\npacket_byte = 1\n";
    let (_folder, path) = file("gate.toml", text);
    let warnings = warnings(Sources::new().file(path).set("gate.nothing", "1"));
    let names = [
        "game in",
        "gate.hartbeat in",
        "gate.limits.packet_byte in",
        "gate.nothing of --set",
    ];
    assert_eq!(warnings.len(), names.len(), "{warnings:#?}");
    for (warning, name) in warnings.iter().zip(names) {
        assert!(warning.starts_with(name), "{warning}");
    }
}

#[test]
fn no_key_of_the_gate_is_among_those_that_it_does_not_have() {
    for key in pitaya_gate::keys() {
        for name in key.names() {
            let foreign = foreign_keys().iter().find(|foreign| {
                name.strip_prefix(foreign.name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            assert_eq!(foreign, None, "{name}");
        }
    }
}
