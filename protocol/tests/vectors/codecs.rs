//! Packets, frames, messages, compression, routes and dictionaries.

use pitaya_protocol::{
    Dictionary, DictionaryError, EncodeError, Framer, Message, MessageError, PacketError, Route,
    check_frame,
    compression::{InflateError, inflate, is_compressed},
    packet::{self, MAX_BODY},
};
use serde_json::Value;

use crate::notation::{OwnedMessage, bytes, hex, packet_type};

fn limit(case: &Value) -> usize {
    case["limit"]
        .as_u64()
        .map_or(MAX_BODY, |limit| usize::try_from(limit).expect("a size"))
}

/// Takes everything out of `framer` and compares it with `packets` from `index` on.
fn drain(framer: &mut Framer, packets: &[Value], index: &mut usize) -> Result<(), PacketError> {
    while let Some(found) = framer.next_packet()? {
        let expected = packets
            .get(*index)
            .unwrap_or_else(|| panic!("packet {index} too many: {found:?}"));
        assert_eq!(found.kind, packet_type(expected));
        assert!(
            found.body == bytes(&expected["body"]),
            "body of packet {index}"
        );
        *index += 1;
    }
    Ok(())
}

fn packet_error(error: &PacketError) -> &'static str {
    match error {
        PacketError::UnknownType(_) => "unknown-type",
        PacketError::TooLarge { .. } => "too-large",
        PacketError::BadFrame { .. } => "bad-frame",
        PacketError::Truncated => "partial",
        other => panic!("{other} has no name in the vectors"),
    }
}

pub(crate) fn packets(case: &Value) {
    let expected = bytes(&case["bytes"]);
    let packets = case["packets"].as_array().expect("packets");
    let mut written = Vec::new();
    for value in packets {
        packet::encode(packet_type(value), &bytes(&value["body"]), &mut written).expect("it fits");
    }
    assert!(
        written == expected,
        "{}",
        hex(&written[..written.len().min(64)])
    );
    let mut framer = Framer::new(MAX_BODY);
    framer.push(&expected);
    let mut index = 0;
    drain(&mut framer, packets, &mut index).expect("no fault");
    assert_eq!((index, framer.pending()), (packets.len(), 0));
}

pub(crate) fn packet_streams(case: &Value) {
    let packets = case["packets"].as_array().expect("packets");
    let mut framer = Framer::new(limit(case));
    let (mut index, mut error) = (0, None);
    for chunk in case["chunks"].as_array().expect("chunks") {
        framer.push(&bytes(chunk));
        error = drain(&mut framer, packets, &mut index).err();
    }
    let then = match &error {
        Some(error) => packet_error(error),
        None if framer.pending() > 0 => "partial",
        None => "complete",
    };
    assert_eq!(
        (then, index),
        (case["then"].as_str().expect("a verdict"), packets.len())
    );
}

pub(crate) fn packet_refusals(case: &Value) {
    let length = case["body_length"].as_u64().expect("a length");
    let body = vec![0; usize::try_from(length).expect("a size")];
    let mut out = vec![7];
    packet::encode(packet_type(case), &body, &mut out).expect_err("it is refused");
    assert_eq!(out, [7], "nothing is written");
    assert_eq!(case["error"], "too-large");
}

pub(crate) fn frames(case: &Value) {
    let frame = bytes(&case["frame"]);
    let verdict = case["verdict"].as_str().expect("a verdict");
    match check_frame(&frame, limit(case)) {
        Err(error) => assert_eq!(packet_error(&error), verdict),
        Ok(count) => {
            let packets = case["packets"].as_array().expect("packets");
            assert_eq!((verdict, count), ("ok", packets.len()));
            let mut framer = Framer::new(MAX_BODY);
            framer.push(&frame);
            let mut index = 0;
            drain(&mut framer, packets, &mut index).expect("no fault");
            assert_eq!(index, packets.len());
        }
    }
}

pub(crate) fn messages(case: &Value) {
    let expected = bytes(&case["bytes"]);
    let owned = OwnedMessage::read(&case["message"]);
    let mut written = Vec::new();
    owned
        .message()
        .encode(&mut written)
        .expect("it can be written");
    assert_eq!(hex(&written), hex(&expected));
    messages_tolerated(case);
}

pub(crate) fn messages_tolerated(case: &Value) {
    let owned = OwnedMessage::read(&case["message"]);
    assert_eq!(Message::decode(&bytes(&case["bytes"])), Ok(owned.message()));
}

pub(crate) fn messages_malformed(case: &Value) {
    let error = match Message::decode(&bytes(&case["bytes"])).expect_err("no message") {
        MessageError::Truncated(_) => "truncated",
        MessageError::UnknownKind(_) => "unknown-kind",
        MessageError::BadId => "bad-id",
        MessageError::RouteNotUtf8 => "route-not-utf8",
        other => panic!("{other} needs more than the bytes"),
    };
    assert_eq!(case["error"], error);
}

pub(crate) fn message_refusals(case: &Value) {
    let owned = OwnedMessage::read(&case["message"]);
    let mut out = vec![7];
    let error = owned
        .message()
        .encode_packet(&mut out)
        .expect_err("it is refused");
    assert!(matches!(error, EncodeError::RouteTooLong(_)), "{error}");
    assert_eq!(case["error"], "route-too-long");
    assert_eq!(out, [7], "nothing is written");
}

pub(crate) fn compression(case: &Value) {
    let stream = bytes(&case["bytes"]);
    assert_eq!(case["sniffed"], is_compressed(&stream));
    let limit = case["limit"]
        .as_u64()
        .map_or(1 << 20, |limit| usize::try_from(limit).expect("a size"));
    let verdict = match inflate(&stream, limit) {
        Ok(plain) => {
            assert!(plain == bytes(&case["inflated"]), "{}", hex(&plain));
            "ok"
        }
        Err(InflateError::TooLarge { .. }) => "too-large",
        Err(_) => "corrupt",
    };
    assert_eq!(case["verdict"], verdict);
}

pub(crate) fn sniffing(case: &Value) {
    assert_eq!(case["compressed"], is_compressed(&bytes(&case["bytes"])));
}

pub(crate) fn routes(case: &Value) {
    let text = case["route"].as_str().expect("a route");
    match Route::parse(text) {
        Ok(route) => {
            assert_eq!(case["verdict"], "ok");
            assert_eq!(route.server, case["server"].as_str());
            assert_eq!(Some(route.service), case["service"].as_str());
            assert_eq!(Some(route.method), case["method"].as_str());
        }
        Err(error) => assert_eq!(case["verdict"], "error", "{error}"),
    }
}

pub(crate) fn dictionaries(case: &Value) {
    let entries = case["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            let code = entry[1].as_u64().expect("a code");
            (
                entry[0].as_str().expect("a route"),
                u16::try_from(code).expect("16 bits"),
            )
        });
    let verdict = match Dictionary::new(entries) {
        Ok(dictionary) => {
            for (route, code) in case["codes"].as_object().expect("codes") {
                assert_eq!(
                    dictionary.code(route).map(u64::from),
                    code.as_u64(),
                    "{route}"
                );
            }
            for (code, route) in case["routes"].as_object().expect("routes") {
                assert_eq!(
                    dictionary.route(code.parse().expect("a code")),
                    route.as_str(),
                    "{code}"
                );
            }
            "ok"
        }
        Err(DictionaryError::DuplicateRoute(_)) => "duplicate-route",
        Err(DictionaryError::DuplicateCode { .. }) => "duplicate-code",
        Err(DictionaryError::BadRoute(_)) => "bad-route",
        Err(other) => panic!("{other} has no name in the vectors"),
    };
    assert_eq!(case["verdict"], verdict);
}
