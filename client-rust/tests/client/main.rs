//! The client against servers that are scripted, one behaviour per file.

mod support;

mod backpressure;
mod cancel;
mod close;
mod connect_errors;
mod events;
mod handshake_user;
mod http_headers;
mod inflation_limit;
mod kick;
mod lost_calls;
mod notify;
mod offline_queue;
mod our_server;
mod pause;
mod push_lag;
mod reconnect;
mod refusal;
mod request;
mod round_trip;
mod serializers;
mod server_error;
mod timeout;
mod tls_trust;
mod unsendable;
