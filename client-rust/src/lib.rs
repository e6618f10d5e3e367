//! A Pitaya client for tokio.

mod endpoint;
mod transport;

pub use endpoint::{Endpoint, EndpointError, EndpointProblem, IntoEndpoints, Scheme};
pub use transport::{ConnectError, ConnectFailed, Pin, PinError, Tls, TlsError, TlsFailure};
