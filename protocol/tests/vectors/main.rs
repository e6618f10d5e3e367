//! Every file of `conformance/vectors` holds: the bytes, their meaning, their refusal.
#![cfg(all(feature = "compression", feature = "json", feature = "protobuf"))]

mod codecs;
mod handshakes;
mod notation;
mod sessions;

use std::{fs, path::Path};

use serde_json::Value;

/// A check of one case; it panics with what differs.
type Check = fn(&Value);

/// The check of a file's `format`.
fn check(format: &str) -> Option<Check> {
    Some(match format {
        "packets" => codecs::packets,
        "packet-streams" => codecs::packet_streams,
        "packet-refusals" => codecs::packet_refusals,
        "frames" => codecs::frames,
        "messages" => codecs::messages,
        "messages-tolerated" => codecs::messages_tolerated,
        "messages-malformed" => codecs::messages_malformed,
        "message-refusals" => codecs::message_refusals,
        "compression" => codecs::compression,
        "sniffing" => codecs::sniffing,
        "routes" => codecs::routes,
        "dictionaries" => codecs::dictionaries,
        "errors" => handshakes::errors,
        "errors-tolerated" => handshakes::errors_tolerated,
        "handshake-requests" => handshakes::requests,
        "handshake-responses" => handshakes::responses,
        "capabilities" => handshakes::capabilities,
        "close-codes" => handshakes::close_codes,
        "kicks" => handshakes::kicks,
        _ => return None,
    })
}

/// The JSON files of a folder by name; anything else in it is an error, so that no vector is overlooked.
fn files(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../conformance/vectors")
        .join(folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).expect("the vectors are in the repository") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            assert!(
                path.ends_with("transcripts"),
                "unknown folder {}",
                path.display()
            );
            continue;
        }
        assert!(
            path.extension().is_some_and(|end| end == "json"),
            "{} is no vector file",
            path.display()
        );
        let text = fs::read_to_string(&path).expect("a readable file");
        let value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        files.push((
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            value,
        ));
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    assert!(!files.is_empty());
    files
}

#[test]
fn every_case_holds() {
    let mut failed = Vec::new();
    for (name, file) in files("") {
        let format = file["format"].as_str().expect("a format");
        let check =
            check(format).unwrap_or_else(|| panic!("{name}: nothing reads the format {format:?}"));
        let cases = file["cases"].as_array().expect("cases");
        assert!(!cases.is_empty(), "{name} has no case");
        for case in cases {
            let case_name = case["name"].as_str().expect("a name");
            if std::panic::catch_unwind(|| check(case)).is_err() {
                failed.push(format!("{name}: {case_name}"));
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{} cases do not hold:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn every_transcript_holds() {
    let mut failed = Vec::new();
    for (name, file) in files("transcripts") {
        assert_eq!(file["format"], "transcript", "{name}");
        if std::panic::catch_unwind(|| sessions::play(&file)).is_err() {
            failed.push(name);
        }
    }
    assert!(
        failed.is_empty(),
        "{} transcripts do not hold:\n{}",
        failed.len(),
        failed.join("\n")
    );
}
