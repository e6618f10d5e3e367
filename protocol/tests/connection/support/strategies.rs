//! Values for property tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use pitaya_protocol::{Capabilities, Close, CloseCode, MessageKind, PacketType, RouteRef, packet};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
};
use serde_json::Value;

pub(crate) fn packet_type() -> impl Strategy<Value = PacketType> {
    (1..=5_u8).prop_map(|number| PacketType::from_number(number).expect("1 to 5"))
}

pub(crate) fn packets() -> impl Strategy<Value = Vec<(PacketType, Vec<u8>)>> {
    vec((packet_type(), vec(any::<u8>(), 0..300)), 0..10)
}

pub(crate) fn kind() -> impl Strategy<Value = MessageKind> {
    prop_oneof![
        Just(MessageKind::Request),
        Just(MessageKind::Notify),
        Just(MessageKind::Response),
        Just(MessageKind::Push)
    ]
}

/// A route's text of up to 255 bytes, or its code.
pub(crate) fn route() -> impl Strategy<Value = Result<String, u16>> {
    prop_oneof!["[a-z.é]{0,120}".prop_map(Ok), any::<u16>().prop_map(Err)]
}

pub(crate) fn route_ref(route: &Result<String, u16>) -> RouteRef<'_> {
    match route {
        Ok(name) => RouteRef::Name(name),
        Err(code) => RouteRef::Code(*code),
    }
}

/// JSON that nests up to eight levels.
pub(crate) fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(8, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Value::from),
            vec((".*", inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

pub(crate) fn capabilities() -> impl Strategy<Value = Capabilities> {
    vec(
        prop_oneof![
            "close-reason",
            "push-dict",
            "many-per-frame",
            "heartbeat-echo",
            ".*"
        ],
        0..5,
    )
    .prop_map(Capabilities::from_names)
}

/// Distinct routes with distinct codes.
pub(crate) fn dictionary() -> impl Strategy<Value = BTreeMap<String, u16>> {
    btree_map("[a-z]{1,9}\\.[a-z]{1,9}", any::<u16>(), 0..8).prop_map(|mut entries| {
        let mut codes = BTreeSet::new();
        entries.retain(|_, code| codes.insert(*code));
        entries
    })
}

pub(crate) fn close() -> impl Strategy<Value = Close> {
    (
        any::<u16>(),
        ".*",
        option::of(0..1_000_000_u64),
        option::of(".*"),
    )
        .prop_map(|(code, reason, retry, endpoint)| {
            Close::from_parts(
                CloseCode::from_number(code),
                Some(reason.into()),
                retry.map(|millis| Duration::from_millis(millis).into()),
                endpoint.map(Into::into),
            )
        })
}

/// Bytes that get further than chance would: random ones, and packets around what may be messages.
pub(crate) fn wire_bytes() -> impl Strategy<Value = Vec<u8>> {
    let message = (0..64_u8, vec(any::<u8>(), 0..12))
        .prop_map(|(flags, rest)| [&[flags], &rest[..]].concat());
    let body = prop_oneof![
        Just(Vec::new()),
        Just(b"{}".to_vec()),
        message,
        vec(any::<u8>(), 0..40)
    ];
    let packet = (packet_type(), body).prop_map(|(kind, body)| {
        let mut bytes = Vec::new();
        packet::encode(kind, &body, &mut bytes).expect("small");
        bytes
    });
    let piece = prop_oneof![8 => packet, 1 => vec(any::<u8>(), 0..20)];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}
