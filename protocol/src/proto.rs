//! What prost writes from `proto/*.proto`. What others may use of it is named by the modules it belongs to.

#![cfg_attr(
    not(feature = "cluster"),
    expect(unreachable_pub, reason = "generated, and nothing of it is public")
)]
#![cfg_attr(
    feature = "cluster",
    expect(
        clippy::exhaustive_enums,
        clippy::exhaustive_structs,
        clippy::must_use_candidate,
        reason = "generated; messages are written out where they are made"
    )
)]

include!(concat!(env!("OUT_DIR"), "/protos.rs"));
