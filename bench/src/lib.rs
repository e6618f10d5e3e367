//! What a message costs and what a connection holds, next to bare servers and to others of the family.
//!
//! The library is the reusable part of the `bench` program: it drives any server of the family by
//! address and reads the bill of any process by its id, so a foreign server is measured with the
//! same code as ours. From the outside in:
//!
//! * [`ServerProcess`] is a server in a process of its own, stopped when dropped;
//! * [`Target`] says where a server is and how it is spoken to, [`dial()`] opens one connection;
//! * [`Exchange`] is what is sent and what is due to it;
//! * [`Fleet`] holds many connections, works by a [`Plan`] and counts verified messages against the
//!   server's processor time; [`visit`] does so with handshakes, [`replay()`] with what [`record`] kept;
//! * [`Process`] reads processor time and resident memory of a process;
//! * [`floor`] and [`raw_floor`] are the bare servers that others are compared with;
//! * [`median`], [`Goal`] and [`Verdict`] turn samples into a judgement.
//!
//! Linux only: the bill is read from `/proc`. Everything runs on the loopback interface.

mod arrivals;
pub use arrivals::visit;

mod connection;

mod dial;
pub use dial::{DialError, Dialed, dial};

mod exchange;
pub use exchange::{Exchange, Incoming, MAX_DEPTH, Mismatch};

mod fleet;
pub use fleet::{Fleet, Plan, Work};

pub mod floor;

mod framing;
pub use framing::{Found, Framing, FramingError};

mod load_error;
pub use load_error::LoadError;

mod machine;
pub use machine::{OpenFilesError, Placement, open_files, pin};

mod meter;
pub use meter::Sample;

mod process;
pub use process::Process;

pub mod raw_floor;

mod recording;
pub use recording::{Recorded, RecordingError, read as read_recording, record};

mod replay;
pub use replay::{Replay, Replayed, replay};

mod server_process;
pub use server_process::{LISTENING, ServerProcess, StartError};

mod statistics;
pub use statistics::{Goal, Verdict, median};

mod stream;
pub use stream::Stream;

mod target;
pub use target::{Dialect, Target, Transport};

mod trust;
pub use trust::{Trust, TrustError};
