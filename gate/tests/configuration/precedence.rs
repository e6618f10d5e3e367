//! The command line counts more than the environment, and that more than the file, whatever the spelling.

use pitaya_gate::{Configuration, Origin, Sources};

use crate::{file, read};

fn interval(read: &Configuration) -> u64 {
    read.settings().server.heartbeat.as_secs()
}

#[test]
fn file_environment_command_line() {
    let (_folder, path) = file("gate.yaml", "gate: {heartbeat: 11s}\n");
    let sources = Sources::new().file(&path);
    let from_file = read(sources.clone());
    assert_eq!(interval(&from_file), 11);
    assert_eq!(
        from_file.origin("gate.heartbeat"),
        Some(&Origin::File {
            path,
            spelled: "gate.heartbeat".to_owned()
        })
    );

    // Go's spelling in the environment counts more than ours in the file.
    let sources = sources.variable("PITAYA_HEARTBEAT_INTERVAL", "12s");
    let from_variable = read(sources.clone());
    assert_eq!(interval(&from_variable), 12);
    assert_eq!(
        from_variable.origin("gate.heartbeat"),
        Some(&Origin::Variable("PITAYA_HEARTBEAT_INTERVAL".to_owned()))
    );
    assert!(from_variable.warnings().is_empty());

    let set = read(sources.set("pitaya.heartbeat.interval", "13s"));
    assert_eq!(interval(&set), 13);
    assert_eq!(
        set.origin("gate.heartbeat"),
        Some(&Origin::CommandLine("pitaya.heartbeat.interval".to_owned()))
    );
}

#[test]
fn of_two_spellings_in_one_place_ours_counts_and_the_other_is_named() {
    let (_folder, path) = file(
        "gate.yaml",
        "pitaya: {heartbeat: {interval: 11s}}\ngate: {heartbeat: 12s}\n",
    );
    let read = read(Sources::new().file(path));
    assert_eq!(interval(&read), 12);
    let [warning] = read.warnings() else {
        panic!("{:?}", read.warnings());
    };
    let warning = warning.to_string();
    assert!(
        warning.starts_with("pitaya.heartbeat.interval in"),
        "{warning}"
    );
    assert!(warning.contains("gate.heartbeat"), "{warning}");
}

#[test]
fn go_has_one_key_for_each_side_and_the_gate_one_for_both() {
    let both = |client: &str, server: &str| {
        read(
            Sources::new()
                .variable("PITAYA_CLUSTER_RPC_CLIENT_NATS_CONNECT", client)
                .variable("PITAYA_CLUSTER_RPC_SERVER_NATS_CONNECT", server),
        )
    };
    let same = both("nats://a:1", "nats://a:1");
    assert_eq!(same.settings().nats.urls, ["nats://a:1"]);
    assert!(same.warnings().is_empty());
    let different = both("nats://a:1", "nats://b:1");
    assert_eq!(different.settings().nats.urls, ["nats://a:1"]);
    assert_eq!(different.warnings().len(), 1);
}

#[test]
fn the_last_of_equal_keys_on_the_command_line_counts() {
    let sources = Sources::new()
        .set("gate.heartbeat", "5s")
        .set("gate.heartbeat", "6s");
    assert_eq!(interval(&read(sources)), 6);
}

#[test]
fn an_empty_variable_is_none() {
    let read = read(Sources::new().variable("PITAYA_HEARTBEAT_INTERVAL", ""));
    assert_eq!(interval(&read), 30);
    assert!(read.warnings().is_empty());
}
