//! What holds for any value: formats read what they write, splits change nothing, and no bytes panic a decoder.

use std::{collections::BTreeMap, time::Duration};

#[cfg(all(feature = "compression", feature = "protobuf"))]
use pitaya_protocol::ErrorPayload;
use pitaya_protocol::{
    Close, Dictionary, Framer, Message, MessageKind, Route, RouteRef, Serializer, check_frame,
    handshake::{Agreement, ClientInfo, HandshakeRequest, HandshakeResponse, ServerInfo},
    packet,
};
use proptest::{collection::vec, option, prelude::*, sample::Index};
use serde_json::{Map, Value, json};

use crate::support::{
    End, at,
    strategies::{
        capabilities, close, dictionary, json_value, kind, packets, route, route_ref, wire_bytes,
    },
};

proptest! {
    #[test]
    fn packets_are_read_as_they_were_written(packets in packets(), splits in vec(any::<Index>(), 0..8)) {
        let mut bytes = Vec::new();
        for (kind, body) in &packets {
            packet::encode(*kind, body, &mut bytes).expect("small");
        }
        let mut splits: Vec<_> = splits.iter().map(|split| split.index(bytes.len() + 1)).collect();
        splits.extend([0, bytes.len()]);
        splits.sort_unstable();
        let mut framer = Framer::new(packet::MAX_BODY);
        let mut read = Vec::new();
        for pair in splits.windows(2) {
            framer.push(&bytes[pair[0]..pair[1]]);
            while let Some(packet) = framer.next_packet().expect("good packets") {
                read.push((packet.kind, packet.body.to_vec()));
            }
        }
        prop_assert_eq!(&read, &packets);
        prop_assert_eq!(framer.pending(), 0);
        if !packets.is_empty() {
            prop_assert_eq!(check_frame(&bytes, packet::MAX_BODY), Ok(packets.len()));
        }
    }

    #[test]
    fn messages_are_read_as_they_were_written(
        kind in kind(), id in any::<u64>(), route in route(), error in any::<bool>(), deflated in any::<bool>(), body in vec(any::<u8>(), 0..100),
    ) {
        // A kind without id or route writes none, so it reads as absent.
        let id = if matches!(kind, MessageKind::Request | MessageKind::Response) { id } else { 0 };
        let route = if kind == MessageKind::Response { RouteRef::Name("") } else { route_ref(&route) };
        let message = Message { kind, id, route, error, deflated, body: &body };
        let mut bytes = Vec::new();
        message.encode(&mut bytes).expect("short");
        prop_assert_eq!(Message::decode(&bytes), Ok(message));
        let mut packet = Vec::new();
        message.encode_packet(&mut packet).expect("short");
        let mut framer = Framer::new(packet::MAX_BODY);
        framer.push(&packet);
        prop_assert_eq!(framer.next_packet().expect("good").expect("whole").body, &bytes[..]);
    }

    #[test]
    fn a_message_that_is_read_can_be_written_and_read_again(bytes in vec(any::<u8>(), 0..40)) {
        if let Ok(message) = Message::decode(&bytes) {
            let mut written = Vec::new();
            message.encode(&mut written).expect("it came from the wire");
            prop_assert!(written.len() <= bytes.len());
            prop_assert_eq!(Message::decode(&written), Ok(message));
        }
    }

    #[test]
    fn handshake_requests_are_read_as_they_were_written(
        texts in [".*", ".*", ".*", ".*"], capabilities in capabilities(), protobuf in any::<bool>(), user in vec((".*", json_value()), 0..4),
    ) {
        let mut sys = ClientInfo::default();
        [sys.platform, sys.lib_version, sys.build_number, sys.version] = texts;
        sys.capabilities = capabilities;
        if protobuf {
            sys.serializers = vec![Serializer::Protobuf, Serializer::Json];
        }
        let request = HandshakeRequest::new(sys, user.into_iter().collect::<Map<_, _>>());
        prop_assert_eq!(HandshakeRequest::parse(&request.to_json(), 32).expect("our own"), request);
    }

    #[test]
    fn handshake_responses_are_read_as_they_were_written(
        code in prop_oneof![Just(200), any::<u16>()], seconds in 0..100_000_u64, entries in dictionary(), capabilities in capabilities(),
        close in option::of(close()),
    ) {
        let heartbeat = Some(Duration::from_secs(seconds)).filter(|interval| !interval.is_zero());
        let agreement = Agreement::new(heartbeat, Dictionary::new(entries.iter().map(|(route, code)| (route, *code))).expect("distinct"), capabilities);
        let response = HandshakeResponse::refuse(code, ServerInfo::new(&agreement, "json"), close.clone());
        let read = HandshakeResponse::parse(&response.to_json()).expect("our own");
        prop_assert_eq!((read.code, read.sys.heartbeat, read.sys.capabilities), (code, heartbeat, capabilities));
        prop_assert_eq!(&read.close, &close);
        let routes: BTreeMap<String, u16> = read.sys.dictionary.iter().map(|(route, code)| (route.to_owned(), code)).collect();
        prop_assert_eq!(routes, entries);
        prop_assert_eq!(read.agreement().is_ok(), code == 200);
    }

    #[test]
    fn closes_are_read_as_they_were_written(close in close()) {
        let mut body = Vec::new();
        close.write_json(&mut body);
        serde_json::from_slice::<Value>(&body).expect("JSON");
        prop_assert_eq!(Close::parse_kick(&body), close);
    }

    #[test]
    fn routes_are_their_parts(text in "[a-c. ]{0,12}") {
        if let Ok(route) = Route::parse(&text) {
            let parts: Vec<_> = route.server.into_iter().chain([route.service, route.method]).collect();
            prop_assert_eq!(&parts.join("."), &text);
            prop_assert!(parts.iter().all(|part| !part.trim().is_empty()));
        } else {
            let parts: Vec<_> = text.split('.').collect();
            prop_assert!(!(2..=3).contains(&parts.len()) || parts.iter().any(|part| part.trim().is_empty()));
        }
    }

    #[test]
    fn no_bytes_panic_a_decoder(bytes in vec(any::<u8>(), 0..200), limit in 0..1000_usize) {
        let _ = Message::decode(&bytes);
        let _ = check_frame(&bytes, limit);
        let _ = HandshakeRequest::parse(&bytes, 32);
        let _ = HandshakeResponse::parse(&bytes);
        let _ = Close::parse_kick(&bytes);
        let mut framer = Framer::new(limit);
        framer.push(&bytes);
        let mut taken = 0;
        while let Ok(Some(packet)) = framer.next_packet() {
            prop_assert!(packet.body.len() <= limit);
            taken += packet::HEADER_LEN + packet.body.len();
        }
        // A framer that waits for more holds less than one packet of the longest kind.
        if matches!(framer.next_packet(), Ok(None)) {
            prop_assert!(framer.pending() < packet::HEADER_LEN + limit.max(1));
        }
        prop_assert_eq!(framer.pending(), bytes.len() - taken);
    }

    #[test]
    fn no_json_panics_a_handshake(value in json_value(), sys in json_value()) {
        for body in [value.clone(), json!({ "sys": sys, "user": value }), json!({ "code": 200, "sys": { "dict": sys, "heartbeat": value } })] {
            let body = body.to_string();
            let _ = HandshakeRequest::parse(body.as_bytes(), 32);
            let _ = HandshakeResponse::parse(body.as_bytes());
            let _ = Close::parse_kick(body.as_bytes());
        }
    }

    #[test]
    fn any_split_gives_the_same_messages(bytes in wire_bytes(), splits in vec(any::<Index>(), 0..6)) {
        let mut whole = End::open_server(Agreement::default());
        whole.bytes(at(1), &bytes);
        let mut splits: Vec<_> = splits.iter().map(|split| split.index(bytes.len() + 1)).collect();
        splits.extend([0, bytes.len()]);
        splits.sort_unstable();
        let mut pieces = End::open_server(Agreement::default());
        for pair in splits.windows(2) {
            pieces.bytes(at(1), &bytes[pair[0]..pair[1]]);
        }
        prop_assert_eq!(pieces.events(), whole.events());
        prop_assert_eq!(pieces.sent_bytes(), whole.sent_bytes());
    }
}

#[cfg(all(feature = "compression", feature = "protobuf"))]
proptest! {
    #[test]
    fn errors_are_read_as_they_were_written(code in ".*", msg in ".*", metadata in proptest::collection::btree_map(".*", ".*", 0..4)) {
        let error = ErrorPayload { code, msg, metadata };
        for serializer in [Serializer::Json, Serializer::Protobuf] {
            let mut body = Vec::new();
            error.write(serializer, &mut body);
            prop_assert_eq!(&ErrorPayload::read(serializer, &body.into()).expect("our own"), &error);
        }
    }

    #[test]
    fn no_bytes_panic_an_error_or_a_stream(bytes in vec(any::<u8>(), 0..200), limit in 0..100_usize) {
        for serializer in [Serializer::Json, Serializer::Protobuf] {
            let _ = ErrorPayload::read(serializer, &bytes.clone().into());
        }
        for header in [&[][..], &[0x78, 0x9c], &[0x1f, 0x8b, 8]] {
            let stream = [header, &bytes].concat();
            if let Ok(plain) = pitaya_protocol::compression::inflate(&stream, limit) {
                prop_assert!(plain.len() <= limit);
            }
        }
    }

    #[test]
    fn bodies_are_inflated_as_they_were_deflated(body in vec(prop_oneof![Just(b'a'), Just(b'b'), any::<u8>()], 0..2000)) {
        let mut stream = Vec::new();
        if pitaya_protocol::compression::Deflater::default().deflate(&body, &mut stream) {
            prop_assert!(stream.len() < body.len());
            prop_assert_eq!(pitaya_protocol::compression::inflate(&stream, body.len()).expect("our own"), body);
        } else {
            prop_assert!(stream.is_empty());
        }
    }
}
