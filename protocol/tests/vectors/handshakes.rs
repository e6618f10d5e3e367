//! Handshakes, capabilities, closes and error payloads.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use pitaya_protocol::{
    Capabilities, Close, CloseCode, Dictionary, ErrorPayload, Serializer,
    compression::{inflate, is_compressed},
    handshake::{Agreement, ClientInfo, HandshakeRequest, HandshakeResponse, ServerInfo},
};
use serde_json::{Map, Value};

use crate::notation::{bytes, close, names, object};

/// The depth that the vectors are made for.
const MAX_DEPTH: usize = 32;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn requests(case: &Value) {
    let body = bytes(&case["body"]);
    let parsed = HandshakeRequest::parse(&body, MAX_DEPTH);
    if case["verdict"] == "error" {
        parsed.expect_err("it is refused");
        return;
    }
    let value = &case["value"];
    let mut sys = ClientInfo::default();
    sys.platform = text(&value["platform"]);
    sys.lib_version = text(&value["lib_version"]);
    sys.build_number = text(&value["build_number"]);
    sys.version = text(&value["version"]);
    sys.serializers = names(&value["serializers"])
        .into_iter()
        .filter_map(Serializer::from_name)
        .collect();
    sys.capabilities = Capabilities::from_names(names(&value["capabilities"]));
    let user: Map<String, Value> = object(&value["user"])
        .as_object()
        .expect("an object")
        .clone();
    let expected = HandshakeRequest::new(sys, user);
    assert_eq!(parsed.expect("it is taken"), expected);
    let written = expected.to_json();
    if case["written"] == true {
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(&body)
        );
    }
    assert_eq!(
        HandshakeRequest::parse(&written, MAX_DEPTH).expect("our own"),
        expected
    );
}

pub(crate) fn responses(case: &Value) {
    let mut body = bytes(&case["body"]);
    assert_eq!(case["compressed"], is_compressed(&body));
    if is_compressed(&body) {
        body = inflate(&body, 1 << 16).expect("a whole stream");
    }
    let parsed = HandshakeResponse::parse(&body);
    if case["verdict"] == "error" {
        parsed.expect_err("it is refused");
        return;
    }
    let parsed = parsed.expect("it is taken");
    let value = &case["value"];
    let dictionary: BTreeMap<&str, u64> = parsed
        .sys
        .dictionary
        .iter()
        .map(|(route, code)| (route, code.into()))
        .collect();
    let heartbeat = value["heartbeat_ms"]
        .as_u64()
        .filter(|millis| *millis > 0)
        .map(Duration::from_millis);
    let capabilities = Capabilities::from_names(names(&value["capabilities"]));
    let refusal = value["close"].is_object().then(|| close(&value["close"]));
    assert_eq!(
        u64::from(parsed.code),
        value["code"].as_u64().expect("a code")
    );
    assert_eq!(parsed.sys.heartbeat, heartbeat);
    assert_eq!(parsed.sys.serializer, text(&value["serializer"]));
    assert_eq!(parsed.sys.capabilities, capabilities);
    assert_eq!(
        serde_json::to_value(dictionary).expect("JSON"),
        value["dictionary"]
    );
    assert_eq!(parsed.close, refusal);
    assert_eq!(parsed.agreement().is_ok(), parsed.code == 200);
    if case["written"] == true {
        let codes = value["dictionary"].as_object().expect("an object");
        let codes = codes.iter().map(|(route, code)| {
            (
                route,
                u16::try_from(code.as_u64().expect("a code")).expect("16 bits"),
            )
        });
        let agreement = Agreement::new(
            heartbeat,
            Dictionary::new(codes).expect("a dictionary"),
            capabilities,
        );
        let info = ServerInfo::new(&agreement, &text(&value["serializer"]));
        let response = match parsed.code {
            200 => HandshakeResponse::accept(info),
            code => HandshakeResponse::refuse(code, info, refusal),
        };
        assert_eq!(
            String::from_utf8_lossy(&response.to_json()),
            String::from_utf8_lossy(&body)
        );
    }
}

pub(crate) fn capabilities(case: &Value) {
    let granted = Capabilities::from_names(names(&case["offered"])) & Capabilities::ALL;
    assert_eq!(granted.names().collect::<Vec<_>>(), names(&case["granted"]));
}

pub(crate) fn close_codes(case: &Value) {
    let number = u16::try_from(case["number"].as_u64().expect("a number")).expect("16 bits");
    let code = CloseCode::from_number(number);
    assert_eq!(code.number(), number);
    assert_eq!(case["named"], CloseCode::NAMED.contains(&code));
    assert_eq!(case["reconnect"], code.reconnect());
    assert_eq!(case["kick"], code.is_kick());
    if case["named"] == true {
        let name = format!("{code:?}").to_lowercase().replace('_', "-");
        assert_eq!(case["name"], name);
        assert!(CloseCode::NAMED.contains(&code));
    }
}

pub(crate) fn kicks(case: &Value) {
    let body = bytes(&case["body"]);
    let expected = close(case);
    assert_eq!(Close::parse_kick(&body), expected);
    let mut written = Vec::new();
    expected.write_json(&mut written);
    if case["written"] == true {
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(&body)
        );
    }
    assert_eq!(Close::parse_kick(&written), expected);
}

fn payload(value: &Value) -> ErrorPayload {
    let mut payload = ErrorPayload::new(text(&value["code"]), text(&value["msg"]));
    for (key, detail) in object(&value["metadata"]).as_object().expect("an object") {
        payload.metadata.insert(key.clone(), text(detail));
    }
    payload
}

pub(crate) fn errors(case: &Value) {
    let expected = payload(&case["value"]);
    for serializer in [Serializer::Json, Serializer::Protobuf] {
        let body = bytes(&case[serializer.name()]);
        let mut written = Vec::new();
        expected.write(serializer, &mut written);
        assert_eq!(
            String::from_utf8_lossy(&written),
            String::from_utf8_lossy(&body)
        );
        assert_eq!(
            ErrorPayload::read(serializer, &Bytes::from(body)).expect("it is read"),
            expected
        );
    }
}

pub(crate) fn errors_tolerated(case: &Value) {
    let serializer =
        Serializer::from_name(case["serializer"].as_str().expect("a name")).expect("a serializer");
    let read = ErrorPayload::read(serializer, &Bytes::from(bytes(&case["body"])));
    if case["verdict"] == "error" {
        read.expect_err("it is refused");
    } else {
        assert_eq!(read.expect("it is taken"), payload(&case["value"]));
    }
}
