//! The web program with and without its game server, over real sockets.

mod http;
mod login_to_uid;
mod shutdown_drains;
mod support;
