//! What the servers of a cluster send each other (wire 13-21): protobuf messages, the context that travels with a request, the
//! description of a server in discovery, and the names of subjects and keys.
//!
//! Everything is as Go Pitaya writes it. Fields from 1001 up are additions of this suite, which others skip.

mod duration;
mod member;
mod metadata;
mod names;
mod sessions;

pub use self::duration::{DurationError, format_duration, parse_duration};
pub use self::member::{Member, MemberError, keys};
pub use self::metadata::{Metadata, MetadataError};
pub use self::names::{
    NameError, binding_key, bindings_subject, group_key, group_member_key, group_members_prefix,
    member_key, members_prefix, server_subject, user_kick_subject, user_push_subject,
};
pub use self::sessions::{read_data, serializer_number, serializer_of};
pub use crate::proto::{
    BindMsg, Body, CloseSession, Error, KickAnswer, KickMsg, Msg, MsgType, Push, PushMany, Request,
    Response, RpcType, Session, Watched,
};

/// The remote methods that every server has (wire 18), and those that servers of this suite add.
pub mod remotes {
    /// Binds the session of a frontend: takes a `Session` with `id` and `uid`.
    pub const BIND: &str = "sys.bindsession";
    /// Sets a session's data: takes a `Session` with `id` and `data`.
    pub const SET_DATA: &str = "sys.pushsession";
    /// Kicks the user's session: takes a `KickMsg`.
    pub const KICK: &str = "sys.kick";
    /// Pushes to many sessions of a frontend: takes a `PushMany`. Between servers of this suite.
    pub const PUSH_MANY: &str = "sys.pushmany";
    /// A frontend tells of a session that was bound or has ended: takes a `Watched`. Between servers of this suite.
    pub const WATCHED: &str = "sys.watched";
    /// Ends a session of a frontend with a close code: takes a `CloseSession`. Between servers of this suite.
    pub const CLOSE: &str = "sys.close";
}
