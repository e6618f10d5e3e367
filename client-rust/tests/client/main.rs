//! The client against servers that are scripted, one behaviour per file.

mod support;

mod backpressure;
mod batched_packets;
mod cancel;
mod close;
mod compressed_handshake;
mod connect_errors;
mod dictionary;
mod events;
mod garbage;
mod handshake_user;
mod http_headers;
mod kick;
mod late_response;
mod lost_heartbeat;
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
mod split_frames;
mod timeout;
mod tls_trust;
mod unsendable;
