//! stub
use super::peers::Peers;
use super::{CallError, Members};
use crate::session::Session;
use pitaya_protocol::{SerializerSet, cluster::Member};
use std::sync::Arc;
pub enum For {
    Message,
    Remote,
}
pub struct Routed<'a, S: SerializerSet> {
    pub session: Option<&'a Session<S>>,
    pub route: &'a str,
    pub server_type: &'a str,
    pub body: &'a [u8],
}
impl<'a, S: SerializerSet> Routed<'a, S> {
    pub(crate) fn remote(route: &'a str, server_type: &'a str, body: &'a [u8]) -> Self {
        Self {
            session: None,
            route,
            server_type,
            body,
        }
    }
    pub(crate) fn message(
        session: &'a Session<S>,
        route: &'a str,
        server_type: &'a str,
        body: &'a [u8],
    ) -> Self {
        Self {
            session: Some(session),
            route,
            server_type,
            body,
        }
    }
}
pub(crate) struct Routes<S>(std::marker::PhantomData<fn(S)>);
impl<S> Default for Routes<S> {
    fn default() -> Self {
        Self(std::marker::PhantomData)
    }
}
impl<S: SerializerSet> Routes<S> {
    pub(crate) fn choose(
        &self,
        _kind: For,
        routed: &Routed<'_, S>,
        members: &Members,
        peers: &Peers,
    ) -> Result<Arc<Member>, CallError> {
        let list: Vec<_> = members
            .of_type(routed.server_type)
            .iter()
            .filter(|m| !peers.out(&m.id))
            .collect();
        if list.is_empty() {
            return Err(CallError::NoServer {
                server_type: routed.server_type.into(),
            });
        }
        Ok(list[fastrand::usize(..list.len())].clone())
    }
}
