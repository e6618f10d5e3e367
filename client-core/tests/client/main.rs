//! The client machine against the protocol's server side, under virtual time: one file per behaviour.

mod cancel;
mod close_advice;
mod ending;
mod first_connect;
mod id_wrap;
mod in_flight_limit;
mod late_response;
mod liveness;
mod network_change;
mod offline_queue;
mod pause;
mod properties;
mod push;
mod reconnect;
mod request;
mod round_trip;
mod sent;
mod splitting;
mod support;
mod timeout;
