//! A stand-in until the machine is there.
fn main() {}
