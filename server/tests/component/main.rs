//! What `#[component]` accepts.
#![allow(
    dead_code,
    reason = "what counts is that it compiles, and what it becomes"
)]

mod every_shape;
mod other_serializers;
