//! The program in front of real servers, over real engines. `PITAYA_GO_PEERS` names the folder of the Go programs, which `cargo xtask interop` prints.

mod certificates;
mod ending;
mod go_backend;
mod operations;
mod rust_backend;
mod side_by_side;
mod support;
