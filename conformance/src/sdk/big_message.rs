//! The large nested message of the protobuf server: five characters by key, two lists of twelve texts, doubles.
//!
//! The values are those that the family's C client compares with, byte for byte; they mean nothing.

use std::collections::BTreeMap;

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct BigMessage {
    #[prost(string, tag = "1")]
    code: String,
    #[prost(message, optional, tag = "2")]
    response: Option<Content>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Content {
    #[prost(message, optional, tag = "1")]
    player: Option<Player>,
    #[prost(btree_map = "string, message", tag = "2")]
    npcs: BTreeMap<String, Npc>,
    #[prost(string, repeated, tag = "3")]
    chests: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Player {
    #[prost(string, tag = "1")]
    public_id: String,
    #[prost(string, tag = "2")]
    access_token: String,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, repeated, tag = "4")]
    items: Vec<String>,
    #[prost(double, tag = "5")]
    health: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Npc {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(double, tag = "2")]
    health: f64,
    #[prost(string, tag = "3")]
    public_id: String,
}

/// Key, name, health and public id.
const NPCS: [(&str, &str, f64, &str); 5] = [
    (
        "banana",
        "bzbzbbabababqbbwbebqwbebqwbdiasbciuwiqub",
        21.432,
        "o12e12d-120id-q0-012id0-k-0cc12 1-20d10-2kd-012ie01-i-0i12 -0id-0ic- 01k-0ie-0i12-0i-d0iasidaopjdwqijd-2",
    ),
    (
        "np20xaiwodj1",
        "ENEENENNEEMMMMMMMMMMMMMMY",
        72.01,
        "randonqwdmqwoqowjdoqwjdoqjwdoqqqwoj",
    ),
    (
        "npc201",
        "this is as annoying enemy",
        21.432,
        "wow, public id: 20123iq9w0e9012309812039ad",
    ),
    (
        "oqijwdoijdwoij[q12919120120991912191911111",
        "UQUQUUQ",
        312.001,
        "owiqdjoiqjwdoijwoqijdi112123333333333333333333333333312oij2190d1290",
    ),
    (
        "qiwjdoqijwd",
        "QUQUQUAOAOOQOQOQOQOOQOQOQOQOQMCMCMCM",
        99.990_01,
        "owijdoiqwjdoqwjdo-021192391231-102dii2-10-0i12d",
    ),
];

const CHESTS: [&str; 12] = [
    "chchche",
    "asbcasc",
    "oijdoijqwodijqwoeijqwioj",
    "ciqwojdoqiwjdiojchchche",
    "1023doi12jdoijdoqwijoi21j",
    "1jd210",
    "c",
    "-12id-10id0-id0-iew-0ic-0i",
    "$#RIOj1j#(joiJDIOJQIWOJD))",
    "dwq0jq-cqw0921jejclsnvwejflk   qwf we  we gw eg ",
    "ijqwoidjoqijc",
    "nvweoifjoweijfoiwje910e23fj",
];

const ITEMS: [&str; 12] = [
    "BigItem",
    "SmallItem",
    "InterestingWeirdItem",
    "Another",
    "One",
    "Stuff",
    "MoreStuff",
    "MoarStuff",
    "BigItem",
    "SmallItem",
    "InterestingWeirdItem",
    "Another",
];

pub(super) fn big_message() -> BigMessage {
    let npc = |(key, name, health, public_id): (&str, &str, f64, &str)| {
        (
            key.to_owned(),
            Npc {
                name: name.to_owned(),
                health,
                public_id: public_id.to_owned(),
            },
        )
    };
    BigMessage {
        code: "ABC-200".to_owned(),
        response: Some(Content {
            player: Some(Player {
                public_id: "qwid1ioj230as09d1908309asd12oij3lkjoaisjd21".to_owned(),
                access_token: "oqijwdioj29012i3jlkad012d9j".to_owned(),
                name: "Frederico Castanha".to_owned(),
                items: ITEMS.map(str::to_owned).into(),
                health: 87.5,
            }),
            npcs: NPCS.into_iter().map(npc).collect(),
            chests: CHESTS.map(str::to_owned).into(),
        }),
    }
}
