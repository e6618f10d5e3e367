//! What a message costs and what a connection holds, next to bare tokio.
//!
//! The library is the reusable part of the `bench` program: it drives any server of the family by
//! address and reads the bill of any process by its id, so a foreign server is measured with the
//! same code as ours. From the outside in:
//!
//! * [`ServerProcess`] is a server in a process of its own, stopped when dropped;
//! * [`Target`] says where a server is and how it is spoken to, [`dial`] opens one connection;
//! * [`Fleet`] holds many connections, keeps a fixed number of requests in flight on each and
//!   counts verified answers against the server's processor time;
//! * [`Process`] reads processor time and resident memory of a process;
//! * [`echo`](mod@floor) servers are the floor that a server is compared with;
//! * [`median`], [`Goal`] and [`Verdict`] turn samples into a judgement.
//!
//! Linux only: the bill is read from `/proc`. Everything runs on the loopback interface.

mod dial;
pub use dial::{DialError, Dialect, Dialed, Stream, Target, Transport, dial};

mod exchange;
pub use exchange::{Exchange, MAX_DEPTH, Mismatch};

mod fleet;
pub use fleet::{Fleet, LoadError, Plan, Sample};

pub mod floor;

mod framing;
pub use framing::{Found, Framing, FramingError};

mod machine;
pub use machine::{OpenFilesError, Placement, open_files, pin};

mod process;
pub use process::Process;

mod server_process;
pub use server_process::{LISTENING, ServerProcess, StartError};

mod statistics;
pub use statistics::{Goal, Verdict, median, percentile};

mod trust;
pub use trust::{Trust, TrustError};
