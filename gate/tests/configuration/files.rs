//! TOML, YAML and JSON say the same.

use std::time::Duration;

use pitaya_gate::Sources;

use crate::{file, read};

#[test]
fn each_format_is_read() {
    let texts = [
        (
            "gate.toml",
            "[pitaya.heartbeat]\ninterval = \"12s\"\n[gate.metadata]\ngrpcHost = \"h\"\n[gate]\norigins = [\"a\", \"b\"]\n",
        ),
        (
            "gate.yaml",
            "pitaya:\n  heartbeat:\n    interval: 12s\ngate:\n  metadata:\n    grpcHost: h\n  origins: [a, b]\n",
        ),
        (
            "gate.YML",
            "pitaya.heartbeat.interval: 12s\ngate:\n  metadata: {grpcHost: h}\n  origins: a, b\n",
        ),
        (
            "gate.json",
            r#"{"pitaya": {"heartbeat": {"interval": "12s"}}, "gate": {"metadata": {"grpcHost": "h"}, "origins": ["a", "b"]}}"#,
        ),
    ];
    for (name, text) in texts {
        let (_folder, path) = file(name, text);
        let read = read(Sources::new().file(path));
        let settings = read.settings();
        assert_eq!(settings.server.heartbeat, Duration::from_secs(12), "{name}");
        // Keys do not differ by case, names of entries do.
        assert_eq!(settings.me.metadata["grpcHost"], "h", "{name}");
        assert_eq!(settings.listen.origins, ["a", "b"], "{name}");
        assert!(read.warnings().is_empty(), "{name}: {:?}", read.warnings());
    }
}

#[test]
fn keys_do_not_differ_by_case_as_in_viper() {
    let (_folder, path) = file(
        "go.yaml",
        "Pitaya:\n  Conn:\n    rateLimiting:\n      limit: 7\n",
    );
    assert_eq!(
        read(Sources::new().file(path)).settings().rate.limit,
        Some(7)
    );
}

#[test]
fn a_key_without_a_value_is_as_one_that_is_not_there() {
    let (_folder, path) = file("go.yaml", "pitaya:\n  heartbeat:\n    interval:\n");
    let read = read(Sources::new().file(path));
    assert_eq!(read.settings().server.heartbeat, Duration::from_secs(30));
    assert!(read.warnings().is_empty(), "{:?}", read.warnings());
}

#[test]
fn a_file_that_is_none_is_an_error_that_names_it() {
    for (name, text) in [
        ("gate.ini", "a=b"),
        ("gate.toml", "[pitaya"),
        ("gate.yaml", "a: [1"),
        ("gate.json", "{"),
    ] {
        let (_folder, path) = file(name, text);
        let error = Sources::new().file(&path).read().expect_err(name);
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = Sources::new().file("/nowhere/gate.toml").read();
    let error = error.expect_err("there is none").to_string();
    assert!(error.contains("/nowhere/gate.toml"), "{error}");
}

#[test]
fn the_dictionary_is_a_file_of_its_own() {
    let (_folder, path) = file("codes.json", r#"{"room.room.Join": 1, "onLine": 2}"#);
    let path = path.display().to_string();
    let read = read(Sources::new().set("gate.dictionary", path));
    assert_eq!(read.settings().server.dictionary["room.room.Join"], 1);

    for text in [
        "[]",
        r#"{"a": -1}"#,
        r#"{"a": 1, "b": 1}"#,
        r#"{"a": 70000}"#,
    ] {
        let (_folder, path) = file("codes.json", text);
        let problems =
            crate::problems(Sources::new().set("gate.dictionary", path.display().to_string()));
        assert!(problems.contains("gate.dictionary"), "{text}: {problems}");
        assert!(problems.contains("codes.json"), "{text}: {problems}");
    }
}
